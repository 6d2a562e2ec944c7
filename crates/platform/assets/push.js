// @ts-check
// Subscribes this browser to push messages. Without script, or where the browser knows none, the button stays hidden.

const button = /** @type {HTMLButtonElement | null} */ (document.querySelector("#push-on"));
const state = document.querySelector("#push-state");

/** @param {string} text */
function bytes(text) {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

/** @param {string | undefined} text */
function say(text) {
  if (state) state.textContent = text ?? "";
}

/** @param {string} key */
async function subscribe(key) {
  const registration = await navigator.serviceWorker.register("/notices/push/worker.js", { scope: "/notices/push/" });
  const known = await registration.pushManager.getSubscription();
  const same = known && key === encoded(known.options.applicationServerKey);
  if (known && !same) await known.unsubscribe();
  const now = same ? known : await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const answer = await fetch("/notices/push", {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(now),
  });
  if (!answer.ok) throw new Error((await answer.json()).title);
}

/** @param {ArrayBuffer | null} key */
function encoded(key) {
  if (!key) return "";
  return btoa(String.fromCharCode(...new Uint8Array(key))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

if (button && "serviceWorker" in navigator && "PushManager" in window) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    say("");
    try {
      if ((await Notification.requestPermission()) !== "granted") {
        say(button.dataset.denied);
      } else {
        await subscribe(button.dataset.key ?? "");
        location.reload();
      }
    } catch (error) {
      say(`${button.dataset.failed ?? ""} ${error instanceof Error ? error.message : ""}`);
    }
    button.disabled = false;
  });
}
