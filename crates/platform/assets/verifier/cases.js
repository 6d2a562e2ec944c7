// @ts-check
// Tries the verifier on the cases of the library (crates/credentials/tests/data/identity_qr/cases.json): every verdict must be the same.

import { base64url } from "./bytes.js";
import { StatusList } from "./status.js";
import { Trust } from "./trust.js";
import { SKEW, Verifier } from "./verify.js";

const LETTERS = ["0", "Z", ":", "%"];

/** What differs, one line for each; nothing if all is the same. @param {any} cases */
export async function differences(cases) {
  const { now, pinned, trust_list, trust_lists, status_list, status_lists, codes } = cases;
  const found = [];
  for (const { name, text, at, good } of trust_lists) {
    const trust = await Trust.read(text, pinned, 1, at, SKEW);
    if (trust instanceof Trust !== good) found.push(`trust list ${name}: ${trust}`);
  }
  const usual = await Trust.read(trust_list, pinned, 0, now, SKEW);
  if (!(usual instanceof Trust)) return [...found, `trust list: ${usual}`];
  for (const { name, text, at, good } of status_lists) {
    const list = await StatusList.read(text, usual, at, SKEW);
    if (list instanceof StatusList !== good) found.push(`status list ${name}: ${list}`);
  }
  for (const wanted of codes) {
    const verifier = new Verifier(usual);
    if (wanted.listed) await verifier.keep(status_list, now);
    const other = wanted.trust_list && (await Trust.read(wanted.trust_list, pinned, 0, now, SKEW));
    if (other) verifier.trust = other;
    const verdict = await verifier.judge(wanted.text, wanted.at, wanted.challenge ? base64url(wanted.challenge) : undefined);
    const told = { outcome: verdict.outcome, reasons: verdict.reasons.map(({ code }) => code), checked: verdict.checked, claims: verdict.claims };
    for (const [part, value] of Object.entries(told)) {
      if (sorted(value) !== sorted(wanted[part])) found.push(`${wanted.name}: ${part} ${sorted(value)} instead of ${sorted(wanted[part])}`);
    }
  }
  return found;
}

/** The places where a changed or cut text still passes; there must be none. @param {any} cases */
export async function passedThough({ now, pinned, trust_list, codes }) {
  const trust = await Trust.read(trust_list, pinned, 0, now, SKEW);
  if (!(trust instanceof Trust)) return ["no trust list"];
  const verifier = new Verifier(trust);
  const { text } = codes[0];
  const passed = [];
  for (let at = 0; at < text.length; at++) {
    const changed = LETTERS.map((letter) => text.slice(0, at) + letter + text.slice(at + 1)).filter((other) => other !== text);
    for (const other of [...changed, text.slice(0, at)]) {
      const { outcome } = await verifier.judge(other, now);
      if (outcome !== "reject") passed.push(`at ${at}: ${outcome}`);
    }
  }
  return passed;
}

/** @param {unknown} value */
const sorted = (value) => JSON.stringify(value, (_, inner) => (inner && typeof inner === "object" && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort()) : inner));
