// @ts-check
// The wallet's own history: what was shown, to whom, when; it never leaves the device.

import { append, list, remove } from "../device.js";
import { element, moment, word } from "./words.js";

/** How many entries are kept. */
const MOST = 200;

/** @param {{ kind: "code" | "presented" | "refused", to?: string, what?: string[] }} entry */
export async function record(entry) {
  await append("shown", { ...entry, at: Date.now() });
  const all = await list("shown");
  for (const [key] of all.slice(0, Math.max(0, all.length - MOST))) await remove("shown", key);
}

/** @param {HTMLElement} place */
export async function show(place) {
  const entries = (await list("shown")).map(([, entry]) => entry).reverse();
  const items = entries.map(({ kind, to, what, at }) => {
    const item = element("li", undefined, { class: "card" });
    item.append(element("strong", word(`history-${kind}`)), element("p", [to, what?.join(", ")].filter(Boolean).join(": ")), element("time", moment(new Date(at)), { datetime: new Date(at).toISOString() }));
    return item;
  });
  place.replaceChildren(...(items.length > 0 ? items : [element("li", word("history-none"), { class: "empty" })]));
}
