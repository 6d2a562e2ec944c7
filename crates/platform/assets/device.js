// @ts-check
// The key of this device: a P-256 key that no script can read out. It is made once, and signs what this device proves.

const DATABASE = "vneid";
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const ES256 = { name: "ECDSA", hash: "SHA-256" };

/** The places in this browser's own database. @typedef {"keys" | "sealed" | "shown" | "kit" | "waiting"} Store */

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      for (const name of ["keys", "sealed", "kit"]) request.result.createObjectStore(name);
      for (const name of ["shown", "waiting"]) request.result.createObjectStore(name, { autoIncrement: true });
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return opened;
}

/**
 * One step on a store of this browser's own database.
 * @template T @param {Store} name @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} step @returns {Promise<T>}
 */
async function on(name, mode, step) {
  const transaction = (await open()).transaction(name, mode);
  const request = step(transaction.objectStore(name));
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(request.result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

/** @param {Store} name @param {string} key @returns {Promise<any>} */
export const read = (name, key) => on(name, "readonly", (store) => store.get(key));
/** @param {Store} name @param {string} key @param {unknown} value */
export const write = (name, key, value) => on(name, "readwrite", (store) => store.put(value, key));
/** Adds an entry to a list. @param {Store} name @param {unknown} value */
export const append = (name, value) => on(name, "readwrite", (store) => store.add(value));
/** @param {Store} name @param {IDBValidKey} key */
export const remove = (name, key) => on(name, "readwrite", (store) => store.delete(key));
/** @param {Store} name */
export const clear = (name) => on(name, "readwrite", (store) => store.clear());

/** All entries of a list with their keys, the oldest first. @param {Store} name @returns {Promise<[IDBValidKey, any][]>} */
export async function list(name) {
  const keys = await on(name, "readonly", (store) => store.getAllKeys());
  const values = await on(name, "readonly", (store) => store.getAll());
  return keys.map((key, at) => [key, values[at]]);
}

/** A key pair that stays in this browser; made now if there is none. @param {string} name the device's own, or that of a credential of somebody else @returns {Promise<CryptoKeyPair>} */
export async function deviceKey(name = "device") {
  const kept = await read("keys", name);
  if (kept) return kept;
  const fresh = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  await write("keys", name, fresh);
  return fresh;
}

/** Forgets what the wallet keeps, with the keys that only it has used. The device's own key stays: it is the person's device as before. */
export async function forget() {
  for (const name of /** @type {Store[]} */ (["sealed", "shown"])) await clear(name);
  for (const [key] of await list("keys")) if (key !== "device") await remove("keys", key);
}

/** The public key as a JWK with its required members alone. @param {string} [name] */
export async function publicJwk(name) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", (await deviceKey(name)).publicKey);
  return { kty, crv, x, y };
}

/** Signs bytes by ES256: r and s, 32 bytes each. @param {Uint8Array} bytes @param {string} [name] */
export async function sign(bytes, name) {
  const { privateKey } = await deviceKey(name);
  return new Uint8Array(await crypto.subtle.sign(ES256, privateKey, /** @type {BufferSource} */ (bytes)));
}

/** The thumbprint of the public key (RFC 7638), base64url. */
export async function thumbprint() {
  const { kty, crv, x, y } = await publicJwk();
  const canonical = new TextEncoder().encode(JSON.stringify({ crv, kty, x, y }));
  return base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", canonical)));
}

/** @param {Uint8Array} bytes */
export const base64url = (bytes) =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** A compact JWS (ES256). @param {Record<string, unknown>} header @param {Record<string, unknown>} claims @param {string} [name] of the key */
export async function signJwt(header, claims, name) {
  const part = (/** @type {unknown} */ value) => base64url(new TextEncoder().encode(JSON.stringify(value)));
  const message = `${part({ alg: "ES256", ...header })}.${part(claims)}`;
  return `${message}.${base64url(await sign(new TextEncoder().encode(message), name))}`;
}
