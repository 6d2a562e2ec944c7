// @ts-check
// Public keys and their signatures: P-256, P-384 (authorities alone) and Ed25519.

import { base64url, concat, sha256, toBase64url, utf8 } from "./bytes.js";
import { Entries } from "./cbor.js";

/** A public key, and the algorithm that it is used with. @typedef {{ alg: "ES256" | "ES384" | "EdDSA", key: CryptoKey, thumbprint: Uint8Array }} Key */

/** @param {"ES256" | "ES384" | "EdDSA"} alg */
function named(alg) {
  if (alg === "EdDSA") return { name: "Ed25519" };
  return { name: "ECDSA", namedCurve: alg === "ES256" ? "P-256" : "P-384" };
}

/**
 * @param {"spki" | "jwk"} format @param {any} data @param {"ES256" | "ES384" | "EdDSA"} alg @returns {Promise<Key | undefined>}
 */
async function imported(format, data, alg) {
  try {
    const key = await crypto.subtle.importKey(/** @type {any} */ (format), data, named(alg), true, ["verify"]);
    return { alg, key, thumbprint: await thumbprint(key) };
  } catch {
    return undefined;
  }
}

/** The digest that RFC 7638 writes in base64url. @param {CryptoKey} key */
async function thumbprint(key) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", key);
  return sha256(utf8(JSON.stringify(y === undefined ? { crv, kty, x } : { crv, kty, x, y })));
}

/** @param {Uint8Array} der @param {"ES256" | "ES384" | "EdDSA"} alg */
export const fromSpki = (der, alg) => imported("spki", der, alg);

/** A JWK; nothing for a private one and for other kinds. @param {any} jwk @returns {Promise<Key | undefined>} */
export async function fromJwk(jwk) {
  if (typeof jwk !== "object" || jwk === null || "d" in jwk) return undefined;
  const { kty, crv, x, y } = jwk;
  if (kty === "EC" && crv === "P-256") return imported("jwk", { kty, crv, x, y }, "ES256");
  if (kty === "OKP" && crv === "Ed25519") return imported("jwk", { kty, crv, x }, "EdDSA");
  return undefined;
}

/** A `COSE_Key`: P-256 with both coordinates, or Ed25519. @param {unknown} map @returns {Promise<Key | undefined>} */
export async function fromCose(map) {
  if (!(map instanceof Entries) || map.get(-4) !== undefined) return undefined;
  const [kty, crv, x, y] = [1, -1, -2, -3].map((label) => map.get(label));
  if (!(x instanceof Uint8Array)) return undefined;
  if (kty === 1 && crv === 6) return fromJwk({ kty: "OKP", crv: "Ed25519", x: toBase64url(x) });
  if (kty !== 2 || crv !== 1 || !(y instanceof Uint8Array)) return undefined;
  return fromJwk({ kty: "EC", crv: "P-256", x: toBase64url(x), y: toBase64url(y) });
}

/** Whether a signature (for ECDSA r and s at full length) is one of the key's over the message. @param {Key} key @param {Uint8Array} message @param {Uint8Array} signature */
export async function isSigned(key, message, signature) {
  const hash = key.alg === "ES384" ? "SHA-384" : "SHA-256";
  const how = key.alg === "EdDSA" ? { name: "Ed25519" } : { name: "ECDSA", hash };
  try {
    return await crypto.subtle.verify(how, key.key, /** @type {BufferSource} */ (signature), /** @type {BufferSource} */ (message));
  } catch {
    return false;
  }
}

/**
 * Takes a compact JWS apart; the signature is still to be verified.
 * @param {string} text @param {number} max
 */
export function parseJws(text, max) {
  const parts = text.split(".");
  if (text.length > max || parts.length !== 3) return undefined;
  const [head, body, signature] = parts.map(base64url);
  if (!head || !body || !signature) return undefined;
  try {
    const read = (/** @type {Uint8Array} */ bytes) => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const [header, claims] = [read(head), read(body)];
    if (typeof header !== "object" || typeof claims !== "object" || header === null || claims === null) return undefined;
    const message = utf8(`${parts[0]}.${parts[1]}`);
    const verify = async (/** @type {Key} */ key) =>
      header.alg === key.alg && !("crit" in header) && (await isSigned(key, message, signature));
    return { header, claims, verify };
  } catch {
    return undefined;
  }
}

/** A DER signature of ECDSA as r and s of so many bytes each. @param {Uint8Array[]} numbers @param {number} size */
export function joined(numbers, size) {
  const whole = numbers.map((number) => {
    const bare = number.slice(number.findIndex((byte) => byte !== 0));
    return bare.length > size ? undefined : concat(new Uint8Array(size - bare.length), bare);
  });
  return whole.length === 2 && whole[0] && whole[1] ? concat(whole[0], whole[1]) : undefined;
}
