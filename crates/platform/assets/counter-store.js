// @ts-check
// What a counter's page keeps on this device until it is handed in. It is sealed by a key that no script can read out, and
// handed in under the signature of another such key.

const DATABASE = "vneid-counter";
const DAY = 24 * 60 * 60 * 1000;
const SEALING = { name: "AES-GCM", length: 256 };
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const ES256 = { name: "ECDSA", hash: "SHA-256" };

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

function open() {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("keys");
      request.result.createObjectStore("kept");
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return opened;
}

/**
 * @template T @param {"keys" | "kept"} name @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} step
 * @returns {Promise<T>}
 */
async function on(name, mode, step) {
  const transaction = (await open()).transaction(name, mode);
  const request = step(transaction.objectStore(name));
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(request.result);
    transaction.onerror = transaction.onabort = () => failed(transaction.error);
  });
}

/** A key of this device, made when it is first asked for. @param {string} name @param {() => Promise<any>} make */
async function key(name, make) {
  const kept = await on("keys", "readonly", (store) => store.get(name));
  if (kept) return kept;
  const fresh = await make();
  // Of two pages that make it at once, the first stays.
  try {
    await on("keys", "readwrite", (store) => store.add(fresh, name));
    return fresh;
  } catch {
    return on("keys", "readonly", (store) => store.get(name));
  }
}

const sealingKey = () => key("sealing", () => crypto.subtle.generateKey(SEALING, false, ["encrypt", "decrypt"]));
const signingKeys = () => key("signing", () => crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]));
const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** Keeps a value under a name. @param {string} name @param {unknown} value */
export async function keep(name, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv, additionalData: bytes(name) };
  const sealed = await crypto.subtle.encrypt(how, await sealingKey(), bytes(JSON.stringify(value)));
  await on("kept", "readwrite", (store) => store.put({ iv, sealed, at: Date.now() }, name));
}

/** What was kept under a name. @param {string} name @returns {Promise<any>} */
export async function recall(name) {
  const kept = await on("kept", "readonly", (store) => store.get(name));
  if (!kept) return undefined;
  // A form that was left is forgotten after a day; a finished draft stays until it has arrived.
  if (!name.startsWith("draft:") && Date.now() - kept.at > DAY) {
    await drop(name);
    return undefined;
  }
  const how = { name: "AES-GCM", iv: kept.iv, additionalData: bytes(name) };
  try {
    const plain = await crypto.subtle.decrypt(how, await sealingKey(), kept.sealed);
    return JSON.parse(new TextDecoder().decode(plain));
  } catch {
    return undefined;
  }
}

/** @param {string} name */
export const drop = (name) => on("kept", "readwrite", (store) => store.delete(name));

/** All names that begin so, in order. @param {string} beginning @returns {Promise<string[]>} */
export async function names(beginning) {
  const all = await on("kept", "readonly", (store) => store.getAllKeys());
  return all.map(String).filter((name) => name.startsWith(beginning));
}

/** The public key that this device hands in under. */
export async function publicKey() {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", (await signingKeys()).publicKey);
  return { kty, crv, x, y };
}

/** Signs a text: r and s in base64url. @param {string} text */
export async function sign(text) {
  const signature = await crypto.subtle.sign(ES256, (await signingKeys()).privateKey, bytes(text));
  return base64(new Uint8Array(signature)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {Uint8Array} content */
export function base64(content) {
  let text = "";
  for (let at = 0; at < content.length; at += 0x8000) text += String.fromCharCode(...content.subarray(at, at + 0x8000));
  return btoa(text);
}

/** @param {string} text */
export const unbase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** What stands in a form: its fields, and its files in base64. @param {HTMLFormElement} form */
export async function contents(form) {
  /** @type {Record<string, string | boolean>} */
  const fields = {};
  /** @type {Record<string, { name: string, type: string, base64: string }>} */
  const files = {};
  for (const element of form.elements) {
    if (!(element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement)) continue;
    if (!element.name || element.type === "hidden" || element.type === "password") continue;
    if (element instanceof HTMLInputElement && element.type === "file") {
      const file = element.files?.[0];
      if (file) files[element.name] = { name: file.name, type: file.type, base64: base64(new Uint8Array(await file.arrayBuffer())) };
    } else if (element instanceof HTMLInputElement && element.type === "checkbox") {
      fields[element.name] = element.checked;
    } else {
      fields[element.name] = element.value;
    }
  }
  return { fields, files };
}

/** Puts contents back into a form, where it is empty. @param {HTMLFormElement} form @param {Awaited<ReturnType<typeof contents>>} kept */
export function restore(form, kept) {
  let restored = false;
  for (const [name, value] of Object.entries(kept.fields)) {
    const element = form.elements.namedItem(name);
    if (element instanceof HTMLInputElement && element.type === "checkbox") {
      restored ||= element.checked !== value;
      element.checked = Boolean(value);
    } else if ((element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement) && !element.value && value) {
      element.value = String(value);
      restored = true;
    }
  }
  for (const [name, file] of Object.entries(kept.files)) {
    const element = form.elements.namedItem(name);
    if (!(element instanceof HTMLInputElement) || element.type !== "file" || element.files?.length) continue;
    put(element, new File([unbase64(file.base64)], file.name, { type: file.type }));
    restored = true;
  }
  return restored;
}

/** Puts a file into a file field, as if it had been chosen. @param {HTMLInputElement} field @param {File} file */
export function put(field, file) {
  const files = new DataTransfer();
  files.items.add(file);
  field.files = files.files;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
