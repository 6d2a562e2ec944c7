// @ts-check
// The identity QR: a CWT with identity data (claim 169), bound to a device that countersigns it each time it is shown.
// Reads and verifies (the inspector), and shows (the wallet).

import { base45, deflate, inflate, same, toBase45, toBase64 } from "./bytes.js";
import { CborError, Entries, Tagged, decode, encode } from "./cbor.js";
import { fromCose, isSigned } from "./keys.js";

/** How old a proof may be, in seconds. */
export const MAX_AGE = 60;
const MAX_TEXT = 4296;
const MAX_INFLATED = 16 * 1024;
const MAX_CHALLENGE = 64;
const SIGN1 = 18;
const COSE_ALGORITHMS = /** @type {Record<string, number>} */ ({ ES256: -7, EdDSA: -8 });
const [ALG, CRIT, KID, COUNTERSIGNATURE, CWT_CLAIMS] = [1, 2, 4, 11, 15];
const [ISSUER, EXPIRES_AT, ISSUED_AT, CONFIRMATION, IDENTITY, STATUS, STAPLED] = [1, 4, 6, 8, 169, 65535, -65537];
const [SHOWN_AT, CHALLENGE] = [6, 10];
const PHOTO_FORMATS = [1, 2, 3, 4];

/** Why a code was refused: the name of the rule that it broke. */
export class Refusal extends Error {}

/** @param {boolean} good @param {string} code */
function must(good, code) {
  if (!good) throw new Refusal(code);
}

/** @param {Uint8Array} bytes @param {string} otherwise */
function read(bytes, otherwise) {
  try {
    return decode(bytes, MAX_INFLATED);
  } catch (error) {
    throw new Refusal(error instanceof CborError && error.message === "too-deep" ? "too-deep" : otherwise);
  }
}

/** @param {Uint8Array} bytes */
function header(bytes) {
  const map = bytes.length === 0 ? new Entries([]) : read(bytes, "malformed");
  if (!(map instanceof Entries)) throw new Refusal("malformed");
  must(map.get(CRIT) === undefined, "critical");
  return map;
}

/** A signed message taken apart; nothing in it can be trusted yet. */
export class Pass {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    const item = read(bytes, "malformed");
    const parts = item instanceof Tagged && item.tag === SIGN1 ? item.item : item;
    if (!Array.isArray(parts) || parts.length !== 4) throw new Refusal("malformed");
    const [protectedHeader, unprotectedHeader, payload, signature] = parts;
    const bstr = (/** @type {unknown} */ part) => part instanceof Uint8Array;
    must(bstr(protectedHeader) && unprotectedHeader instanceof Entries && (payload === null || bstr(payload)) && bstr(signature), "malformed");
    this.protectedHeader = /** @type {Uint8Array} */ (protectedHeader);
    this.unprotectedHeader = /** @type {Entries} */ (unprotectedHeader);
    this.payload = /** @type {Uint8Array} */ (payload);
    this.signature = /** @type {Uint8Array} */ (signature);
    this.header = header(this.protectedHeader);
    must(this.unprotectedHeader.get(CRIT) === undefined, "critical");
  }

  /** The short id of the issuer's key. */
  keyId() {
    const id = this.header.get(KID) ?? this.unprotectedHeader.get(KID);
    return id instanceof Uint8Array ? id : undefined;
  }

  /** What a countersignature is made over (RFC 9338 section 3.3). @param {Uint8Array} proofHeader */
  countersigned(proofHeader) {
    return encode(["CounterSignatureV2", this.protectedHeader, proofHeader, new Uint8Array(), this.payload, [this.signature]]);
  }

  /**
   * The text of a QR code with a proof made now, for the verifier's challenge if there is one.
   * @param {(message: Uint8Array) => Promise<Uint8Array>} sign by ES256 @param {number} at seconds @param {Uint8Array} [challenge]
   */
  async show(sign, at, challenge) {
    const shown = new Entries([[SHOWN_AT, Math.floor(at)]]);
    const claims = challenge ? shown.with(CHALLENGE, challenge) : shown;
    const proofHeader = encode(new Entries([[ALG, COSE_ALGORITHMS.ES256], [CWT_CLAIMS, claims]]));
    const proof = [proofHeader, new Entries([]), await sign(this.countersigned(proofHeader))];
    const unprotected = this.unprotectedHeader.with(COUNTERSIGNATURE, proof);
    const message = [this.protectedHeader, unprotected, this.payload, this.signature];
    return toBase45(await deflate(encode(new Tagged(SIGN1, message))));
  }

  /** Until when the pass is good, in seconds. */
  expiresAt() {
    const claims = read(this.payload, "missing-claim");
    return claims instanceof Entries ? Number(claims.get(EXPIRES_AT)) : 0;
  }
}

/** Takes the text of a QR code apart. @param {string} text */
export async function parse(text) {
  must(text.length <= MAX_TEXT, "too-long");
  const packed = base45(text);
  if (!packed) throw new Refusal("not-base45");
  const bytes = await inflate(packed, MAX_INFLATED);
  if (typeof bytes === "string") throw new Refusal(bytes);
  return new Pass(bytes);
}

/** @typedef {{ at: number, skew: number, challenge?: Uint8Array }} Expect */

/**
 * Verifies a pass of the issuer whose key this is, and the device's proof; throws a [Refusal].
 * @param {Pass} pass @param {import("./keys.js").Key} issuer @param {Expect} expect
 */
export async function verify(pass, issuer, expect) {
  must(pass.payload !== null, "malformed");
  must(pass.header.get(ALG) === COSE_ALGORITHMS[issuer.alg], "algorithm");
  const signed = encode(["Signature1", pass.protectedHeader, new Uint8Array(), pass.payload]);
  must(await isSigned(issuer, signed, pass.signature), "issuer-signature");
  const claims = read(pass.payload, "missing-claim");
  if (!(claims instanceof Entries)) throw new Refusal("missing-claim");
  const identity = identityOf(claims.get(IDENTITY));
  const confirmation = claims.get(CONFIRMATION);
  const device = confirmation instanceof Entries ? await fromCose(confirmation.get(1)) : undefined;
  const [issued, expires, staple] = [seconds(claims.get(ISSUED_AT)), seconds(claims.get(EXPIRES_AT)), claims.get(STAPLED)];
  const stapled = Array.isArray(staple) && staple.length === 2 ? { status: seconds(staple[0]), at: seconds(staple[1]) } : undefined;
  const place = statusOf(claims.get(STATUS));
  const whole = identity && device && stapled && place !== "malformed" && typeof claims.get(ISSUER) === "string";
  if (!whole) throw new Refusal("missing-claim");
  must(issued <= expect.at + expect.skew, "from-future");
  must(expires > expect.at, "expired");
  const shownAt = await proved(pass, device, expect);
  return { identity, shownAt, stapled, place, expiresAt: expires };
}

/** @param {Pass} pass @param {import("./keys.js").Key} device @param {Expect} expect */
async function proved(pass, device, expect) {
  const proof = pass.unprotectedHeader.get(COUNTERSIGNATURE);
  must(proof !== undefined, "proof-missing");
  if (!Array.isArray(proof) || proof.length !== 3) throw new Refusal("malformed");
  const [proofHeader, , signature] = proof;
  if (!(proofHeader instanceof Uint8Array) || !(proof[1] instanceof Entries) || !(signature instanceof Uint8Array)) throw new Refusal("malformed");
  const said = header(proofHeader);
  must(said.get(ALG) === COSE_ALGORITHMS[device.alg], "algorithm");
  must(await isSigned(device, pass.countersigned(proofHeader), signature), "proof-signature");
  const claims = said.get(CWT_CLAIMS);
  if (!(claims instanceof Entries)) throw new Refusal("malformed");
  const given = claims.get(CHALLENGE);
  must(given === undefined || given instanceof Uint8Array, "malformed");
  must(isWanted(/** @type {Uint8Array | undefined} */ (given), expect.challenge), "other-challenge");
  const shownAt = claims.get(SHOWN_AT);
  if (typeof shownAt !== "number" || !Number.isInteger(shownAt)) throw new Refusal("malformed");
  must(shownAt <= expect.at + expect.skew, "proof-from-future");
  must(shownAt + MAX_AGE >= expect.at, "proof-too-old");
  return shownAt;
}

/** @param {Uint8Array | undefined} given @param {Uint8Array | undefined} wanted */
function isWanted(given, wanted) {
  if (!given || !wanted) return given === wanted;
  return given.length <= MAX_CHALLENGE && same(given, wanted);
}

/** @param {unknown} number */
function seconds(number) {
  if (typeof number !== "number" || !Number.isInteger(number)) throw new Refusal("missing-claim");
  return number;
}

/** Where a status stands: nothing if nowhere. @param {unknown} claim */
function statusOf(claim) {
  if (claim === undefined) return undefined;
  const info = claim instanceof Entries ? claim.get("status_list") : undefined;
  const [uri, index] = info instanceof Entries ? [info.get("uri"), info.get("idx")] : [];
  return typeof uri === "string" && typeof index === "number" && index >= 0 ? { uri, index } : "malformed";
}

/** The identity data as the verdict has them. @param {unknown} data */
function identityOf(data) {
  if (!(data instanceof Entries)) return undefined;
  const [number, full_name, date_of_birth, address, nationality] = [1, 4, 8, 10, 13].map((label) => data.get(label));
  const [sex, photo, format] = [9, 16, 17].map((label) => data.get(label));
  const maybe = [date_of_birth, address, nationality].every((text) => text === undefined || typeof text === "string");
  const born = date_of_birth === undefined || !Number.isNaN(Date.parse(String(date_of_birth)));
  if (typeof number !== "string" || typeof full_name !== "string" || !maybe || !born) return undefined;
  if (![undefined, 1, 2].includes(/** @type {any} */ (sex))) return undefined;
  if (photo !== undefined && !(photo instanceof Uint8Array && PHOTO_FORMATS.includes(Number(format)))) return undefined;
  const said = { number, full_name, date_of_birth, sex: [undefined, "male", "female"][Number(sex ?? 0)], address, nationality };
  const kept = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  return photo ? { ...kept, photo: toBase64(/** @type {Uint8Array} */ (photo)) } : kept;
}
