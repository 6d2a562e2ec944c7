// @ts-check
// Proves this device. A form with data-device gets a proof of the device's key over data-proof into its field `proof`: when it is sent
// ("if-there", without a key it is sent as it is), at once ("at-once"), or with a key made now ("make").
// On every page of a session that is bound to the device, the proof is renewed before it is old.

import { publicJwk, read, signJwt } from "./device.js";

/** How often a proof is renewed, in milliseconds: well before the server finds it old. */
const EVERY = 4 * 60 * 1000;

/** @param {string} challenge */
const proof = async (challenge) =>
  signJwt({ typ: "vneid-device+jwt", jwk: await publicJwk() }, { challenge, aud: location.origin });

const hasKey = async () => Boolean(await read("keys", "device").catch(() => undefined));

/** Puts the proof into a form; false if there is no key and none is to be made. @param {HTMLFormElement} form */
export async function fill(form) {
  const field = form.elements.namedItem("proof");
  const make = form.dataset.device === "make";
  if (!(field instanceof HTMLInputElement) || (!make && !(await hasKey()))) return false;
  field.value = await proof(form.dataset.proof ?? "");
  return true;
}

for (const form of document.querySelectorAll("form[data-device]")) {
  if (!(form instanceof HTMLFormElement)) continue;
  if (form.dataset.device === "at-once") {
    if (await fill(form)) form.submit();
    else document.getElementById("not-this-device")?.removeAttribute("hidden");
    continue;
  }
  form.hidden = false;
  if (form.dataset.passkey) continue;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await fill(form).catch(() => false);
    form.submit();
  });
}

/** @param {string} to @param {object} body */
const post = (to, body) =>
  fetch(to, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(body),
  });

async function renew() {
  const last = Number(sessionStorage.getItem("proven") ?? "0");
  if (Date.now() - last < EVERY || !(await hasKey())) return;
  const drawn = await (await post("/signin/device/challenge", {})).json();
  const answer = await post("/signin/device", { proof: await proof(drawn.challenge) });
  if (answer.ok) sessionStorage.setItem("proven", String(Date.now()));
}

if (document.documentElement.dataset.device === "here") {
  await renew().catch(() => undefined);
  setInterval(() => renew().catch(() => undefined), EVERY / 4);
}
