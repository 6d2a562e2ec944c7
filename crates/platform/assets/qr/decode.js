// @ts-check
// Reads the text of a QR code from its modules.

import { correct } from "./galois.js";
import { ALPHANUMERIC, LEVELS, MASKS, blocksOf, countBits, dataPath, formatBits, formatPlaces, versionBits, versionPlaces } from "./symbol.js";

/** How many bits of format or version may be wrong. */
const MOST_WRONG = 3;

/** @param {number} number */
function ones(number) {
  let count = 0;
  for (let rest = number; rest !== 0; rest >>>= 1) count += rest & 1;
  return count;
}

/** The text of a code, dark is 1; nothing if it is none. @param {Uint8Array[]} modules @returns {string | undefined} */
export function readCode(modules) {
  const version = versionOf(modules);
  const format = formatOf(modules);
  if (version === undefined || format === undefined) return undefined;
  const bytes = dataOf(modules, version, format);
  return bytes && textOf(bytes, version);
}

/** @param {Uint8Array[]} modules @param {[number, number][]} places */
const bitsAt = (modules, places) => places.reduce((sum, [x, y], bit) => sum | (modules[y][x] << bit), 0);

/** @param {Uint8Array[]} modules */
function versionOf(modules) {
  const version = (modules.length - 17) / 4;
  if (!Number.isInteger(version) || version < 1 || version > 40) return undefined;
  if (version < 7) return version;
  const wanted = versionBits(version);
  const near = versionPlaces(modules.length).some((places) => ones(bitsAt(modules, places) ^ wanted) <= MOST_WRONG);
  return near ? version : undefined;
}

/** @param {Uint8Array[]} modules */
function formatOf(modules) {
  let best = { wrong: MOST_WRONG + 1, level: LEVELS[0], mask: 0 };
  for (const places of formatPlaces(modules.length)) {
    const found = bitsAt(modules, places);
    for (const level of LEVELS) {
      for (let mask = 0; mask < 8; mask++) {
        const wrong = ones(found ^ formatBits(level, mask));
        if (wrong < best.wrong) best = { wrong, level, mask };
      }
    }
  }
  return best.wrong <= MOST_WRONG ? best : undefined;
}

/** The data bytes, corrected. @param {Uint8Array[]} modules @param {number} version @param {{ level: import("./symbol.js").Level, mask: number }} format */
function dataOf(modules, version, { level, mask }) {
  const turns = MASKS[mask];
  const { data, checks } = blocksOf(version, level);
  const all = new Uint8Array(data.reduce((sum, size) => sum + size + checks, 0));
  const path = dataPath(version);
  for (let at = 0; at < all.length * 8; at++) {
    const [x, y] = path[at];
    all[at >> 3] |= (modules[y][x] ^ (turns(x, y) ? 1 : 0)) << (7 - (at & 7));
  }
  const blocks = data.map((size) => new Uint8Array(size + checks));
  let next = 0;
  for (let at = 0; at < data[data.length - 1]; at++) data.forEach((size, block) => at < size && (blocks[block][at] = all[next++]));
  for (let at = 0; at < checks; at++) data.forEach((size, block) => (blocks[block][size + at] = all[next++]));
  if (!blocks.every((block) => correct(block, checks))) return undefined;
  return blocks.flatMap((block, at) => Array.from(block.subarray(0, data[at])));
}

/** @param {number[]} bytes @param {number} version */
function textOf(bytes, version) {
  let at = 0;
  const take = (/** @type {number} */ count) => {
    let value = 0;
    for (let turn = 0; turn < count; turn++, at++) value = value * 2 + (((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    return value;
  };
  /** @type {number[]} */
  const out = [];
  const say = (/** @type {string} */ text) => out.push(...new TextEncoder().encode(text));
  while (at + 4 <= bytes.length * 8) {
    const mode = take(4);
    if (mode === 0) break;
    if (mode === 7) skipCharset(take);
    else if (mode === 1) say(numeric(take, take(countBits("numeric", version))));
    else if (mode === 2) say(alphanumeric(take, take(countBits("alphanumeric", version))));
    else if (mode === 4) for (let left = take(countBits("byte", version)); left > 0; left--) out.push(take(8));
    else return undefined;
    if (at > bytes.length * 8) return undefined;
  }
  return new TextDecoder().decode(Uint8Array.from(out));
}

/** An ECI designator, of one to three bytes: what is not UTF-8 is told as it comes. @param {(count: number) => number} take */
function skipCharset(take) {
  if (take(1) === 0) take(7);
  else if (take(1) === 0) take(14);
  else take(22);
}

/** @param {(count: number) => number} take @param {number} count */
function numeric(take, count) {
  let text = "";
  for (let left = count; left > 0; left -= 3) {
    const digits = Math.min(left, 3);
    text += String(take([0, 4, 7, 10][digits])).padStart(digits, "0");
  }
  return text;
}

/** @param {(count: number) => number} take @param {number} count */
function alphanumeric(take, count) {
  let text = "";
  for (let left = count; left > 0; left -= 2) {
    const value = take(left === 1 ? 6 : 11);
    if (left > 1) text += ALPHANUMERIC[Math.floor(value / 45)] ?? "";
    text += ALPHANUMERIC[value % 45];
  }
  return text;
}

