// @ts-check
// Certificates (RFC 5280), as far as a chain of document signers needs them.

import { same, sha256 } from "./bytes.js";
import { fromSpki, isSigned, joined } from "./keys.js";

/** @typedef {{ tag: number, whole: Uint8Array, body: Uint8Array }} Element */

const KEY_KINDS = /** @type {const} */ ({
  "2a8648ce3d0201 2a8648ce3d030107": "ES256",
  "2a8648ce3d0201 2b81040022": "ES384",
  "2b6570 ": "EdDSA",
});
const SIGNATURE_HASHES = /** @type {const} */ ({ "2a8648ce3d040302": "ES256", "2a8648ce3d040303": "ES384" });
const KNOWN_EXTENSIONS = ["551d0e", "551d0f", "551d11", "551d12", "551d13", "551d1f", "551d20", "551d23", "551d25"];
const BASIC_CONSTRAINTS = "551d13";
const KEY_USAGE = "551d0f";
const SUBJECT_NAMES = "551d11";
const DNS_NAME = 0x82;
const NAMES = /** @type {Record<string, string>} */ ({ 550403: "CN", 550406: "C", 550407: "L", 550408: "ST", "55040a": "O", "55040b": "OU" });

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The elements of a DER value, one after the other. @param {Uint8Array} bytes @returns {Element[]} */
function elements(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    let [length, start] = [bytes[at + 1], at + 2];
    if (length > 0x80 && length <= 0x83) {
      const size = length & 0x7f;
      length = bytes.slice(start, start + size).reduce((sum, byte) => sum * 256 + byte, 0);
      start += size;
    } else if (length >= 0x80) throw new Error("unreadable");
    const end = start + length;
    if (!(end <= bytes.length)) throw new Error("unreadable");
    found.push({ tag: bytes[at], whole: bytes.slice(at, end), body: bytes.slice(start, end) });
    at = end;
  }
  return found;
}

/** @param {Element} element */
function instant({ tag, body }) {
  const text = new TextDecoder().decode(body);
  const digits = tag === 0x17 ? (Number(text.slice(0, 2)) < 50 ? "20" : "19") + text : text;
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(digits)?.slice(1).map(Number);
  if (!parts) throw new Error("unreadable");
  return Date.UTC(parts[0], parts[1] - 1, parts[2], parts[3], parts[4], parts[5]) / 1000;
}

/** A name as RFC 4514 writes it. @param {Element} name */
function written(name) {
  const parts = elements(name.body).map((set) => {
    const [kind, value] = elements(elements(set.body)[0].body);
    const id = hex(kind.body);
    return `${NAMES[id] ?? id}=${new TextDecoder().decode(value.body)}`;
  });
  return parts.reverse().join(",");
}

/** A certificate that was read; what it says is still to be believed. */
export class Certificate {
  /** @param {Uint8Array} der @returns {Promise<Certificate | "unreadable" | "unknown-extension">} */
  static async parse(der) {
    try {
      const certificate = new Certificate(der);
      certificate.fingerprint = await sha256(der);
      const unknown = certificate.extensions.some(({ id, critical }) => critical && !KNOWN_EXTENSIONS.includes(id));
      return unknown ? "unknown-extension" : certificate;
    } catch {
      return "unreadable";
    }
  }

  /** @param {Uint8Array} der */
  constructor(der) {
    const [outer, ...more] = elements(der);
    if (more.length > 0) throw new Error("unreadable");
    const [signed, algorithm, signature] = elements(outer.body);
    const fields = elements(signed.body);
    if (fields[0].tag === 0xa0) fields.shift();
    const [, inner, issuer, validity, subject, info] = fields;
    this.der = der;
    this.signed = signed.whole;
    this.algorithm = algorithm.whole;
    this.innerAlgorithm = inner.whole;
    this.signature = signature.body.slice(1);
    this.issuer = issuer.whole;
    this.subject = subject.whole;
    this.name = written(subject);
    [this.notBefore, this.notAfter] = elements(validity.body).map(instant);
    this.info = info.whole;
    const [kind, parameters] = elements(elements(info.body)[0].body);
    this.kind = `${hex(kind.body)} ${parameters ? hex(parameters.body) : ""}`;
    const list = fields.find(({ tag }) => tag === 0xa3);
    this.extensions = list ? elements(elements(list.body)[0].body).map(extension) : [];
    this.fingerprint = new Uint8Array();
  }

  /** @param {number} at seconds @returns {"not-yet-valid" | "expired" | undefined} */
  outOfTime(at) {
    if (at < this.notBefore) return "not-yet-valid";
    return at > this.notAfter ? "expired" : undefined;
  }

  /** Whether it may issue others, with so many authorities between it and the signer. @param {number} between */
  mayIssue(between) {
    const { authority, depth } = this.constraints();
    return authority && (depth === undefined || depth >= between) && this.maybeUsedFor(5);
  }

  /** The key that documents are signed with, or why there is none. */
  async signingKey() {
    if (this.constraints().authority || !this.maybeUsedFor(0)) return "may-not-sign";
    const key = await this.key();
    return key === undefined || key.alg === "ES384" ? "unsupported" : key;
  }

  key() {
    const alg = KEY_KINDS[/** @type {keyof typeof KEY_KINDS} */ (this.kind)];
    return alg === undefined ? Promise.resolve(undefined) : fromSpki(this.info, alg);
  }

  /** @param {Certificate} issuer */
  namesIssuer(issuer) {
    return same(this.issuer, issuer.subject);
  }

  /** @param {Certificate} issuer @returns {Promise<"signature" | "unsupported" | undefined>} */
  async notIssuedBy(issuer) {
    if (!this.namesIssuer(issuer) || !same(this.algorithm, this.innerAlgorithm)) return "signature";
    const hash = SIGNATURE_HASHES[/** @type {keyof typeof SIGNATURE_HASHES} */ (hex(elements(elements(this.algorithm)[0].body)[0].body))];
    const key = await issuer.key();
    // A curve goes with its hash here: this browser's verification names the hash by the key.
    if (hash === undefined || key?.alg !== hash) return "unsupported";
    const numbers = elements(elements(this.signature)[0]?.body ?? new Uint8Array()).map(({ body }) => body);
    const signature = joined(numbers, hash === "ES256" ? 32 : 48);
    return signature && (await isSigned(key, this.signed, signature)) ? undefined : "signature";
  }

  /** The names of hosts that it stands for (RFC 5280 section 4.2.1.6). */
  hosts() {
    const value = this.extensions.find(({ id }) => id === SUBJECT_NAMES)?.value;
    const names = value ? elements(elements(value)[0].body) : [];
    return names.filter(({ tag }) => tag === DNS_NAME).map(({ body }) => new TextDecoder().decode(body));
  }

  constraints() {
    const value = this.extensions.find(({ id }) => id === BASIC_CONSTRAINTS)?.value;
    const fields = value ? elements(elements(value)[0].body) : [];
    const depth = fields.find(({ tag }) => tag === 0x02)?.body[0];
    return { authority: fields.some(({ tag, body }) => tag === 0x01 && body[0] !== 0), depth };
  }

  /** Whether the key may be used for what this bit stands for (RFC 5280 section 4.2.1.3). @param {number} bit */
  maybeUsedFor(bit) {
    const value = this.extensions.find(({ id }) => id === KEY_USAGE)?.value;
    return value === undefined || (elements(value)[0].body[1] & (0x80 >> bit)) !== 0;
  }
}

/** @param {Element} element */
function extension({ body }) {
  const fields = elements(body);
  const critical = fields[1].tag === 0x01 && fields[1].body[0] !== 0;
  return { id: hex(fields[0].body), critical, value: fields[fields.length - 1].body };
}
