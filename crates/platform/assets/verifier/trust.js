// @ts-check
// Whom this verifier believes: the published trust list, signed by a key that was delivered with the page.

import { base64, base64url, same, toBase64url, utf8 } from "./bytes.js";
import { Certificate } from "./certificate.js";
import { fromJwk, parseJws } from "./keys.js";

/** The kind of document that an identity QR is. */
export const IDENTITY_QR = "urn:vneid:identity-qr:1";
/** The kind of document that a status list is. */
export const STATUS_LIST = "urn:vneid:status-list:1";
/** The kind of document that a verifier's request is. */
export const REQUEST = "urn:vneid:presentation-request:1";

const MAX_LIST = 1024 * 1024;
const MAX_CHAIN = 4;
const SHORT_ID = 8;

/** @typedef {{ key: import("./keys.js").Key, name: string, authority: string }} Issuer */
/** @typedef {{ name: string, documents: string[], certificate: Certificate }} Authority */

/** A trust list, ready for use. */
export class Trust {
  /**
   * Reads a list: signed by one of the pinned keys, not older than the known version, in time. Answers the reason why not.
   * @param {string} text @param {unknown[]} pinned JWKs @param {number} known @param {number} at seconds @param {number} skew seconds
   * @returns {Promise<Trust | string>}
   */
  static async read(text, pinned, known, at, skew) {
    const jws = parseJws(text, MAX_LIST);
    if (!jws || jws.header.typ !== "vneid-trust-list+jwt") return "malformed";
    const keys = await Promise.all(pinned.map(fromJwk));
    const verified = await Promise.all(keys.map((key) => (key ? jws.verify(key) : false)));
    if (!verified.includes(true)) return "signature";
    const { version, issued_at, next_update, authorities, signers, withdrawn } = jws.claims;
    if (!(version >= known)) return "rolled-back";
    if (!(Date.parse(next_update) / 1000 > at)) return "expired";
    if (!(Date.parse(issued_at) / 1000 <= at + skew)) return "from-future";
    const trust = new Trust(version, Date.parse(issued_at) / 1000, Date.parse(next_update) / 1000, withdrawn.map(base64url));
    for (const { name, documents, certificate } of authorities) {
      const parsed = await Certificate.parse(base64(certificate) ?? new Uint8Array());
      if (!(parsed instanceof Certificate) || !parsed.mayIssue(0)) return "malformed";
      trust.authorities.push({ name, documents, certificate: parsed });
    }
    for (const der of signers) {
      const certificate = await Certificate.parse(base64(der) ?? new Uint8Array());
      if (!(certificate instanceof Certificate)) return "malformed";
      const key = await certificate.signingKey();
      if (typeof key === "string") return "malformed";
      trust.signers.push({ certificate, key });
    }
    return trust;
  }

  /** @param {number} version @param {number} issuedAt @param {number} nextUpdate @param {Uint8Array[]} withdrawn */
  constructor(version, issuedAt, nextUpdate, withdrawn) {
    this.version = version;
    this.issuedAt = issuedAt;
    this.nextUpdate = nextUpdate;
    this.withdrawn = withdrawn;
    /** @type {Authority[]} */
    this.authorities = [];
    /** @type {{ certificate: Certificate, key: import("./keys.js").Key }[]} */
    this.signers = [];
  }

  /** The signer that the list itself names by the short id of its key or by its thumbprint, or why it is not believed. @param {Uint8Array | undefined} id @param {string} document @param {number} at @returns {Promise<Issuer | string>} */
  async signer(id, document, at) {
    if (!id) return "no-signer";
    const found = this.signers.find(({ key }) => same(key.thumbprint.slice(0, SHORT_ID), id) || same(utf8(toBase64url(key.thumbprint)), id));
    if (!found) return "unknown-signer";
    const authority = this.outOfForce(found.certificate, at) ?? (await this.authorityOf(document, at, async (above) => found.certificate.namesIssuer(above)));
    return typeof authority === "string" ? authority : { key: found.key, name: found.certificate.name, authority: authority.name };
  }

  /** The signer at the head of a chain (`x5c`), or why it is not believed. @param {unknown} x5c @param {string} document @param {number} at @returns {Promise<Issuer | string>} */
  async chain(x5c, document, at) {
    if (!Array.isArray(x5c) || x5c.length === 0) return "no-signer";
    if (x5c.length > MAX_CHAIN) return "too-long";
    const chain = await Promise.all(x5c.map((text) => Certificate.parse(base64(text) ?? new Uint8Array())));
    const [signer] = chain;
    if (!(signer instanceof Certificate)) return signer;
    const key = await signer.signingKey();
    if (typeof key === "string") return key;
    let refusal = this.outOfForce(signer, at);
    if (refusal) return refusal;
    let [below, depth] = [signer, 0];
    for (const above of chain.slice(1)) {
      if (!(above instanceof Certificate)) return above;
      if (this.authorities.some(({ certificate }) => same(certificate.der, above.der))) break;
      refusal = this.outOfForce(above, at) ?? (above.mayIssue(depth) ? undefined : "not-an-authority") ?? (await below.notIssuedBy(above));
      if (refusal) return refusal;
      below = above;
      depth += 1;
    }
    const authority = await this.authorityOf(document, at, async (above) => above.mayIssue(depth) && (await below.notIssuedBy(above)) === undefined);
    return typeof authority === "string" ? authority : { key, name: signer.name, authority: authority.name };
  }

  /** The signer of a JWS: by its chain if it carries one, else by its key id. @param {any} header @param {string} document @param {number} at */
  signerOf({ x5c, kid }, document, at) {
    const chained = Array.isArray(x5c) && x5c.length > 0;
    return !chained && typeof kid === "string" ? this.signer(utf8(kid), document, at) : this.chain(x5c, document, at);
  }

  /** @param {Certificate} certificate @param {number} at */
  outOfForce(certificate, at) {
    const withdrawn = this.withdrawn.some((fingerprint) => same(fingerprint, certificate.fingerprint));
    return withdrawn ? "withdrawn" : certificate.outOfTime(at);
  }

  /** @param {string} document @param {number} at @param {(above: Certificate) => Promise<boolean>} issued @returns {Promise<Authority | string>} */
  async authorityOf(document, at, issued) {
    let refusal = "unknown-authority";
    for (const authority of this.authorities) {
      if (!(await issued(authority.certificate))) continue;
      const reason = this.outOfForce(authority.certificate, at);
      if (!reason && authority.documents.includes(document)) return authority;
      refusal = reason ?? "other-document";
    }
    return refusal;
  }
}
