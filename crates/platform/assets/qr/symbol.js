// @ts-check
// What QR codes look like (ISO/IEC 18004): versions, levels, masks, and in which order the modules carry the bits.

/** @typedef {"L" | "M" | "Q" | "H"} Level */

export const ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
/** Levels by the two bits of the format. @type {Level[]} */
export const LEVELS = ["M", "L", "H", "Q"];

/** Check bytes in each block, of versions 1 to 40 (table 9). @type {Record<Level, number[]>} */
const CHECKS = {
  L: [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, ...Array(14).fill(30)],
  M: [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, ...Array(19).fill(28)],
  Q: [13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, ...Array(14).fill(30)],
  H: [17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, ...Array(18).fill(30)],
};
/** Blocks of versions 1 to 40 (table 9). @type {Record<Level, number[]>} */
const BLOCKS = {
  L: [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25],
  M: [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49],
  Q: [1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68],
  H: [1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81],
};

/** Whether a mask turns a module over. @type {((x: number, y: number) => boolean)[]} */
export const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** Modules on each side. @param {number} version */
export const sizeOf = (version) => 17 + 4 * version;

/** All bytes of a version. @param {number} version */
function bytesOf(version) {
  const aligned = version === 1 ? 0 : Math.floor(version / 7) + 2;
  const taken = version === 1 ? 0 : (25 * aligned - 10) * aligned - 55;
  return Math.floor(((16 * version + 128) * version + 64 - taken - (version >= 7 ? 36 : 0)) / 8);
}

/** How the bytes are divided: the data bytes of each block, and its check bytes. @param {number} version @param {Level} level */
export function blocksOf(version, level) {
  const [count, checks] = [BLOCKS[level][version - 1], CHECKS[level][version - 1]];
  const all = bytesOf(version);
  const short = Math.floor(all / count) - checks;
  const long = all % count;
  return { checks, data: Array.from({ length: count }, (_, block) => short + (block >= count - long ? 1 : 0)) };
}

/** The bits that say how many characters follow. @param {"numeric" | "alphanumeric" | "byte"} mode @param {number} version */
export function countBits(mode, version) {
  const group = version < 10 ? 0 : version < 27 ? 1 : 2;
  return { numeric: [10, 12, 14], alphanumeric: [9, 11, 13], byte: [8, 16, 16] }[mode][group];
}

/** The places of alignment patterns on one axis. @param {number} version */
export function alignments(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = version === 32 ? 26 : Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, at) => sizeOf(version) - 7 - (count - 2 - at) * step)];
}

/** Whether a module belongs to a pattern, and so carries no data. @param {number} version */
export function reserved(version) {
  const size = sizeOf(version);
  const taken = Array.from({ length: size }, () => new Uint8Array(size));
  const fill = (/** @type {number} */ left, /** @type {number} */ top, /** @type {number} */ width, /** @type {number} */ height) => {
    for (let y = top; y < top + height; y++) taken[y].fill(1, left, left + width);
  };
  fill(0, 0, 9, 9);
  fill(size - 8, 0, 8, 9);
  fill(0, size - 8, 9, 8);
  fill(6, 0, 1, size);
  fill(0, 6, size, 1);
  for (const [x, y] of alignmentCentres(version)) fill(x - 2, y - 2, 5, 5);
  if (version >= 7) {
    fill(size - 11, 0, 3, 6);
    fill(0, size - 11, 6, 3);
  }
  return taken;
}

/** @param {number} version @returns {[number, number][]} */
export function alignmentCentres(version) {
  const places = alignments(version);
  const last = places[places.length - 1];
  const inCorner = (/** @type {number} */ x, /** @type {number} */ y) => (x === 6 && y === 6) || (x === 6 && y === last) || (x === last && y === 6);
  return places.flatMap((y) => places.filter((x) => !inCorner(x, y)).map((x) => /** @type {[number, number]} */ ([x, y])));
}

/** @type {Map<number, [number, number][]>} */
const paths = new Map();

/** The modules that carry data, in order (clause 7.7.3). @param {number} version @returns {[number, number][]} */
export function dataPath(version) {
  const path = paths.get(version) ?? newPath(version);
  paths.set(version, path);
  return path;
}

/** @param {number} version */
function newPath(version) {
  const [size, taken] = [sizeOf(version), reserved(version)];
  /** @type {[number, number][]} */
  const path = [];
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    const upward = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step++) {
      const y = upward ? size - 1 - step : step;
      for (const x of [right, right - 1]) if (!taken[y][x]) path.push([x, y]);
    }
  }
  return path;
}

/** The format with its check bits (clause 7.9). @param {Level} level @param {number} mask */
export function formatBits(level, mask) {
  const data = (LEVELS.indexOf(level) << 3) | mask;
  let rest = data;
  for (let turn = 0; turn < 10; turn++) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  return ((data << 10) | rest) ^ 0x5412;
}

/** The version with its check bits (clause 7.10). @param {number} version */
export function versionBits(version) {
  let rest = version;
  for (let turn = 0; turn < 12; turn++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
  return (version << 12) | rest;
}

/** Where the bits of the format stand, the lowest first: two copies. @param {number} size @returns {[number, number][][]} */
export function formatPlaces(size) {
  const near = Array.from({ length: 15 }, (_, bit) => /** @type {[number, number]} */ (bit < 6 ? [8, bit] : bit < 8 ? [8, bit + 1] : bit === 8 ? [7, 8] : [14 - bit, 8]));
  const far = Array.from({ length: 15 }, (_, bit) => /** @type {[number, number]} */ (bit < 8 ? [size - 1 - bit, 8] : [8, size - 15 + bit]));
  return [near, far];
}

/** Where the bits of the version stand, the lowest first: two copies. @param {number} size @returns {[number, number][][]} */
export function versionPlaces(size) {
  const places = Array.from({ length: 18 }, (_, bit) => /** @type {[number, number]} */ ([size - 11 + (bit % 3), Math.floor(bit / 3)]));
  return [places, places.map(([x, y]) => [y, x])];
}
