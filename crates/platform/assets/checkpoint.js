// @ts-check
// A checkpoint's page: a slip from the camera, a picture, a text, or behind the # of the address, judged on this device from the trust list that it keeps.

import { read } from "./device.js";
import { brought, isEmpty, watch } from "./inspection/camera.js";
import { renew } from "./inspection/kit.js";
import { seconds } from "./time.js";
import { parseJws } from "./verifier/keys.js";
import { Trust } from "./verifier/trust.js";
import { SKEW } from "./verifier/verify.js";

const DECLARATION = "urn:vneid:declaration:1";
const MAX_TEXT = 2900;

/** @template {HTMLElement} T @param {string} id @returns {T} */
const by = (id) => /** @type {T} */ (document.getElementById(id));
const word = (/** @type {string} */ id) => document.querySelector(`#words [data-word="${id}"]`)?.textContent ?? "";
const box = by("verdict");
const state = by("camera-state");
const moment = (/** @type {number} */ at) => new Date(at * 1000).toLocaleString(document.documentElement.lang === "en" ? "en-GB" : "vi-VN", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", day: "2-digit", month: "2-digit", year: "numeric" });
const day = (/** @type {string} */ date) => date.split("-").reverse().join("/");

/** Whom this device believes, if it keeps a list that is in time. @returns {Promise<Trust | undefined>} */
async function kept() {
  const kit = await read("kit", "kit");
  const trust = kit && (await Trust.read(kit.trust_list, kit.pinned, 0, seconds(), SKEW));
  return trust instanceof Trust ? trust : undefined;
}

/** @typedef {{ outcome: "accept" | "caution" | "reject", reason?: string, slip?: any }} Verdict */

/** @param {string} text @param {Trust} trust @param {number} at seconds @returns {Promise<Verdict>} */
async function verdict(text, trust, at) {
  const jws = parseJws(text, MAX_TEXT);
  if (!jws || jws.header.typ !== "vneid-declaration+jwt" || typeof jws.header.kid !== "string") return { outcome: "reject", reason: "unknown" };
  const issuer = await trust.signerOf({ kid: jws.header.kid }, DECLARATION, at);
  if (typeof issuer === "string" || !(await jws.verify(issuer.key))) return { outcome: "reject", reason: "forged" };
  const slip = jws.claims;
  if (!(slip.exp > at)) return { outcome: "reject", reason: "expired" };
  if (!(slip.iat <= at + SKEW)) return { outcome: "reject", reason: "future" };
  return { outcome: slip.result === "attention" ? "caution" : "accept", slip };
}

/** @param {string} tag @param {string} text @param {string} [kind] */
function element(tag, text, kind) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}

/** @param {Verdict} told */
function tell({ outcome, reason, slip }) {
  const sign = element("p", "", "sign");
  sign.setAttribute("aria-hidden", "true");
  box.replaceChildren(sign, element("h2", word(outcome)));
  if (reason) box.append(element("p", word(`reason-${reason}`), "reason"));
  if (slip) {
    const list = element("dl", "", "facts");
    const fact = (/** @type {string} */ name, /** @type {string} */ value) => {
      const told = element("dd", value);
      told.id = `slip-${name}`;
      list.append(element("dt", word(name)), told);
    };
    fact("name", slip.name);
    fact("birth", day(slip.birth));
    fact("number-end", `…${slip.number}`);
    if (slip.way) {
      fact("from", slip.way.from);
      fact("to", slip.way.to);
      fact("on", day(slip.way.on));
      fact("people", String(slip.way.people));
    }
    fact("valid-until", moment(slip.exp));
    const part = element("div", "", "holder");
    part.append(list);
    box.append(element("p", word(`result-${slip.result}`), "means"), part, element("p", word("compare")));
  }
  box.append(element("p", word("by-itself"), "muted small"));
  box.className = `verdict ${outcome}`;
  box.dataset.outcome = outcome;
  box.hidden = false;
  box.focus();
}

/** Judges what a code holds; false if this device cannot. @param {string} code */
async function judge(code) {
  const trust = await kept();
  if (!trust) return false;
  tell(await verdict(code.slice(code.lastIndexOf("#") + 1).trim(), trust, seconds()));
  return true;
}

async function refresh() {
  if (navigator.onLine) await renew().catch(() => undefined);
  const trust = await kept();
  by("kit").textContent = trust ? `${word("kit")} ${moment(trust.issuedAt)}` : word("no-kit");
  document.documentElement.dataset.kit = trust ? "kept" : "missing";
}

const form = /** @type {HTMLFormElement} */ (by("judge-form"));
form.addEventListener("submit", async (event) => {
  if (isEmpty()) return;
  event.preventDefault();
  const code = await brought();
  if (code && (await judge(code))) return;
  if (navigator.onLine) form.submit();
  else state.textContent = word(code ? "no-kit" : "no-code");
});
const say = (/** @type {string} */ text = "") => (state.textContent = text);
watch({ looking: word("looking"), denied: word("no-camera") }, say, async (code) => {
  if (!(await judge(code))) say(word("no-kit"));
});
window.addEventListener("hashchange", () => judge(location.hash));
window.addEventListener("online", refresh);
await refresh();
if (location.hash.length > 1) await judge(location.hash);
