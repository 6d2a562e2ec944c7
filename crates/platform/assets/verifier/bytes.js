// @ts-check
// Bytes and the alphabets they are written in.

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** @param {string} text */
export const utf8 = (text) => new TextEncoder().encode(text);

/** @param {...Uint8Array} parts */
export function concat(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** @param {Uint8Array} a @param {Uint8Array} b */
export const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

/** @param {Uint8Array} bytes */
export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", /** @type {BufferSource} */ (bytes)));

/** Standard base64, strict. @param {string} text @returns {Uint8Array | undefined} */
export function base64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** base64url without padding, strict. @param {string} text @returns {Uint8Array | undefined} */
export function base64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = base64(text.replaceAll("-", "+").replaceAll("_", "/").padEnd(Math.ceil(text.length / 4) * 4, "="));
  return bytes && toBase64url(bytes) === text ? bytes : undefined;
}

/** @param {Uint8Array} bytes */
export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
/** @param {Uint8Array} bytes */
export const toBase64url = (bytes) => toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** base45 (RFC 9285). @param {string} text @returns {Uint8Array | undefined} */
export function base45(text) {
  if (text.length % 3 === 1) return undefined;
  const digits = Array.from(text, (letter) => ALPHABET.indexOf(letter));
  if (digits.includes(-1)) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 2) / 3));
  let end = 0;
  for (let at = 0; at < digits.length; at += 3) {
    const whole = at + 2 < digits.length;
    const number = digits[at] + digits[at + 1] * 45 + (whole ? digits[at + 2] * 2025 : 0);
    if (number > (whole ? 0xffff : 0xff)) return undefined;
    if (whole) bytes[end++] = number >> 8;
    bytes[end++] = number & 0xff;
  }
  return bytes;
}

/** @param {Uint8Array} bytes */
export function toBase45(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    const whole = at + 1 < bytes.length;
    const number = whole ? bytes[at] * 256 + bytes[at + 1] : bytes[at];
    text += ALPHABET[number % 45] + ALPHABET[Math.floor(number / 45) % 45];
    if (whole) text += ALPHABET[Math.floor(number / 2025)];
  }
  return text;
}

/** Compresses (ZLIB). @param {Uint8Array} bytes */
export async function deflate(bytes) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(new CompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Inflates (ZLIB) to at most `max` bytes; no more than that and one piece of the stream is ever held.
 * @param {Uint8Array} bytes @param {number} max @returns {Promise<Uint8Array | "not-compressed" | "too-large">}
 */
export async function inflate(bytes, max) {
  const stream = new Blob([/** @type {BlobPart} */ (bytes)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  const parts = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return concat(...parts);
      length += value.length;
      if (length > max) {
        reader.cancel().catch(() => undefined);
        return "too-large";
      }
      parts.push(value);
    }
  } catch {
    return "not-compressed";
  }
}
