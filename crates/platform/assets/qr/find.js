// @ts-check
// Finds QR codes in a picture: light and dark by the surroundings, three corners, the pattern of the fourth, and a grid in perspective.

import { readCode } from "./decode.js";

/** @typedef {{ x: number, y: number }} Point */
/** @typedef {Point & { module: number, count: number }} Corner */
/** A picture in two colours, dark is 1. @typedef {{ width: number, height: number, dark: Uint8Array }} Plate */

/** Triples of corners that are tried, the likeliest first. */
const MOST_TRIPLES = 12;
/** Corners that are looked at. */
const MOST_CORNERS = 24;

/** Modules of an alignment pattern that may be wrong. */
const MOST_UNLIKE = 4;
/** The modules of an alignment pattern: off its middle by so many, and dark or not; the telling ones first. */
const ALIGNMENT = [0, 1, 2].flatMap((ring) => {
  const places = [-2, -1, 0, 1, 2].flatMap((j) => [-2, -1, 0, 1, 2].map((i) => [i, j, ring === 1 ? 0 : 1]));
  return places.filter(([i, j]) => Math.max(Math.abs(i), Math.abs(j)) === ring);
});

/** The text of the first code that can be read. @param {{ width: number, height: number, data: Uint8ClampedArray }} picture @returns {string | undefined} */
export function find(picture) {
  const grey = greyOf(picture);
  for (const plate of [bySurroundings(grey, picture, 8), byWhole(grey, picture), bySurroundings(grey, picture, 24)]) {
    for (const triple of triples(corners(plate))) {
      const text = readAt(plate, triple);
      if (text !== undefined) return text;
    }
  }
  return undefined;
}

/** @param {{ width: number, height: number, data: Uint8ClampedArray }} picture */
function greyOf({ width, height, data }) {
  const grey = new Uint8Array(width * height);
  for (let at = 0, from = 0; at < grey.length; at++, from += 4) grey[at] = (data[from] * 77 + data[from + 1] * 150 + data[from + 2] * 29) >> 8;
  return grey;
}

/** Dark is what is darker than its surroundings, a window of a part of the picture. @param {Uint8Array} grey @param {{ width: number, height: number }} size @param {number} part @returns {Plate} */
function bySurroundings(grey, { width, height }, part) {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += grey[y * width + x];
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
    }
  }
  const reach = Math.max(4, Math.floor(Math.max(width, height) / part / 2));
  const dark = new Uint8Array(grey.length);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = [Math.max(0, y - reach) * (width + 1), Math.min(height, y + reach + 1) * (width + 1)];
    const rows = (bottom - top) / (width + 1);
    for (let x = 0; x < width; x++) {
      const [left, right] = [Math.max(0, x - reach), Math.min(width, x + reach + 1)];
      const mean = (sums[bottom + right] - sums[top + right] - sums[bottom + left] + sums[top + left]) / (rows * (right - left));
      if (grey[y * width + x] < mean * 0.94) dark[y * width + x] = 1;
    }
  }
  return { width, height, dark };
}

/** Dark is what lies below the value that divides the whole best (Otsu). @param {Uint8Array} grey @param {{ width: number, height: number }} size @returns {Plate} */
function byWhole(grey, { width, height }) {
  const counts = new Float64Array(256);
  for (const value of grey) counts[value] += 1;
  const all = counts.reduce((sum, count, value) => sum + count * value, 0);
  let [below, weight, best, border] = [0, 0, -1, 128];
  for (let value = 0; value < 255; value++) {
    weight += counts[value];
    below += counts[value] * value;
    const rest = grey.length - weight;
    if (weight === 0 || rest === 0) continue;
    const apart = weight * rest * (below / weight - (all - below) / rest) ** 2;
    if (apart > best) [best, border] = [apart, value];
  }
  return { width, height, dark: grey.map((value) => (value <= border ? 1 : 0)) };
}

/** Whether five runs are those of a corner: 1 1 3 1 1. @param {number[]} runs */
function isCorner(runs) {
  const module = (runs[0] + runs[1] + runs[2] + runs[3] + runs[4]) / 7;
  if (module < 1) return false;
  const off = (/** @type {number} */ run, /** @type {number} */ wanted) => Math.abs(run - wanted * module) > module * (wanted === 3 ? 1.1 : 0.65);
  return !off(runs[0], 1) && !off(runs[1], 1) && !off(runs[2], 3) && !off(runs[3], 1) && !off(runs[4], 1);
}

/** The corner patterns of a picture, those seen most often first. @param {Plate} plate @returns {Corner[]} */
function corners(plate) {
  const { width, height, dark } = plate;
  /** @type {Corner[]} */
  const found = [];
  for (let y = 1; y < height; y += 2) {
    const runs = [0, 0, 0, 0, 0];
    let run = 0;
    for (let x = 0; x <= width; x++) {
      const before = x > 0 ? dark[y * width + x - 1] : 0;
      if (x > 0 && (x === width || dark[y * width + x] !== before)) {
        runs.shift();
        runs.push(run);
        run = 0;
        if (before === 1 && runs[0] > 0 && isCorner(runs)) note(plate, found, x - runs[4] - runs[3] - runs[2] / 2, y);
      }
      run += 1;
    }
  }
  return found.sort((a, b) => b.count - a.count).slice(0, MOST_CORNERS);
}

/** Keeps a place where a corner was seen in one row, if it is one from top to bottom and across too. @param {Plate} plate @param {Corner[]} found @param {number} x @param {number} y */
function note(plate, found, x, y) {
  const down = across(plate, x, y, 0, 1);
  if (!down) return;
  const flat = across(plate, x, y + down.shift, 1, 0);
  if (!flat) return;
  const corner = { x: x + flat.shift, y: y + down.shift, module: (flat.module + down.module) / 2, count: 1 };
  const known = found.find((other) => Math.hypot(other.x - corner.x, other.y - corner.y) < other.module * 2);
  if (!known) found.push(corner);
  else {
    const sum = known.count + 1;
    for (const part of /** @type {const} */ (["x", "y", "module"])) known[part] = (known[part] * known.count + corner[part]) / sum;
    known.count = sum;
  }
}

/** The five runs through a place in one direction: how far off their middle is, and the size of a module. @param {Plate} plate @param {number} x @param {number} y @param {number} dx @param {number} dy */
function across({ width, height, dark }, x, y, dx, dy) {
  const [column, row] = [Math.floor(x), Math.floor(y)];
  const at = (/** @type {number} */ step) => {
    const [px, py] = [column + step * dx, row + step * dy];
    return px < 0 || py < 0 || px >= width || py >= height ? -1 : dark[py * width + px];
  };
  const half = (/** @type {number} */ way) => {
    const lengths = [0, 0, 0];
    let step = way > 0 ? 0 : -1;
    for (const [place, wanted] of [1, 0, 1].entries()) {
      while (at(step) === wanted) {
        lengths[place] += 1;
        step += way;
      }
    }
    return lengths;
  };
  if (at(0) !== 1) return undefined;
  const [back, forth] = [half(-1), half(1)];
  const runs = [back[2], back[1], back[0] + forth[0], forth[1], forth[2]];
  if (!isCorner(runs)) return undefined;
  const module = (runs[0] + runs[1] + runs[2] + runs[3] + runs[4]) / 7;
  const middle = (forth[0] - back[0]) / 2;
  const shift = (dx === 1 ? column - x : row - y) + middle;
  return { shift, module };
}

/** The likeliest triples, each as top left, top right, bottom left. @param {Corner[]} all @returns {[Corner, Corner, Corner][]} */
function triples(all) {
  const found = [];
  for (let a = 0; a < all.length; a++) {
    for (let b = a + 1; b < all.length; b++) {
      for (let c = b + 1; c < all.length; c++) {
        const triple = [all[a], all[b], all[c]];
        const sizes = triple.map(({ module }) => module);
        if (Math.max(...sizes) > Math.min(...sizes) * 1.8) continue;
        const ordered = order(triple);
        if (ordered) found.push(ordered);
      }
    }
  }
  return found.sort((a, b) => a.cost - b.cost).slice(0, MOST_TRIPLES).map(({ corners: ordered }) => ordered);
}

/** @param {Point} a @param {Point} b */
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** @param {Corner[]} triple @returns {{ corners: [Corner, Corner, Corner], cost: number } | undefined} */
function order([a, b, c]) {
  const [ab, bc, ca] = [distance(a, b), distance(b, c), distance(c, a)];
  const longest = Math.max(ab, bc, ca);
  const [top, one, two] = longest === bc ? [a, b, c] : longest === ca ? [b, a, c] : [c, a, b];
  const turn = (one.x - top.x) * (two.y - top.y) - (one.y - top.y) * (two.x - top.x);
  const [right, below] = turn > 0 ? [one, two] : [two, one];
  const [width, height] = [distance(top, right), distance(top, below)];
  if (Math.min(width, height) < 10 * top.module || Math.max(width, height) > Math.min(width, height) * 2) return undefined;
  const bent = Math.abs(longest ** 2 / (width ** 2 + height ** 2) - 1);
  const uneven = Math.abs(Math.log(width / height));
  return { corners: [top, right, below], cost: bent + uneven - Math.min(top.count, right.count, below.count) / 100 };
}

/** @param {Plate} plate @param {[Corner, Corner, Corner]} triple */
function readAt(plate, [top, right, below]) {
  // A straight run through a square that is turned is longer than its side.
  const turned = (Math.abs(right.x - top.x) + 1e-9) / distance(top, right);
  const side = Math.max(turned, Math.sqrt(Math.max(0, 1 - turned ** 2)));
  const across = distance(top, right) / (((top.module + right.module) / 2) * side);
  const down = distance(top, below) / (((top.module + below.module) / 2) * side);
  const guess = Math.round(((across + down) / 2 + 7 - 17) / 4);
  for (const version of [guess, guess + 1, guess - 1, guess + 2, guess - 2]) {
    if (version < 1 || version > 40) continue;
    for (const fourth of fourths(plate, [top, right, below], version)) {
      const modules = sampled(plate, grid([top, right, below], fourth, version), 17 + 4 * version);
      const text = modules && readCode(modules);
      if (text !== undefined) return text;
    }
  }
  return undefined;
}

/** Where the centre of the last alignment pattern may be, the likeliest first. @param {Plate} plate @param {Corner[]} triple @param {number} version @returns {Point[]} */
function fourths(plate, [top, right, below], version) {
  const size = 17 + 4 * version - 7;
  const u = { x: (right.x - top.x) / size, y: (right.y - top.y) / size };
  const v = { x: (below.x - top.x) / size, y: (below.y - top.y) / size };
  const reach = size - 3;
  const plain = { x: top.x + (u.x + v.x) * reach, y: top.y + (u.y + v.y) * reach };
  if (version === 1) return [plain];
  const room = Math.min(14, Math.max(3, size * 0.18));
  /** @type {{ at: Point, right: number, far: number }[]} */
  const seen = [];
  for (let j = -room; j <= room; j += 0.5) {
    for (let i = -room; i <= room; i += 0.5) {
      const at = { x: plain.x + u.x * i + v.x * j, y: plain.y + u.y * i + v.y * j };
      const right = likeness(plate, at, u, v);
      if (right >= 25 - MOST_UNLIKE) seen.push({ at, right, far: Math.hypot(i, j) });
    }
  }
  const best = Math.max(0, ...seen.map(({ right }) => right));
  const group = seen.filter(({ right }) => right === best).sort((a, b) => a.far - b.far);
  const module = Math.hypot(u.x, u.y);
  const middles = [];
  for (const { at } of group) {
    if (middles.some((other) => distance(other, at) < module * 2)) continue;
    const near = group.filter((other) => distance(other.at, at) < module * 1.5).map((other) => other.at);
    const mean = (/** @type {"x" | "y"} */ part) => near.reduce((sum, point) => sum + point[part], 0) / near.length;
    middles.push({ x: mean("x"), y: mean("y") });
  }
  return [...middles.slice(0, 4), plain];
}

/** How many of the 25 modules of an alignment pattern are as they should be; as soon as too many are not, 0. @param {Plate} plate @param {Point} at @param {Point} u @param {Point} v */
function likeness({ width, height, dark }, at, u, v) {
  let wrong = 0;
  for (const [i, j, wanted] of ALIGNMENT) {
    const [column, row] = [Math.floor(at.x + u.x * i + v.x * j), Math.floor(at.y + u.y * i + v.y * j)];
    const inside = column >= 0 && row >= 0 && column < width && row < height;
    if (!inside || dark[row * width + column] !== wanted) wrong += 1;
    if (wrong > MOST_UNLIKE) return 0;
  }
  return 25 - wrong;
}

/** The perspective that leads from modules to pixels. @param {Corner[]} triple @param {Point} fourth @param {number} version */
function grid([top, right, below], fourth, version) {
  const size = 17 + 4 * version;
  const from = [[3.5, 3.5], [size - 3.5, 3.5], [size - 6.5, size - 6.5], [3.5, size - 3.5]];
  const to = [top, right, fourth, below];
  const rows = from.flatMap(([x, y], at) => [
    [x, y, 1, 0, 0, 0, -x * to[at].x, -y * to[at].x, to[at].x],
    [0, 0, 0, x, y, 1, -x * to[at].y, -y * to[at].y, to[at].y],
  ]);
  return solved(rows);
}

/** Gauss, with the largest pivot. @param {number[][]} rows each with its right side at the end */
function solved(rows) {
  const count = rows.length;
  for (let at = 0; at < count; at++) {
    let pivot = at;
    for (let row = at + 1; row < count; row++) if (Math.abs(rows[row][at]) > Math.abs(rows[pivot][at])) pivot = row;
    [rows[at], rows[pivot]] = [rows[pivot], rows[at]];
    if (Math.abs(rows[at][at]) < 1e-9) return undefined;
    for (let row = 0; row < count; row++) {
      if (row === at) continue;
      const factor = rows[row][at] / rows[at][at];
      for (let column = at; column <= count; column++) rows[row][column] -= factor * rows[at][column];
    }
  }
  return rows.map((row, at) => row[count] / row[at]);
}

/** The modules on a grid. @param {Plate} plate @param {number[] | undefined} h @param {number} size */
function sampled({ width, height, dark }, h, size) {
  if (!h) return undefined;
  const modules = Array.from({ length: size }, () => new Uint8Array(size));
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [x, y] = [column + 0.5, row + 0.5];
      const depth = h[6] * x + h[7] * y + 1;
      const [px, py] = [Math.floor((h[0] * x + h[1] * y + h[2]) / depth), Math.floor((h[3] * x + h[4] * y + h[5]) / depth)];
      if (px < 0 || py < 0 || px >= width || py >= height) return undefined;
      modules[row][column] = dark[py * width + px];
    }
  }
  return modules;
}
