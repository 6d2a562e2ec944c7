// @ts-check
// Makes and proves passkeys. A form with data-passkey="make" or "prove" first sends its fields to data-challenge, then lets the
// authenticator answer, then sends that answer to its action, and goes where it is told.
// Without this script, or where the browser knows no passkeys, the form stays hidden.

import { fill } from "./proof.js";

/** @param {string} text @returns {ArrayBuffer} */
function bytes(text) {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0)).buffer;
}

/** @param {ArrayBuffer | null | undefined} buffer */
function text(buffer) {
  if (!buffer) return undefined;
  const raw = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(raw).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {any} options */
function opened(options) {
  const list = (/** @type {any[] | undefined} */ entries) =>
    (entries ?? []).map((entry) => ({ ...entry, id: bytes(entry.id) }));
  const made = { ...options, challenge: bytes(options.challenge) };
  if (options.user) made.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) made.excludeCredentials = list(options.excludeCredentials);
  if (options.allowCredentials) made.allowCredentials = list(options.allowCredentials);
  return made;
}

/** @param {any} credential */
function told(credential) {
  const { response } = credential;
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: text(response.userHandle),
    },
  };
}

/** @param {string} to @param {object} body */
async function send(to, body) {
  const answer = await fetch(to, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error([said.title, ...(said.errors ?? []).map((/** @type {any} */ e) => e.detail), said.detail].filter(Boolean).join(". "));
  return said;
}

/** @param {HTMLFormElement} form */
async function run(form) {
  if (form.dataset.device) await fill(form).catch(() => false);
  const fields = Object.fromEntries(new FormData(form));
  const { options, ceremony } = await send(form.dataset.challenge ?? "", fields);
  const publicKey = opened(options);
  const credential = form.dataset.passkey === "make"
    ? await navigator.credentials.create({ publicKey })
    : await navigator.credentials.get({ publicKey });
  if (!credential) throw new DOMException("", "NotAllowedError");
  const { next } = await send(form.action, { ...fields, ceremony, credential: told(credential) });
  location.assign(next);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!(form instanceof HTMLFormElement) || !window.PublicKeyCredential) continue;
  form.hidden = false;
  const state = document.createElement("p");
  state.className = "fault";
  state.setAttribute("role", "alert");
  form.append(state);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    state.textContent = "";
    const button = form.querySelector("button");
    if (button) button.disabled = true;
    try {
      await run(form);
    } catch (error) {
      const silent = error instanceof DOMException;
      state.textContent = silent ? form.dataset.refused ?? "" : String(error instanceof Error ? error.message : error);
    }
    if (button) button.disabled = false;
  });
}
