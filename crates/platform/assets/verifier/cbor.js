// @ts-check
// CBOR (RFC 8949) of strangers, read within bounds: no item longer than the caller's bound, nested deeper than 16, followed by further
// bytes, of indefinite length, or a map with a key twice.

import { concat, utf8 } from "./bytes.js";

const MAX_DEPTH = 16;

/** A map, whose keys may be of any kind. */
export class Entries {
  /** @param {[Item, Item][]} entries */
  constructor(entries) {
    this.entries = entries;
  }

  /** The value of a key that is a number or a text. @param {number | string} key @returns {Item} */
  get(key) {
    return this.entries.find(([found]) => found === key)?.[1];
  }

  /** The same map with another entry. @param {Item} key @param {Item} value */
  with(key, value) {
    return new Entries([...this.entries, [key, value]]);
  }
}

/** A tagged item. */
export class Tagged {
  /** @param {number} tag @param {Item} item */
  constructor(tag, item) {
    this.tag = tag;
    this.item = item;
  }
}

/** @typedef {number | bigint | string | boolean | null | undefined | Uint8Array | Entries | Tagged | Item[]} Item */

/** Why bytes were not read. */
export class CborError extends Error {}

/** Reads one item. @param {Uint8Array} bytes @param {number} max @returns {Item} */
export function decode(bytes, max) {
  if (bytes.length > max) throw new CborError("too-large");
  const reader = new Reader(bytes);
  const item = reader.item(0);
  if (reader.at !== bytes.length) throw new CborError("malformed");
  return item;
}

class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  /** @param {number} depth @returns {Item} */
  item(depth) {
    if (depth >= MAX_DEPTH) throw new CborError("too-deep");
    const head = this.take(1)[0];
    const [major, short] = [head >> 5, head & 31];
    if (major === 7) return this.simple(short);
    const number = this.number(short);
    if (major === 0) return number;
    if (major === 1) return typeof number === "bigint" ? -1n - number : -1 - number;
    const length = Number(number);
    if (major === 2) return this.take(length).slice();
    if (major === 3) return text(this.take(length));
    if (major === 6) return new Tagged(length, this.item(depth + 1));
    // Each item has at least a byte: a length that is a lie is found before anything is made for it.
    if (length > this.bytes.length - this.at) throw new CborError("malformed");
    if (major === 4) return Array.from({ length }, () => this.item(depth + 1));
    return this.map(length, depth);
  }

  /** @param {number} length @param {number} depth */
  map(length, depth) {
    /** @type {[Item, Item][]} */
    const entries = [];
    const seen = new Set();
    for (let turn = 0; turn < length; turn++) {
      const key = this.item(depth + 1);
      const written = encode(key).join();
      if (seen.has(written)) throw new CborError("duplicate-key");
      seen.add(written);
      entries.push([key, this.item(depth + 1)]);
    }
    return new Entries(entries);
  }

  /** @param {number} short */
  number(short) {
    if (short < 24) return short;
    if (short === 24) return this.take(1)[0];
    const at = this.at;
    if (short === 25) return this.take(2) && this.view.getUint16(at);
    if (short === 26) return this.take(4) && this.view.getUint32(at);
    if (short !== 27) throw new CborError("malformed");
    this.take(8);
    const large = this.view.getBigUint64(at);
    return large <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(large) : large;
  }

  /** @param {number} short @returns {Item} */
  simple(short) {
    if (short === 20 || short === 21) return short === 21;
    if (short === 22) return null;
    if (short === 23) return undefined;
    const at = this.at;
    if (short === 26) return this.take(4) && this.view.getFloat32(at);
    if (short === 27) return this.take(8) && this.view.getFloat64(at);
    throw new CborError("malformed");
  }

  /** @param {number} length */
  take(length) {
    if (length > this.bytes.length - this.at) throw new CborError("malformed");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

/** @param {Uint8Array} bytes */
function text(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CborError("malformed");
  }
}

/** Writes an item, numbers and lengths in their shortest form. @param {Item} item @returns {Uint8Array} */
export function encode(item) {
  if (item === null) return Uint8Array.of(0xf6);
  if (item === undefined) return Uint8Array.of(0xf7);
  if (typeof item === "boolean") return Uint8Array.of(item ? 0xf5 : 0xf4);
  if (typeof item === "bigint") return item < 0n ? head(1, -1n - item) : head(0, item);
  if (typeof item === "number") {
    if (!Number.isSafeInteger(item)) return float(item);
    return item < 0 ? head(1, -1 - item) : head(0, item);
  }
  if (typeof item === "string") return concat(head(3, utf8(item).length), utf8(item));
  if (item instanceof Uint8Array) return concat(head(2, item.length), item);
  if (item instanceof Tagged) return concat(head(6, item.tag), encode(item.item));
  if (item instanceof Entries) return concat(head(5, item.entries.length), ...item.entries.flat().map(encode));
  return concat(head(4, item.length), ...item.map(encode));
}

/** @param {number} major @param {number | bigint} number */
function head(major, number) {
  const size = number < 24 ? 0 : number < 0x100 ? 1 : number < 0x10000 ? 2 : number < 0x100000000 ? 4 : 8;
  const bytes = new Uint8Array(1 + size);
  const view = new DataView(bytes.buffer);
  bytes[0] = (major << 5) | (size === 0 ? Number(number) : 24 + Math.log2(size));
  if (size === 8) view.setBigUint64(1, BigInt(number));
  else for (let at = 0, rest = Number(number); at < size; at++, rest = Math.floor(rest / 256)) bytes[size - at] = rest % 256;
  return bytes;
}

/** @param {number} number */
function float(number) {
  const bytes = new Uint8Array(9);
  bytes[0] = 0xfb;
  new DataView(bytes.buffer).setFloat64(1, number);
  return bytes;
}
