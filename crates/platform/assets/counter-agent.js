// @ts-check
// Devices on the officer's own computer, by the agent of the counter (docs/counter-agent.md): finger scanner and card reader.
// <div class="agent" data-agent="ADDRESS" data-kind="print" data-field="left-print" data-finger="7" data-number="…" …>
// <div class="agent" data-agent="ADDRESS" data-kind="card" data-reading="PATH" data-number="…" …>

import { put, unbase64 } from "./counter-store.js";

/** @param {string} url @param {unknown} body */
async function send(url, body) {
  const headers = { "content-type": "application/json", accept: "application/json" };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.words ?? told.title ?? String(answer.status));
  return told;
}

/** The number of the person at the counter: given by the page, or as it stands in the form. @param {HTMLElement} box */
function numberOf(box) {
  if (box.dataset.number) return box.dataset.number;
  const typed = (/** @type {string} */ id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id))?.value.trim() ?? "";
  return typed("number") || typed("qr").slice(0, 12);
}

/** @param {HTMLElement} box */
async function takePrint(box) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(box.dataset.field ?? ""));
  const print = await send(`${box.dataset.agent}/prints`, { finger: Number(box.dataset.finger), number: numberOf(box) });
  const kind = print.media_type === "image/jpeg" ? "jpg" : "png";
  put(field, new File([unbase64(print.image)], `${field.id}.${kind}`, { type: print.media_type }));
  return { picture: URL.createObjectURL(new Blob([unbase64(print.image)], { type: print.media_type })), text: box.dataset.done ?? "" };
}

/** Reads the card: bound to a challenge of the platform, where the page can ask for one. @param {HTMLElement} box */
async function readCard(box) {
  const number = numberOf(box);
  if (!box.dataset.reading) {
    const { reading } = await send(`${box.dataset.agent}/cards`, { number });
    const field = /** @type {HTMLInputElement} */ (document.getElementById(box.dataset.field ?? ""));
    put(field, new File([JSON.stringify(reading)], "chip.json", { type: "application/json" }));
    return { text: box.dataset.done ?? "" };
  }
  const { address, challenge } = await send(box.dataset.reading, {});
  const { reading } = await send(`${box.dataset.agent}/cards`, { number, challenge });
  let told = await send(address, reading);
  if (told.chip_authentication) {
    const { response } = await send(`${box.dataset.agent}/cards/answer`, { number, question: told.chip_authentication });
    told = await send(`${address}/answer`, { response });
  }
  const words = /** @type {Record<string, string | undefined>} */ (box.dataset);
  box.dataset.found = told.found;
  return { text: words[told.found] ?? told.found };
}

/** @param {HTMLElement} box */
function enhance(box) {
  const still = Object.assign(document.createElement("img"), { hidden: true, alt: "" });
  still.className = "print";
  const note = document.createElement("p");
  note.className = "hint";
  note.setAttribute("role", "status");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn ghost";
  button.id = `${box.dataset.field ?? "card"}-agent`;
  button.textContent = box.dataset.take ?? "";
  box.append(still, note, button);
  box.closest("form")?.addEventListener("reset", () => {
    note.textContent = "";
    still.hidden = true;
    delete box.dataset.found;
  });

  button.addEventListener("click", async () => {
    button.disabled = true;
    note.textContent = box.dataset.busy ?? "";
    try {
      const taken = box.dataset.kind === "card" ? await readCard(box) : await takePrint(box);
      note.textContent = taken.text;
      if ("picture" in taken) Object.assign(still, { src: taken.picture, hidden: false });
    } catch (error) {
      // A fetch that reaches nobody fails without words of its own.
      const words = error instanceof TypeError ? box.dataset.absent : error instanceof Error ? error.message : "";
      note.textContent = `${box.dataset.failed ?? ""} ${words ?? ""}`;
    }
    button.disabled = false;
  });
}

for (const box of document.querySelectorAll(".agent")) enhance(/** @type {HTMLElement} */ (box));
