// @ts-check
// Mobile documents (ISO/IEC 18013-5) as the holder needs them: what one says, and a response with chosen elements alone.

import { sign } from "../device.js";
import { sha256, toBase64, utf8 } from "../verifier/bytes.js";
import { Entries, Tagged, decode, encode } from "../verifier/cbor.js";

/** @typedef {import("../verifier/cbor.js").Item} Item */

const MAX = 1024 * 1024;
/** An encoded item within a byte string. */
const WRAPPED = 24;
const ES256 = -7;
const PICTURES = ["portrait", "signature_usual_mark"];

/** @param {Item} item @returns {Entries} */
function map(item) {
  if (!(item instanceof Entries)) throw new Error("malformed");
  return item;
}

/** @param {Item} item @returns {Uint8Array} */
function wrapped(item) {
  if (!(item instanceof Tagged) || item.tag !== WRAPPED || !(item.item instanceof Uint8Array)) throw new Error("malformed");
  return item.item;
}

/** What a value is for people and for JSON. @param {string} name @param {Item} value @returns {any} */
function plain(name, value) {
  if (value instanceof Tagged) return plain(name, value.item);
  if (value instanceof Uint8Array) return PICTURES.includes(name) ? `data:image/jpeg;base64,${toBase64(value)}` : toBase64(value);
  if (value instanceof Entries) return Object.fromEntries(value.entries.map(([key, inner]) => [String(key), plain(String(key), inner)]));
  return Array.isArray(value) ? value.map((inner) => plain(name, inner)) : value;
}

/** Takes `IssuerSigned` apart. @param {Uint8Array} bytes */
export function parse(bytes) {
  const signed = map(decode(bytes, MAX));
  const auth = signed.get("issuerAuth");
  const payload = Array.isArray(auth) ? auth[2] : undefined;
  if (!(payload instanceof Uint8Array)) throw new Error("malformed");
  const object = map(decode(wrapped(decode(payload, MAX)), MAX));
  const until = map(object.get("validityInfo")).get("validUntil");
  const namespaces = map(signed.get("nameSpaces")).entries.map(([name, items]) => {
    if (!Array.isArray(items)) throw new Error("malformed");
    return { name: String(name), items: items.map((item) => ({ item, said: map(decode(wrapped(item), MAX)) })) };
  });
  const device = map(map(object.get("deviceKeyInfo")).get("deviceKey"));
  return { type: String(object.get("docType")), until: String(plain("", until)), namespaces, auth, device };
}

/** All that a document says: the elements of each namespace. @param {Uint8Array} bytes @returns {Record<string, Record<string, any>>} */
export function elements(bytes) {
  const said = parse(bytes).namespaces.map(({ name, items }) => {
    const named = items.map(({ said: item }) => {
      const identifier = String(item.get("elementIdentifier"));
      return [identifier, plain(identifier, item.get("elementValue"))];
    });
    return [name, Object.fromEntries(named)];
  });
  return Object.fromEntries(said);
}

/** The coordinates of the key that a document is bound to. @param {Uint8Array} bytes */
export function boundTo(bytes) {
  const { device } = parse(bytes);
  return [device.get(-2), device.get(-3)];
}

/**
 * The transcript of a session (OpenID4VP 1.0 appendix B.2.6.1).
 * @param {string} client_id @param {string} nonce @param {Uint8Array | null} thumbprint of the key that the answer is encrypted to @param {string} response_uri
 */
export async function transcript(client_id, nonce, thumbprint, response_uri) {
  const digest = await sha256(encode([client_id, nonce, thumbprint, response_uri]));
  return [null, null, ["OpenID4VPHandover", digest]];
}

/**
 * A `DeviceResponse` that shows the wanted elements and nothing else, signed by the key of the document for this session (clause 9.1.3).
 * @param {Uint8Array} bytes @param {string} key the name of the key @param {(string | number | null)[][]} paths namespace and element @param {Item} session
 */
export async function present(bytes, key, paths, session) {
  const { type, namespaces, auth } = parse(bytes);
  const shown = namespaces.map(({ name, items }) => {
    const wanted = items.filter(({ said }) => paths.some(([space, element]) => space === name && element === said.get("elementIdentifier")));
    return /** @type {[Item, Item]} */ ([name, wanted.map(({ item }) => item)]);
  });
  const own = new Tagged(WRAPPED, encode(new Entries([])));
  const authentication = encode(new Tagged(WRAPPED, encode(["DeviceAuthentication", session, type, own])));
  const head = encode(new Entries([[1, ES256]]));
  const signature = await sign(encode(["Signature1", head, new Uint8Array(), authentication]), key);
  const device = { nameSpaces: own, deviceAuth: entries({ deviceSignature: [head, new Entries([]), null, signature] }) };
  const issuer = { nameSpaces: new Entries(shown.filter(([, items]) => Array.isArray(items) && items.length > 0)), issuerAuth: auth };
  const document = entries({ docType: type, issuerSigned: entries(issuer), deviceSigned: entries(device) });
  return encode(entries({ version: "1.0", documents: [document], status: 0 }));
}

/** @param {Record<string, Item>} members */
const entries = (members) => new Entries(Object.entries(members));

/** The thumbprint of a public JWK in bytes (RFC 7638). @param {{ crv: string, kty: string, x: string, y: string }} jwk */
export const thumbprint = ({ crv, kty, x, y }) => sha256(utf8(JSON.stringify({ crv, kty, x, y })));
