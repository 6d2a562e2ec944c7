// @ts-check
// The judgement over an identity QR, with no network: the same rules, names and order as the library's `credentials::verify`.

import { Refusal, parse, verify } from "./identity.js";
import { StatusList } from "./status.js";
import { IDENTITY_QR, Trust } from "./trust.js";

/** What clocks may be apart, in seconds. */
export const SKEW = 30;
/** How old the knowledge of a status may be before it is a reason for caution, in seconds. */
export const STATUS_MAX_AGE = 24 * 3600;

const [VALID, INVALID, SUSPENDED] = [0, 1, 2];
const WORDS = ["valid", "invalid", "suspended"];

/** @typedef {"accept" | "caution" | "reject"} Outcome */
/** @typedef {{ status: string, as_of: number, age_seconds: number, source: "stapled" | "list" }} Knowledge */
/**
 * @typedef {{ outcome: Outcome, format: "identity-qr", document?: string, issuer?: string, authority?: string, claims: any,
 *   checked: string[], reasons: { code: string }[], status?: Knowledge, expires_at?: number, shown_at?: number }} Verdict
 */

/** What a verifier keeps: whom to believe, and the status lists that it has. */
export class Verifier {
  /** @param {Trust} trust */
  constructor(trust) {
    this.trust = trust;
    /** @type {Map<string, StatusList>} */
    this.lists = new Map();
  }

  /** Keeps a status list for the verdicts to come; answers why not, if not. @param {string} text @param {number} at seconds */
  async keep(text, at) {
    const list = await StatusList.read(text, this.trust, at, SKEW);
    if (typeof list === "string") return list;
    const known = this.lists.get(list.uri);
    if (!known || known.issuedAt <= list.issuedAt) this.lists.set(list.uri, list);
    return undefined;
  }

  /** Judges the text of an identity QR. @param {string} text @param {number} at seconds @param {Uint8Array} [challenge] @returns {Promise<Verdict>} */
  async judge(text, at, challenge) {
    try {
      const pass = await parse(text.trim());
      const issuer = await this.trust.signer(pass.keyId(), IDENTITY_QR, at);
      if (typeof issuer === "string") return refused(`issuer/${issuer}`);
      const verified = await verify(pass, issuer.key, { at, skew: SKEW, challenge });
      /** @type {Verdict} */
      const verdict = {
        outcome: "accept",
        format: "identity-qr",
        document: IDENTITY_QR,
        issuer: issuer.name,
        authority: issuer.authority,
        claims: verified.identity,
        checked: ["issuer-trusted", "genuine", "in-force", "possession"],
        reasons: [],
        expires_at: verified.expiresAt,
        shown_at: verified.shownAt,
      };
      this.judgeStatus(verdict, verified, at);
      if (verdict.outcome === "reject") verdict.claims = null;
      return verdict;
    } catch (error) {
      if (error instanceof Refusal) return refused(`credential/${error.message}`);
      throw error;
    }
  }

  /** @param {Verdict} verdict @param {Awaited<ReturnType<typeof verify>>} verified @param {number} at */
  judgeStatus(verdict, { stapled, place }, at) {
    /** @type {{ status: number, asOf: number, source: "stapled" | "list" }[]} */
    const known = [{ status: stapled.status, asOf: stapled.at, source: "stapled" }];
    const list = typeof place === "object" ? this.lists.get(place.uri) : undefined;
    const listed = typeof place === "object" && list && !list.outOfTime(at, SKEW) ? list.get(place.index) : undefined;
    if (list && listed !== undefined) known.push({ status: listed, asOf: list.issuedAt, source: "list" });
    // What was revoked stays revoked; else the newer one counts, and of two of the same time the list.
    const telling = known.reduce((one, next) => {
      const [first, second] = [one.status === INVALID, next.status === INVALID];
      if (first !== second) return first ? one : next;
      return next.asOf >= one.asOf ? next : one;
    });
    const age = at - telling.asOf;
    verdict.status = { status: WORDS[telling.status] ?? "other", as_of: telling.asOf, age_seconds: age, source: telling.source };
    if (telling.status === VALID) verdict.checked.push("status");
    else if (telling.status === INVALID) against(verdict, "reject", "status/revoked");
    else against(verdict, "caution", telling.status === SUSPENDED ? "status/locked" : "status/unusual-status");
    if (age > STATUS_MAX_AGE) against(verdict, "caution", "status/status-old");
  }
}

/** @param {Verdict} verdict @param {Outcome} outcome @param {string} code */
function against(verdict, outcome, code) {
  if (verdict.outcome !== "reject") verdict.outcome = outcome;
  verdict.reasons.push({ code });
}

/** @param {string} code @returns {Verdict} */
function refused(code) {
  return { outcome: "reject", format: "identity-qr", claims: null, checked: [], reasons: [{ code }] };
}
