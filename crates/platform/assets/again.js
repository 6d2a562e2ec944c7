// Looks at a page that waits again after a while, or goes on to where it leads: <meta name="again" content="5"> or <meta name="onward" content="ADDRESS">.
// Not while somebody writes or reads on with the keyboard.
// @ts-check

/** @param {string} name */
function wish(name) {
  return document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";
}

const seconds = Number(wish("again"));
if (seconds > 0) {
  setInterval(() => {
    if (!document.activeElement || document.activeElement === document.body) location.reload();
  }, seconds * 1000);
}

const onward = wish("onward");
if (onward !== "") setTimeout(() => location.assign(onward), 2000);
