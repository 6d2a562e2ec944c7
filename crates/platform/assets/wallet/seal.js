// @ts-check
// What the wallet keeps, sealed under the passcode: a random key seals the data (AES-256-GCM), the passcode's key (PBKDF2) seals the random key.
//
// It keeps out who has the unlocked phone in hand and tries codes. Six digits do not keep out who copies the browser's files and has a
// computer: against that stands the phone's own encryption. The holder's key is apart and cannot be read out at all.

import { clear, read, remove, write } from "../device.js";

const ITERATIONS = 600_000;
/** After so many wrong codes each further one has to wait, and after so many nothing is kept any more. */
const [FREE, LAST] = [3, 10];
/** The first wait, in seconds; it doubles. */
const WAIT = 30;

/** @param {Uint8Array | ArrayBuffer} bytes */
const buffer = (bytes) => /** @type {BufferSource} */ (bytes);
const nonce = () => crypto.getRandomValues(new Uint8Array(12));

/** @param {string} passcode @param {Uint8Array} salt @param {number} iterations */
async function fromPasscode(passcode, salt, iterations) {
  const material = await crypto.subtle.importKey("raw", new TextEncoder().encode(passcode), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: buffer(salt), iterations };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}

/** @param {CryptoKey} key @param {unknown} data */
async function sealed(key, data) {
  const iv = nonce();
  const bytes = await crypto.subtle.encrypt({ name: "AES-GCM", iv: buffer(iv) }, key, buffer(new TextEncoder().encode(JSON.stringify(data))));
  return { iv, bytes };
}

/** Whether anything is kept. */
export const isKept = async () => (await read("sealed", "wallet")) !== undefined;

/** Keeps data under a passcode, in place of what was kept. @param {string} passcode @param {unknown} data */
export async function keep(passcode, data) {
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const [salt, iv] = [crypto.getRandomValues(new Uint8Array(16)), nonce()];
  const outer = await fromPasscode(passcode, salt, ITERATIONS);
  const wrapped = await crypto.subtle.wrapKey("raw", fresh, outer, { name: "AES-GCM", iv: buffer(iv) });
  await write("sealed", "wallet", { salt, iterations: ITERATIONS, iv, wrapped, data: await sealed(fresh, data) });
  await remove("sealed", "tries");
  return (await open(passcode, { salt, iterations: ITERATIONS, iv, wrapped })) ?? fresh;
}

/** @param {string} passcode @param {{ salt: Uint8Array, iterations: number, iv: Uint8Array, wrapped: ArrayBuffer }} kept */
async function open(passcode, { salt, iterations, iv, wrapped }) {
  const outer = await fromPasscode(passcode, salt, iterations);
  try {
    return await crypto.subtle.unwrapKey("raw", wrapped, outer, { name: "AES-GCM", iv: buffer(iv) }, "AES-GCM", false, ["encrypt", "decrypt"]);
  } catch {
    return undefined;
  }
}

/**
 * Opens what is kept. Every try counts before it is tried.
 * @param {string} passcode
 * @returns {Promise<{ key: CryptoKey, data: any } | { wait: number } | { wrong: number } | "gone">} `wait`: seconds; `wrong`: tries that are left
 */
export async function unlock(passcode) {
  const now = Date.now() / 1000;
  const tries = (await read("sealed", "tries")) ?? { count: 0, until: 0 };
  if (tries.until > now) return { wait: Math.ceil(tries.until - now) };
  const kept = await read("sealed", "wallet");
  if (!kept) return "gone";
  const count = tries.count + 1;
  const wait = count > FREE ? WAIT * 2 ** (count - FREE - 1) : 0;
  await write("sealed", "tries", { count, until: now + wait });
  const key = await open(passcode, kept);
  if (key) {
    await remove("sealed", "tries");
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.data.iv }, key, kept.data.bytes);
    return { key, data: JSON.parse(new TextDecoder().decode(plain)) };
  }
  if (count < LAST) return { wrong: LAST - count };
  await clear("sealed");
  return "gone";
}

/** Keeps changed data under the key that was opened. @param {CryptoKey} key @param {unknown} data */
export async function keepAgain(key, data) {
  const kept = await read("sealed", "wallet");
  if (kept) await write("sealed", "wallet", { ...kept, data: await sealed(key, data) });
}
