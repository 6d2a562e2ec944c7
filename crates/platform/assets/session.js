// Tells the frame of a relying party whether the session is still the one that its answer spoke of (OpenID Connect Session Management 1.0, section 3.2).
// @ts-check

/** What this browser keeps of the session; empty where nobody is signed in. */
function mark() {
  const found = document.cookie.split("; ").find((pair) => /^(__Host-)?vneid-state=/.test(pair));
  return found ? found.slice(found.indexOf("=") + 1) : "";
}

/** @param {string} text */
async function digest(text) {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

window.addEventListener("message", async (event) => {
  const asker = /** @type {Window | null} */ (event.source);
  if (!asker) return;
  const [client, state, ...more] = typeof event.data === "string" ? event.data.split(" ") : [];
  const [, salt] = state ? state.split(".") : [];
  if (!client || !salt || more.length > 0) {
    asker.postMessage("error", event.origin);
    return;
  }
  const now = await digest(`${client} ${event.origin} ${mark()} ${salt}`);
  asker.postMessage(`${now}.${salt}` === state ? "unchanged" : "changed", event.origin);
});
