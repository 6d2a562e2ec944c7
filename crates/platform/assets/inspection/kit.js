// @ts-check
// What this device keeps for checking without network: pinned keys, trust list, status lists.

import { read, write } from "../device.js";
import { seconds } from "../time.js";
import { SKEW, Verifier } from "../verifier/verify.js";
import { Trust } from "../verifier/trust.js";

/** @typedef {{ pinned: unknown[], trust_list: string, lists: string[], fetched: number }} Kit */

/** @param {string} address @param {string} accept */
async function get(address, accept) {
  const { pathname, search } = new URL(address, location.href);
  const answer = await fetch(pathname + search, { headers: { accept }, signal: AbortSignal.timeout(15000) });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer;
}

/** @param {string} address @param {string} accept */
const text = async (address, accept = "*/*") => (await get(address, accept)).text();
/** @param {string} address */
const json = async (address) => (await get(address, "application/json")).json();

/** Fetches everything anew and keeps it; the keys are pinned by the first kit, and change only with a list that they have signed. @returns {Promise<Kit>} */
export async function renew() {
  const [trust_list, { keys }, { status_lists }] = await Promise.all([text("/issuance/trust-list"), json("/issuance/trust-list/keys"), json("/issuance/status")]);
  const kept = /** @type {Kit | undefined} */ (await read("kit", "kit"));
  const trusted = kept && (await Trust.read(trust_list.trim(), kept.pinned, await known(kept), seconds(), SKEW)) instanceof Trust;
  if (kept && !trusted) return kept;
  const lists = await Promise.all(status_lists.map((/** @type {string} */ at) => text(at, "application/statuslist+jwt")));
  const kit = { pinned: keys, trust_list: trust_list.trim(), lists, fetched: seconds() };
  await write("kit", "kit", kit);
  return kit;
}

/** The version of the list that is kept. @param {Kit} kit */
async function known(kit) {
  const list = await Trust.read(kit.trust_list, kit.pinned, 0, 0, Infinity);
  return list instanceof Trust ? list.version : 0;
}

/** A verifier of what is kept, or why there is none. @returns {Promise<{ verifier: Verifier, kit: Kit } | "missing" | "old">} */
export async function verifier() {
  const kit = /** @type {Kit | undefined} */ (await read("kit", "kit"));
  if (!kit) return "missing";
  const trust = await Trust.read(kit.trust_list, kit.pinned, 0, seconds(), SKEW);
  if (!(trust instanceof Trust)) return "old";
  const verifier = new Verifier(trust);
  for (const list of kit.lists) await verifier.keep(list, seconds());
  return { verifier, kit };
}
