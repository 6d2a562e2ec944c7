// @ts-check
// The wallet: takes the card into this device, opens by the passcode without network, shows the identity QR, the card, the documents.

import { forget, signJwt, publicJwk } from "./device.js";
import { Camera, onPicture } from "./inspection/camera.js";
import { seconds } from "./time.js";
import { base64 } from "./verifier/bytes.js";
import { showCard, showDocuments } from "./wallet/card.js";
import { Code } from "./wallet/code.js";
import { consider, tell } from "./wallet/consent.js";
import { checked } from "./wallet/held.js";
import { record, show as showHistory } from "./wallet/history.js";
import { NotIssued, accept, isOffer, metadata, readOffer } from "./wallet/issuer.js";
import { considerOffer } from "./wallet/offers.js";
import { fetchPapers, showPapers } from "./wallet/papers.js";
import { isKept, keep, keepAgain, unlock } from "./wallet/seal.js";
import { trust } from "./wallet/trust.js";
import { word } from "./wallet/words.js";

/** After so long out of sight the wallet locks itself, in milliseconds. */
const LOCKS_AFTER = 60_000;
/** How old a pass may get where there is network, in milliseconds. */
const RENEWS_AFTER = 60_000;
const CARD = "urn:vneid:eid:1";
const DEVICE = "device";

/** @template {HTMLElement} T @param {string} id @returns {T} */
const by = (id) => /** @type {T} */ (document.getElementById(id));
const wallet = by("wallet");
const state = by("wallet-state");
const code = new Code(by("code"), by("code-state"), /** @type {HTMLProgressElement} */ (by("code-left")), by("code-size"));
const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (by(id));

/** What is open: the key that seals it, and the credentials. @type {{ key: CryptoKey, data: any } | undefined} */
let open;

/** @param {"empty" | "locked" | "open"} which */
function turnTo(which) {
  for (const part of ["empty", "locked", "open"]) by(part).hidden = part !== which;
  wallet.dataset.state = which;
  by(which).querySelector("input")?.focus();
}

/** @param {string} [text] @param {string} [kind] */
function say(text = "", kind = "") {
  state.hidden = !text;
  state.className = `notice ${kind}`;
  state.textContent = text;
}

/** A proof that this device has its key, for the platform, now. */
async function proof() {
  return signJwt({ typ: "vneid-device+jwt", jwk: await publicJwk() }, { aud: wallet.dataset.audience, iat: Math.floor(seconds()) });
}

/** @param {string} address @param {unknown} body */
async function post(address, body) {
  const headers = { accept: "application/json", "content-type": "application/json" };
  const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(20000) });
  const told = await answer.json();
  by("bind").hidden = !["/problems/wallet-no-device", "/problems/wallet-other-device"].includes(told.type);
  if (!answer.ok) throw new Error([told.title, told.detail].filter(Boolean).join(". "), { cause: told.type });
  return told;
}

/** Fetches the card and the documents from the issuer, by its offer to this app, and the pass of the identity QR. @param {string} passcode */
async function fetchAll(passcode) {
  const { client_id, credential_offer, tx_code } = await post("/wallet/offer", { passcode, proof: await proof() });
  const offer = await readOffer(JSON.stringify(credential_offer));
  const { fetched } = await accept(offer, await metadata(offer), { tx_code, client_id, key: DEVICE });
  const credentials = (await Promise.all(fetched.map(checked))).filter((held) => held !== undefined);
  if (!credentials.some(({ type }) => type === CARD)) throw new NotIssued("offer-nothing");
  return { ...(await post("/wallet/pass", { proof: await proof() })), credentials };
}

/** Takes the card into this device. @param {SubmitEvent} event */
async function take(event) {
  event.preventDefault();
  const passcode = field("take-passcode").value;
  say(word("taking"));
  try {
    await trust();
    const data = await fetchAll(passcode);
    open = { key: await keep(passcode, data), data };
    await navigator.storage?.persist?.();
    say();
    await showAll();
  } catch (error) {
    const network = error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError");
    if (network) say(word("needs-network"), "bad");
    else say(error instanceof NotIssued ? word(error.message) : /** @type {Error} */ (error).message, "bad");
  }
  field("take-passcode").value = "";
}

/** Opens what is kept. @param {SubmitEvent} event */
async function openUp(event) {
  event.preventDefault();
  const passcode = field("unlock-passcode").value;
  field("unlock-passcode").value = "";
  say(word("opening"));
  const result = await unlock(passcode);
  if (result === "gone") {
    say(word("gone"), "bad");
    turnTo("empty");
  } else if ("wait" in result) say(`${word("wait")} ${result.wait} s.`, "bad");
  else if ("wrong" in result) say(`${word("wrong")} ${result.wrong}.`, "bad");
  else {
    say();
    open = result;
    await showAll();
    if (!(await renew())) await takeAnew(passcode);
    await renewPapers(passcode);
  }
}

/** Gets the papers anew where there is network; without it those that are kept are shown on. @param {string} passcode */
async function renewPapers(passcode) {
  if (!open || !navigator.onLine || wallet.dataset.signedIn !== "yes") return;
  const papers = await fetchPapers(passcode).catch(() => undefined);
  if (!open || !papers) return;
  open.data = { ...open.data, papers };
  await keepAgain(open.key, open.data);
  await showKept();
}

/** Takes the card anew, because the platform has taken back what this device holds: what it says has changed. @param {string} passcode */
async function takeAnew(passcode) {
  const data = await fetchAll(passcode).catch(() => undefined);
  if (!open || !data) return;
  open.data = { ...open.data, ...data };
  await keepAgain(open.key, open.data);
  say();
  await showAll();
}

/** Gets a fresh pass where there is network; without it the one that is kept serves on. Answers whether what is kept still counts. */
async function renew() {
  if (!open || !navigator.onLine || wallet.dataset.signedIn !== "yes") return true;
  if (seconds() * 1000 - Date.parse(open.data.at) < RENEWS_AFTER) return true;
  try {
    const { pass, at } = await post("/wallet/pass", { proof: await proof() });
    open.data = { ...open.data, pass, at };
    await keepAgain(open.key, open.data);
    await showCode();
  } catch (error) {
    if (!(error instanceof TypeError)) say(/** @type {Error} */ (error).message, "warn");
    return !(error instanceof Error && error.cause === "/problems/not-found");
  }
  return true;
}

async function showCode() {
  const pass = open && base64(open.data.pass);
  if (pass) await code.begin(pass, field("challenge").value.trim());
}

async function showAll() {
  if (!open) return;
  turnTo("open");
  await showCode();
  await showKept();
  await record({ kind: "code" });
  if (/[?&](request_uri|request|credential_offer|credential_offer_uri)=/.test(location.search)) await ask(location.href);
  await showHistory(by("history"));
}

async function showKept() {
  /** @type {import("./wallet/held.js").Held[]} */
  const credentials = open?.data.credentials ?? [];
  const card = credentials.find(({ type }) => type === CARD);
  const own = (/** @type {import("./wallet/held.js").Held} */ held) => held.key === DEVICE && held.configuration.includes("_eid_");
  if (card) await showCard(by("card"), card, wallet.dataset.specimen === "yes");
  await showDocuments(by("documents"), credentials.filter((held) => !own(held)));
  showPapers(by("documents"), open?.data.papers);
}

/** Keeps what another issuer has given. @param {import("./wallet/held.js").Held[]} held */
async function keepMore(held) {
  if (!open) return;
  open.data = { ...open.data, credentials: [...open.data.credentials, ...held] };
  await keepAgain(open.key, open.data);
  await showKept();
}

/** Looks at what somebody asks for, or offers. @param {string} text */
async function ask(text) {
  if (!open) return;
  if (isOffer(text)) await considerOffer(by("asked"), text, keepMore);
  else await consider(by("asked"), text, open.data.credentials);
  by("asked").scrollIntoView({ block: "nearest" });
}

async function lock() {
  open = undefined;
  code.end();
  camera.stop();
  for (const part of ["asked", "card", "documents", "history"]) by(part).replaceChildren();
  turnTo((await isKept()) ? "locked" : "empty");
}

/** @param {string} which */
function show(which) {
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const chosen = tab.getAttribute("aria-controls") === which;
    tab.setAttribute("aria-selected", String(chosen));
    tab.setAttribute("tabindex", chosen ? "0" : "-1");
    by(tab.getAttribute("aria-controls") ?? "").hidden = !chosen;
  }
  // What was told of the last request is read by now.
  if (by("asked").querySelector("#consent-told")) by("asked").hidden = true;
}

// Who is not signed in has no form to take the card.
document.getElementById("take")?.addEventListener("submit", take);
by("unlock").addEventListener("submit", openUp);
by("lock").addEventListener("click", lock);
by("challenge-form").addEventListener("submit", (event) => {
  event.preventDefault();
  showCode();
});
by("ask-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const picture = field("ask-picture").files?.[0];
  const text = field("ask-link").value.trim() || (picture && (await onPicture(picture).catch(() => undefined)));
  if (text) await ask(text);
  else tell(by("asked"), "ask-no-code", "warn");
});
const camera = new Camera(/** @type {HTMLVideoElement} */ (by("ask-viewfinder")));
if (navigator.mediaDevices !== undefined) {
  by("ask-camera").hidden = false;
  by("ask-camera").addEventListener("click", async () => {
    by("ask-camera").hidden = true;
    by("ask-camera-stop").hidden = false;
    try {
      const text = await camera.read();
      if (text !== undefined) await ask(text);
    } catch {
      tell(by("asked"), "ask-no-camera", "warn");
    }
    by("ask-camera").hidden = false;
    by("ask-camera-stop").hidden = true;
  });
  by("ask-camera-stop").addEventListener("click", () => camera.stop());
}
by("forget").addEventListener("click", async () => {
  if (!confirm(word("forget-sure"))) return;
  await forget();
  await lock();
});
const tabs = /** @type {HTMLElement[]} */ (Array.from(document.querySelectorAll("[role=tab]")));
tabs.forEach((tab, at) => {
  tab.addEventListener("click", () => show(tab.getAttribute("aria-controls") ?? ""));
  tab.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step) {
      const next = tabs[(at + step + tabs.length) % tabs.length];
      next.focus();
      next.click();
    }
  });
});

/** @type {ReturnType<typeof setTimeout> | undefined} */
let leaving;
document.addEventListener("visibilitychange", () => {
  clearTimeout(leaving);
  if (document.hidden && open) leaving = setTimeout(lock, LOCKS_AFTER);
});
window.addEventListener("online", renew);
await lock();
