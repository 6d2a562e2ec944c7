// @ts-check
// Reed–Solomon codes over GF(256), as QR codes use them (ISO/IEC 18004 clause 7.5).

const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power++) {
  EXP[power] = EXP[power + 255] = value;
  LOG[value] = power;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}

/** @param {number} a @param {number} b */
const times = (a, b) => (a === 0 || b === 0 ? 0 : EXP[LOG[a] + LOG[b]]);
/** @param {number} a */
const inverse = (a) => EXP[255 - LOG[a]];

/** The value of a polynomial, the highest power first. @param {ArrayLike<number>} polynomial @param {number} at */
function valueOf(polynomial, at) {
  let sum = 0;
  for (let place = 0; place < polynomial.length; place++) sum = times(sum, at) ^ polynomial[place];
  return sum;
}

/** The check bytes of some data. @param {Uint8Array} data @param {number} count */
export function checkBytes(data, count) {
  let generator = [1];
  for (let root = 0; root < count; root++) {
    const next = [...generator, 0];
    generator.forEach((factor, place) => (next[place + 1] ^= times(factor, EXP[root])));
    generator = next;
  }
  const rest = new Uint8Array(data.length + count);
  rest.set(data);
  for (let place = 0; place < data.length; place++) {
    const lead = rest[place];
    if (lead !== 0) generator.forEach((factor, at) => (rest[place + at] ^= times(factor, lead)));
  }
  return rest.slice(data.length);
}

/** Corrects a block with so many check bytes in place; false if more is wrong than they can mend. @param {Uint8Array} block @param {number} count */
export function correct(block, count) {
  const syndromes = Array.from({ length: count }, (_, root) => valueOf(block, EXP[root]));
  if (syndromes.every((value) => value === 0)) return true;
  const locator = locatorOf(syndromes);
  const errors = locator.length - 1;
  if (errors * 2 > count) return false;
  const places = [];
  for (let power = 0; power < block.length; power++) {
    if (valueOf([...locator].reverse(), EXP[(255 - power) % 255]) === 0) places.push(power);
  }
  if (places.length !== errors) return false;
  // Forney: the sizes of the errors, by the polynomial S·Λ mod x^count.
  const evaluator = Array.from({ length: count }, (_, at) => locator.slice(0, at + 1).reduce((sum, factor, place) => sum ^ times(factor, syndromes[at - place]), 0));
  for (const power of places) {
    const root = EXP[(255 - power) % 255];
    const slope = locator.reduce((sum, factor, place) => (place % 2 === 1 ? sum ^ times(factor, valueOf([1, ...new Array(place - 1).fill(0)], root)) : sum), 0);
    if (slope === 0) return false;
    const size = times(times(valueOf([...evaluator].reverse(), root), inverse(slope)), EXP[power]);
    block[block.length - 1 - power] ^= size;
  }
  return syndromes.every((_, root) => valueOf(block, EXP[root]) === 0);
}

/** Berlekamp–Massey: the polynomial whose roots are the places of the errors, the lowest power first. @param {number[]} syndromes */
function locatorOf(syndromes) {
  let [locator, before] = [[1], [1]];
  let [errors, gap, last] = [0, 1, 1];
  syndromes.forEach((syndrome, turn) => {
    let off = syndrome;
    for (let place = 1; place <= errors; place++) off ^= times(locator[place] ?? 0, syndromes[turn - place]);
    if (off === 0) {
      gap += 1;
      return;
    }
    const factor = times(off, inverse(last));
    const next = [...locator];
    before.forEach((value, place) => (next[place + gap] = (next[place + gap] ?? 0) ^ times(factor, value)));
    for (let place = 0; place < next.length; place++) next[place] ??= 0;
    if (errors * 2 <= turn) {
      [before, last, gap, errors] = [locator, off, 1, turn + 1 - errors];
    } else gap += 1;
    locator = next;
  });
  return Array.from({ length: errors + 1 }, (_, place) => locator[place] ?? 0);
}
