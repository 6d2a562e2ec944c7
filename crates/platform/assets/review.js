// Keys for officers: one letter does what a button shows. Nothing is decided by a key alone but the sending of the form.

/** Whether somebody is typing into a field. @param {KeyboardEvent} event */
const isTyping = (event) => event.target instanceof Element && event.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");

/** @param {string} selector */
const press = (selector) => {
  const found = document.querySelector(selector);
  if (found instanceof HTMLElement) found.click();
  return found !== null;
};

/** @type {Record<string, string>} */
const BUTTONS = { c: "#claim", a: "#approve", m: "#ask-more", r: "#refuse", u: "#release", n: "#take-next" };

/** The rows of the queue. */
const rows = () => [...document.querySelectorAll("#queue tbody tr")];

/** Moves to the next row, or the one before. @param {number} step */
const move = (step) => {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const link = all[Math.min(Math.max(at + step, 0), all.length - 1)]?.querySelector("a");
  link?.focus();
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.ctrlKey) {
    const form = document.querySelector("#decision-form");
    if (form instanceof HTMLFormElement) form.requestSubmit();
    return;
  }
  if (isTyping(event) || event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.toLowerCase();
  const reason = /^[1-9]$/.test(key) ? document.querySelectorAll("#reasons input")[Number(key) - 1] : null;
  if (reason instanceof HTMLElement) reason.click();
  else if (key === "j") move(1);
  else if (key === "k") move(-1);
  else if (key === "x") rows().find((row) => row.contains(document.activeElement))?.querySelector("input")?.click();
  else if (!(key in BUTTONS) || !press(BUTTONS[key])) return;
  event.preventDefault();
});
