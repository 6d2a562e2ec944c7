// @ts-check
// Status lists (Token Status List): whether a credential is valid (0), revoked (1) or locked (2), as of when.

import { base64url, inflate } from "./bytes.js";
import { parseJws } from "./keys.js";
import { STATUS_LIST } from "./trust.js";

const MAX_TOKEN = 4 * 1024 * 1024;
const MAX_LIST = 2 * 1024 * 1024;

/** A status list that was verified. */
export class StatusList {
  /**
   * Reads a list that a trusted signer has signed; answers the reason why not.
   * @param {string} text @param {import("./trust.js").Trust} trust @param {number} at seconds @param {number} skew seconds
   * @returns {Promise<StatusList | string>}
   */
  static async read(text, trust, at, skew) {
    const jws = parseJws(text.trim(), MAX_TOKEN);
    if (!jws || jws.header.typ !== "statuslist+jwt") return "malformed";
    const issuer = await trust.signerOf(jws.header, STATUS_LIST, at);
    if (typeof issuer === "string") return issuer;
    if (!(await jws.verify(issuer.key))) return "signature";
    const { sub, iat, exp, status_list } = jws.claims;
    const packed = base64url(String(status_list?.lst));
    if (typeof sub !== "string" || !Number.isFinite(iat) || ![1, 2, 4, 8].includes(status_list?.bits) || !packed) return "malformed";
    const bytes = await inflate(packed, MAX_LIST);
    if (typeof bytes === "string") return bytes;
    const list = new StatusList(sub, iat, exp ?? Infinity, status_list.bits, bytes);
    return list.outOfTime(at, skew) ?? list;
  }

  /** @param {string} uri @param {number} issuedAt @param {number} expiresAt @param {number} bits @param {Uint8Array} bytes */
  constructor(uri, issuedAt, expiresAt, bits, bytes) {
    this.uri = uri;
    this.issuedAt = issuedAt;
    this.expiresAt = expiresAt;
    this.bits = bits;
    this.bytes = bytes;
  }

  /** @param {number} at @param {number} skew */
  outOfTime(at, skew) {
    if (this.expiresAt + skew <= at) return "expired";
    return this.issuedAt > at + skew ? "from-future" : undefined;
  }

  /** The status at an index; nothing beyond the end. @param {number} index */
  get(index) {
    const each = 8 / this.bits;
    const byte = this.bytes[Math.floor(index / each)];
    return byte === undefined ? undefined : (byte >> ((index % each) * this.bits)) & (0xff >> (8 - this.bits));
  }
}
