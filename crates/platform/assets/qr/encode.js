// @ts-check
// Draws a QR code for a text of the alphanumeric alphabet, or any other as UTF-8.

import { checkBytes } from "./galois.js";
import { ALPHANUMERIC, MASKS, alignmentCentres, blocksOf, countBits, dataPath, formatBits, formatPlaces, sizeOf, versionBits, versionPlaces } from "./symbol.js";

/** @typedef {import("./symbol.js").Level} Level */
/** A drawn code: rows of modules, dark is 1. @typedef {{ version: number, level: Level, mask: number, modules: Uint8Array[] }} Code */

/** The smallest code for a text, or nothing if it fits into none. @param {string} text @param {Level} [level] @returns {Code | undefined} */
export function draw(text, level = "M") {
  const plain = Array.from(text).every((letter) => ALPHANUMERIC.includes(letter));
  const bytes = new TextEncoder().encode(text);
  for (let version = 1; version <= 40; version++) {
    const room = blocksOf(version, level).data.reduce((sum, size) => sum + size, 0) * 8;
    const bits = plain ? alphanumeric(text, version) : binary(bytes, version);
    if (bits.length <= room) return placed(padded(bits, room), version, level);
  }
  return undefined;
}

/** @param {number[]} bits @param {number} value @param {number} count */
function push(bits, value, count) {
  for (let bit = count - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
}

/** @param {string} text @param {number} version */
function alphanumeric(text, version) {
  /** @type {number[]} */
  const bits = [];
  push(bits, 2, 4);
  push(bits, text.length, countBits("alphanumeric", version));
  for (let at = 0; at < text.length; at += 2) {
    const first = ALPHANUMERIC.indexOf(text[at]);
    if (at + 1 < text.length) push(bits, first * 45 + ALPHANUMERIC.indexOf(text[at + 1]), 11);
    else push(bits, first, 6);
  }
  return bits;
}

/** @param {Uint8Array} bytes @param {number} version */
function binary(bytes, version) {
  /** @type {number[]} */
  const bits = [];
  push(bits, 4, 4);
  push(bits, bytes.length, countBits("byte", version));
  for (const byte of bytes) push(bits, byte, 8);
  return bits;
}

/** The data bytes, filled up (clause 7.4.10). @param {number[]} bits @param {number} room */
function padded(bits, room) {
  push(bits, 0, Math.min(4, room - bits.length));
  push(bits, 0, (8 - (bits.length % 8)) % 8);
  const bytes = new Uint8Array(room / 8);
  for (let at = 0; at < bytes.length; at++) {
    const own = bits.slice(at * 8, at * 8 + 8);
    const filler = (at - bits.length / 8) % 2 === 0 ? 0xec : 0x11;
    bytes[at] = own.length > 0 ? own.reduce((sum, bit) => sum * 2 + bit, 0) : filler;
  }
  return bytes;
}

/** The bytes of all blocks with their check bytes, interleaved (clause 7.6). @param {Uint8Array} bytes @param {number} version @param {Level} level */
function interleaved(bytes, version, level) {
  const { data, checks } = blocksOf(version, level);
  let start = 0;
  const blocks = data.map((size) => bytes.slice(start, (start += size)));
  const woven = [];
  for (let at = 0; at < data[data.length - 1]; at++) for (const block of blocks) if (at < block.length) woven.push(block[at]);
  const ends = blocks.map((block) => checkBytes(block, checks));
  for (let at = 0; at < checks; at++) for (const end of ends) woven.push(end[at]);
  return woven;
}

/** @param {Uint8Array} bytes @param {number} version @param {Level} level @returns {Code} */
function placed(bytes, version, level) {
  const [woven, path] = [interleaved(bytes, version, level), dataPath(version)];
  const bit = (/** @type {number} */ at) => ((woven[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
  const drawn = MASKS.map((turns, mask) => {
    const modules = patterns(version, level, mask);
    path.forEach(([x, y], at) => (modules[y][x] = bit(at) ^ (turns(x, y) ? 1 : 0)));
    return { version, level, mask, modules };
  });
  const marks = drawn.map(({ modules }) => penalty(modules));
  return drawn[marks.indexOf(Math.min(...marks))];
}

/** A code with its patterns, format and version alone. @param {number} version @param {Level} level @param {number} mask */
function patterns(version, level, mask) {
  const size = sizeOf(version);
  const modules = Array.from({ length: size }, () => new Uint8Array(size));
  for (let at = 0; at < size; at++) modules[6][at] = modules[at][6] = at % 2 === 0 ? 1 : 0;
  for (const [x, y] of alignmentCentres(version)) square(modules, x, y, 2);
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(modules, x, y, 4);
  modules[size - 8][8] = 1;
  const write = (/** @type {number} */ bits, /** @type {[number, number][][]} */ copies) => copies.forEach((places) => places.forEach(([x, y], bit) => (modules[y][x] = (bits >> bit) & 1)));
  write(formatBits(level, mask), formatPlaces(size));
  if (version >= 7) write(versionBits(version), versionPlaces(size));
  return modules;
}

/** Rings around a dark centre. @param {Uint8Array[]} modules @param {number} left @param {number} top @param {number} rings */
function square(modules, left, top, rings) {
  for (let y = -rings; y <= rings; y++) {
    for (let x = -rings; x <= rings; x++) {
      const far = Math.max(Math.abs(x), Math.abs(y));
      const row = modules[top + y];
      if (row?.[left + x] !== undefined) row[left + x] = rings === 4 ? (far === 2 || far === 4 ? 0 : 1) : far === 1 ? 0 : 1;
    }
  }
}

/** How hard a masked code is to read (clause 7.8.3). @param {Uint8Array[]} modules */
function penalty(modules) {
  const size = modules.length;
  let [marks, dark] = [0, 0];
  const columns = Array.from({ length: size }, (_, x) => Uint8Array.from(modules, (row) => row[x]));
  for (const line of [...modules, ...columns]) {
    for (let at = 0, run = 0; at < size; at++) {
      run = at > 0 && line[at] === line[at - 1] ? run + 1 : 1;
      if (run === 5) marks += 3;
      else if (run > 5) marks += 1;
    }
    const text = line.join("");
    for (const pattern of ["10111010000", "00001011101"]) {
      for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1)) marks += 40;
    }
  }
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      dark += modules[y][x];
      const sum = x > 0 && y > 0 ? modules[y][x] + modules[y][x - 1] + modules[y - 1][x] + modules[y - 1][x - 1] : 1;
      if (sum === 0 || sum === 4) marks += 3;
    }
  }
  return marks + Math.floor(Math.abs((dark * 20) / (size * size) - 10)) * 10;
}

/** A code as SVG with its quiet zone. @param {Code} code */
export function svg({ modules }) {
  const size = modules.length + 8;
  const rows = modules.flatMap((row, y) => Array.from(row, (dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : "")));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${rows.join("")}"/></svg>`;
}
