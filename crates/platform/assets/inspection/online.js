// @ts-check
// What goes to the platform: an inspection, and those that were made without network.

import { append, list, remove } from "../device.js";

/** How long the platform may take before the device's own verdict stands, in milliseconds. */
const PATIENCE = 6000;

/** @param {string} address @param {unknown} body */
function post(address, body) {
  const headers = { accept: "application/json", "content-type": "application/json" };
  return fetch(address, { method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE) });
}

/** Asks the platform; answers nothing without network or when it refuses to judge. @param {{ code: string, purpose: string, challenge: string }} inspection */
export async function ask(inspection) {
  try {
    const answer = await post("/inspection", inspection);
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps an inspection that the platform does not know of. @param {{ code: string, purpose: string, challenge: string, at: number }} made */
export const keep = (made) => append("waiting", made);

/** How many wait. */
export const waiting = async () => (await list("waiting")).length;

/** Reports those that wait; answers how many were taken. */
export async function report() {
  const kept = (await list("waiting")).slice(0, 100);
  if (kept.length === 0) return 0;
  try {
    const answer = await post("/inspection/reports", { inspections: kept.map(([, made]) => made) });
    if (!answer.ok) return 0;
    for (const [key] of kept) await remove("waiting", key);
    return kept.length;
  } catch {
    return 0;
  }
}
