// @ts-check
// Whom the wallet believes: the published trust list, by the keys that were pinned when it was first fetched.

import { read, write } from "../device.js";
import { seconds } from "../time.js";
import { Trust } from "../verifier/trust.js";
import { SKEW } from "../verifier/verify.js";

/** @typedef {{ pinned: unknown[], list: string, fetched: number }} Kept */

/** How old the kept list may get where there is network, in seconds. */
const FRESH = 3600;

/** @param {string} address */
async function get(address) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(15000) });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer;
}

/** Fetches the list anew. It takes the place of the kept one only if a pinned key has signed it and it is not older. */
async function renew() {
  const [list, { keys }] = await Promise.all([get("/issuance/trust-list").then((answer) => answer.text()), get("/issuance/trust-list/keys").then((answer) => answer.json())]);
  const kept = /** @type {Kept | undefined} */ (await read("kit", "trust"));
  if (kept) {
    const before = await Trust.read(kept.list, kept.pinned, 0, 0, Infinity);
    const known = before instanceof Trust ? before.version : 0;
    if (!((await Trust.read(list.trim(), kept.pinned, known, seconds(), SKEW)) instanceof Trust)) return;
  }
  await write("kit", "trust", { pinned: keys, list: list.trim(), fetched: seconds() });
}

/** The list that is in force, fetched anew where it is old and there is network; nothing if there is none. @returns {Promise<Trust | undefined>} */
export async function trust() {
  const before = /** @type {Kept | undefined} */ (await read("kit", "trust"));
  if (!before || seconds() - before.fetched > FRESH) await renew().catch(() => undefined);
  const kept = /** @type {Kept | undefined} */ (await read("kit", "trust"));
  const list = kept && (await Trust.read(kept.list, kept.pinned, 0, seconds(), SKEW));
  return list instanceof Trust ? list : undefined;
}
