// @ts-check
// Looks for the text with which the SHA-256 digest of "puzzle.text" begins with so many zero bits. By hand, since the browser's own digest answers
// each time through a promise, which costs more than the digest.

const primes = [];
for (let number = 2; primes.length < 64; number++) if (primes.every((prime) => number % prime)) primes.push(number);
const ROUNDS = Int32Array.from(primes, (prime) => (Math.pow(prime, 1 / 3) * 2 ** 32) | 0);
const START = Int32Array.from(primes.slice(0, 8), (prime) => (Math.sqrt(prime) * 2 ** 32) | 0);
const schedule = new Int32Array(64);

const turned = (/** @type {number} */ word, /** @type {number} */ by) => (word >>> by) | (word << (32 - by));

/** Adds one block of 64 bytes to a state.
 * @param {Int32Array} state @param {DataView} bytes @param {number} at */
function compress(state, bytes, at) {
  for (let i = 0; i < 16; i++) schedule[i] = bytes.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const [near, far] = [schedule[i - 2], schedule[i - 15]];
    const one = turned(near, 17) ^ turned(near, 19) ^ (near >>> 10);
    const other = turned(far, 7) ^ turned(far, 18) ^ (far >>> 3);
    schedule[i] = (one + schedule[i - 7] + other + schedule[i - 16]) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const one = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + ((e & f) ^ (~e & g)) + ROUNDS[i] + schedule[i]) | 0;
    const other = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + other) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] + word) | 0));
}

/** @param {string} puzzle @param {number} bits */
function solve(puzzle, bits) {
  const fixed = new TextEncoder().encode(`${puzzle}.`);
  const whole = fixed.length - (fixed.length % 64);
  const begun = START.slice();
  for (let at = 0; at < whole; at += 64) compress(begun, new DataView(fixed.buffer), at);
  const rest = fixed.subarray(whole);
  const last = new Uint8Array(128);
  const view = new DataView(last.buffer);
  for (let count = 0; ; count++) {
    const text = count.toString(36);
    last.fill(0);
    last.set(rest);
    for (let i = 0; i < text.length; i++) last[rest.length + i] = text.charCodeAt(i);
    const length = rest.length + text.length;
    last[length] = 0x80;
    const size = length < 56 ? 64 : 128;
    view.setUint32(size - 4, (whole + length) * 8);
    const state = begun.slice();
    for (let at = 0; at < size; at += 64) compress(state, view, at);
    if (bits <= 32 ? Math.clz32(state[0]) >= bits : state[0] === 0 && Math.clz32(state[1]) >= bits - 32) return text;
  }
}

self.onmessage = (event) => self.postMessage(solve(event.data.puzzle, event.data.bits));
