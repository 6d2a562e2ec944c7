// @ts-check
// The inspector's page: a code from the camera, a picture or a text is judged on this device at once, and by the platform if there is network.

import { brought, isEmpty, watch } from "./inspection/camera.js";
import { renew, verifier } from "./inspection/kit.js";
import { ask, keep, report, waiting } from "./inspection/online.js";
import { tell } from "./inspection/verdict.js";
import { moment, word } from "./inspection/words.js";
import { seconds } from "./time.js";

/** @template {HTMLElement} T @param {string} id @returns {T} */
const by = (id) => /** @type {T} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ (by("inspect"));
const desk = by("desk");
const box = by("verdict");
const state = by("camera-state");
const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (by(id));

/** Where the codes of chosen papers lead. */
const PAPERS = "/inspection/papers/";

/** @param {string | undefined} text */
function say(text) {
  if (state.textContent !== text) state.textContent = text ?? "";
}

function purpose() {
  const chosen = /** @type {HTMLInputElement | null} */ (form.querySelector("[name=purpose]:checked, [name=purpose][type=hidden]"));
  return { word: chosen?.value ?? "", sees: chosen?.dataset.sees?.split(" ") ?? ["name"] };
}

/** Judges a code and shows the verdict; the device's own first. @param {string} code */
async function judge(code) {
  const challenge = field("challenge").value.trim();
  const { word: chosen, sees } = purpose();
  if (code.includes("|")) return say(word("card-code"));
  // Chosen papers are opened by the platform alone, on a page of their own.
  if (code.includes(PAPERS)) {
    field("code").value = code;
    return form.submit();
  }
  const at = seconds();
  const kept = await verifier();
  const isInspector = chosen !== "";
  if (typeof kept !== "string") {
    const verdict = await kept.verifier.judge(code, at, challenge ? new TextEncoder().encode(challenge) : undefined);
    tell(box, { ...verdict, by: "by-device" }, verdict.outcome === "accept" ? sees : ["name", "number"]);
    box.focus();
    if (!navigator.onLine) say(desk.dataset.offline);
    if (isInspector && verdict.claims && !(await online(code, chosen, challenge, sees))) {
      await keep({ code, purpose: chosen, challenge, at: Math.floor(at) });
      say(desk.dataset.waits);
    }
  } else if (!isInspector || !(await online(code, chosen, challenge, sees))) {
    say(by("kit").dataset[kept]);
  }
  await showKit();
}

/** Asks the platform and shows its verdict; false if it could not be asked. @param {string} code @param {string} chosen @param {string} challenge @param {string[]} sees */
async function online(code, chosen, challenge, sees) {
  say(desk.dataset.waiting);
  const found = await ask({ code, purpose: chosen, challenge });
  say("");
  if (!found) return false;
  const known = found.status && { as_of: Date.parse(found.status.as_of) / 1000, age_seconds: found.status.age_seconds };
  const told = { ...found, status: known, claims: found.holder, portrait: found.holder?.portrait, by: /** @type {const} */ ("by-platform") };
  tell(box, told, sees);
  return true;
}

async function showKit() {
  const part = by("kit");
  const kept = await verifier();
  const isKept = typeof kept !== "string";
  by("kit-trust").textContent = isKept ? `${kept.verifier.trust.version} · ${moment(kept.verifier.trust.issuedAt)}` : (part.dataset[kept] ?? "");
  const oldest = isKept ? Math.min(...Array.from(kept.verifier.lists.values(), (list) => list.issuedAt)) : Infinity;
  by("kit-status").textContent = Number.isFinite(oldest) ? moment(oldest) : "–";
  by("kit-waiting").textContent = String(await waiting());
  const network = by("kit-network");
  network.textContent = (navigator.onLine ? network.dataset.online : network.dataset.offline) ?? "";
  network.className = `badge ${navigator.onLine ? "good" : "warn"}`;
  part.dataset.state = isKept ? "kept" : kept;
  part.hidden = false;
}

async function refresh() {
  if (navigator.onLine) {
    await renew().catch(() => undefined);
    if (purpose().word && (await report()) > 0) say(desk.dataset.reported);
  }
  await showKit();
}

form.addEventListener("submit", async (event) => {
  if (isEmpty()) return;
  event.preventDefault();
  const code = await brought();
  if (code) await judge(code);
  // The platform reads pictures that this page cannot.
  else if (navigator.onLine && purpose().word) form.submit();
  else say(desk.dataset.none);
});

by("camera-start").addEventListener("click", () => (box.hidden = true));
watch(desk.dataset, say, judge);
by("challenge-draw").hidden = false;
by("challenge-draw").addEventListener("click", () => {
  field("challenge").value = String(crypto.getRandomValues(new Uint32Array(1))[0] % 1000000).padStart(6, "0");
});
by("kit-renew").addEventListener("click", refresh);
window.addEventListener("online", refresh);
window.addEventListener("offline", showKit);
setInterval(refresh, 10 * 60 * 1000);
await refresh();
