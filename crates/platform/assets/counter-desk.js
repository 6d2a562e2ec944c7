// @ts-check
// The desk of the counter that works through a network cut: an application is put together, signed and kept on this device,
// and handed in when the line is there. The platform takes each draft once, however often it is sent.

import { contents, drop, keep, names, publicKey, recall, restore, sign } from "./counter-store.js";

/** @typedef {{ id: string, takenAt: string, state: "waiting" | "refused" | "sent", who: string, packet?: string, signature?: string, contents?: Awaited<ReturnType<typeof contents>>, title?: string, advice?: string, receipt?: string, number?: string }} Draft */

const desk = /** @type {HTMLElement} */ (document.getElementById("desk"));
const form = /** @type {HTMLFormElement} */ (document.getElementById("desk-form"));
const list = /** @type {HTMLElement} */ (document.getElementById("desk-drafts"));
const line = /** @type {HTMLElement} */ (document.getElementById("desk-line"));
const WORKING = "desk";
const say = (/** @type {string} */ name) => desk.dataset[name] ?? "";

const id = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {Draft} draft */
const store = (draft) => keep(`draft:${draft.takenAt}:${draft.id}`, draft);
/** @returns {Promise<Draft[]>} */
async function drafts() {
  const found = await Promise.all((await names("draft:")).map((name) => recall(name)));
  return found.filter(Boolean);
}
/** @param {Draft} draft */
const forget = (draft) => drop(`draft:${draft.takenAt}:${draft.id}`);

/** @param {string} text @param {string} [className] */
function paragraph(text, className) {
  return Object.assign(document.createElement("p"), { textContent: text, className: className ?? "" });
}

/** @param {string} text @param {string} name @param {() => Promise<void>} act */
function button(text, name, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "btn small ghost", textContent: text, id: name });
  made.addEventListener("click", act);
  return made;
}

/** @param {Draft} draft */
function shown(draft) {
  const item = document.createElement("li");
  item.className = "card";
  item.dataset.state = draft.state;
  item.append(paragraph(`${draft.who} · ${new Date(draft.takenAt).toLocaleTimeString(document.documentElement.lang)}`), paragraph(say(draft.state === "waiting" ? "kept" : draft.state), "muted"));
  if (draft.state === "sent" && draft.receipt) {
    const link = Object.assign(document.createElement("a"), { href: draft.receipt, textContent: `${say("receipt")} ${draft.number ?? ""}`, className: "btn small" });
    item.append(link, button(say("clear"), `clear-${draft.id}`, async () => { await forget(draft); await show(); }));
  }
  if (draft.state === "refused") {
    item.append(paragraph(draft.title ?? "", "notice bad"), paragraph(draft.advice ?? ""));
    item.append(
      button(say("edit"), `edit-${draft.id}`, async () => {
        form.reset();
        if (draft.contents) restore(form, draft.contents);
        await forget(draft);
        await keep(WORKING, await contents(form));
        await show();
        form.scrollIntoView();
      }),
      button(say("discard"), `discard-${draft.id}`, async () => {
        if (!confirm(say("sure"))) return;
        await forget(draft);
        await show();
      }),
    );
  }
  return item;
}

async function show() {
  const all = await drafts();
  list.replaceChildren(...all.map(shown));
  const waiting = all.filter((draft) => draft.state === "waiting").length;
  desk.dataset.waiting = String(waiting);
  return waiting;
}

/** @param {"here" | "cut" | "out"} state */
function tell(state) {
  desk.dataset.line = state;
  line.textContent = say(`line${state[0].toUpperCase()}${state.slice(1)}`);
  line.className = state === "here" ? "notice good" : "notice warn";
  document.getElementById("desk-signin")?.toggleAttribute("hidden", state !== "out");
}

/** Hands one draft in; says how the line is. @param {Draft} draft @returns {Promise<"here" | "cut" | "out">} */
async function handIn(draft) {
  let answer;
  try {
    answer = await fetch("/counter/drafts", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ packet: draft.packet, signature: draft.signature, key: await publicKey() }),
    });
  } catch {
    return "cut";
  }
  if (answer.status === 401) return "out";
  if (answer.status >= 500 || answer.status === 429) return "cut";
  const told = await answer.json();
  if (answer.ok) {
    // What has arrived is not kept here any longer.
    await store({ id: draft.id, takenAt: draft.takenAt, who: draft.who, state: "sent", receipt: `/counter/${told.id}/receipt`, number: told.number });
  } else {
    const faults = (told.errors ?? []).map((/** @type {{ detail: string }} */ fault) => fault.detail).join(" ");
    await store({ ...draft, state: "refused", title: told.title, advice: [told.detail, faults].filter(Boolean).join(" ") });
  }
  return "here";
}

let busy = false;
async function handAllIn() {
  if (busy) return;
  busy = true;
  try {
    for (const draft of await drafts()) {
      if (draft.state !== "waiting") continue;
      const state = await handIn(draft);
      tell(state);
      if (state !== "here") break;
    }
  } finally {
    busy = false;
    await show();
  }
}

/** Makes this device known to the platform while the line is there. */
async function makeKnown() {
  try {
    const headers = { "content-type": "application/json", accept: "application/json" };
    const answer = await fetch("/counter/devices", { method: "POST", headers, body: JSON.stringify({ key: await publicKey() }) });
    tell(answer.status === 401 ? "out" : answer.ok ? "here" : "cut");
  } catch {
    tell("cut");
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const missing = ["portrait", "left-print", "right-print"].filter((name) => !(/** @type {HTMLInputElement} */ (form.elements.namedItem(name)).files?.length));
  const note = /** @type {HTMLElement} */ (document.getElementById("desk-missing"));
  note.hidden = missing.length === 0;
  if (missing.length > 0) return note.focus();
  const held = await contents(form);
  /** @type {Record<string, unknown>} */
  const packet = { ...held.fields };
  for (const [name, file] of Object.entries(held.files)) packet[name] = { base64: file.base64 };
  const draft = { id: id(), takenAt: new Date().toISOString() };
  const text = JSON.stringify({ draft: draft.id, officer: desk.dataset.officer, taken_at: draft.takenAt, form: packet });
  const who = String(held.fields["number"] || String(held.fields["qr"]).split("|")[2] || held.fields["phone"]);
  await store({ ...draft, who, state: "waiting", packet: text, signature: await sign(text), contents: held });
  await drop(WORKING);
  form.reset();
  for (const picture of form.querySelectorAll("img")) picture.hidden = true;
  await show();
  await handAllIn();
});

let timer = 0;
const save = () => contents(form).then((held) => keep(WORKING, held));
form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = window.setTimeout(save, 150);
});
form.addEventListener("change", save);

const working = await recall(WORKING);
if (working) restore(form, working);
if ("serviceWorker" in navigator) await navigator.serviceWorker.register("/counter/worker.js", { scope: "/counter/", type: "classic" });
await makeKnown();
await show();
await handAllIn();
desk.dataset.ready = "";
window.addEventListener("online", () => void makeKnown().then(handAllIn));
window.addEventListener("offline", () => tell("cut"));
window.setInterval(() => void handAllIn(), 5000);
