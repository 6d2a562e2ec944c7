// @ts-check
// Verifies in the browser that the ledger has every look on the page (RFC 6962, C2SP tlog-checkpoint). Without this script the page
// shows the same record, salt and place, by which anybody can do it by hand or with `vneid ledger entry`.

const list = document.getElementById("looks");
const said = list?.dataset ?? {};
/** Where this browser keeps the last head that it saw. */
const SEEN = "vneid-ledger-seen";

/** @typedef {{ origin: string, size: number, root: Uint8Array, text: string }} Head */

/** @param {...Uint8Array} parts */
async function sha256(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** @param {string} text */
const utf8 = (text) => new TextEncoder().encode(text);
/** @param {string} text */
const base64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
/** @param {string} text */
const hex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
/** @param {Uint8Array} a @param {Uint8Array} b */
const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
/** @param {Uint8Array} left @param {Uint8Array} right */
const node = (left, right) => sha256(Uint8Array.of(1), left, right);
/** @param {string} path */
const ask = async (path) => (await fetch(path, { headers: { accept: "application/json" } })).json();

/** The hash of a record's leaf. @param {DOMStringMap} look */
async function leafHash(look) {
  const record = await sha256(utf8(look.record ?? ""));
  const commitment = await sha256(utf8(`vneid-ledger-v1\n${look.kind}\n`), hex(look.salt ?? ""), record);
  return sha256(Uint8Array.of(0), commitment);
}

/**
 * The root to which a proof leads (RFC 9162 section 2.1.3.2), or nothing.
 * @param {Uint8Array} hash @param {number} leaf @param {number} size @param {Uint8Array[]} proof
 */
async function rootOf(hash, leaf, size, proof) {
  if (leaf >= size) return undefined;
  let [first, last, seen] = [leaf, size - 1, hash];
  const up = () => {
    first = Math.floor(first / 2);
    last = Math.floor(last / 2);
  };
  for (const step of proof) {
    if (last === 0) return undefined;
    if (first % 2 === 1 || first === last) {
      seen = await node(step, seen);
      while (first % 2 === 0 && first !== 0) up();
    } else {
      seen = await node(seen, step);
    }
    up();
  }
  return last === 0 ? seen : undefined;
}

/**
 * Whether one tree is the beginning of the other (RFC 9162 section 2.1.4.2).
 * @param {Head} old @param {Head} now @param {Uint8Array[]} proof
 */
async function continues(old, now, proof) {
  if (old.origin !== now.origin || old.size > now.size) return false;
  if (old.size === now.size) return same(old.root, now.root);
  if (old.size === 0) return true;
  let [first, last] = [old.size - 1, now.size - 1];
  const up = () => {
    first = Math.floor(first / 2);
    last = Math.floor(last / 2);
  };
  while (first % 2 === 1) up();
  const steps = Number.isInteger(Math.log2(old.size)) ? [old.root, ...proof] : proof;
  let [before, after] = [steps[0], steps[0]];
  for (const step of steps.slice(1)) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      before = await node(step, before);
      after = await node(step, after);
      while (first % 2 === 0 && first !== 0) up();
    } else {
      after = await node(after, step);
    }
    up();
  }
  return last === 0 && before !== undefined && same(before, old.root) && same(after, now.root);
}

/** @param {string} note @returns {Head} */
function headOf(note) {
  const text = note.slice(0, note.lastIndexOf("\n\n") + 1);
  const [origin, size, root] = text.split("\n");
  return { origin, size: Number(size), root: base64(root), text };
}

/**
 * Whether a note is signed by one of the log's keys (C2SP signed-note); nothing if this browser cannot tell.
 * @param {string} note @param {string[]} keys
 */
async function isSigned(note, keys) {
  const { text } = headOf(note);
  const lines = note.slice(text.length + 1).split("\n").filter(Boolean);
  for (const key of keys) {
    const [name, id, encoded] = [key.split("+", 2)[0], hex(key.split("+", 2)[1]), key.split("+").slice(2).join("+")];
    const line = lines.map((line) => line.split(" ")).find(([, by, signed]) => by === name && same(base64(signed).slice(0, 4), id));
    if (!line) continue;
    try {
      const verifier = await crypto.subtle.importKey("raw", base64(encoded).slice(1), "Ed25519", false, ["verify"]);
      return await crypto.subtle.verify("Ed25519", verifier, base64(line[2]).slice(4), utf8(text));
    } catch {
      return undefined;
    }
  }
  return false;
}

/** Whether the log is still the one that this browser saw before; remembers the newer head. @param {string} note */
async function isTheOneSeen(note) {
  const seen = localStorage.getItem(SEEN);
  const now = headOf(note);
  if (seen && headOf(seen).size <= now.size) {
    const old = headOf(seen);
    const { hashes } = old.size ? await ask(`/ledger/consistency/${old.size}/${now.size}`) : { hashes: [] };
    if (!(await continues(old, now, hashes.map(base64)))) return false;
  } else if (seen) {
    return false;
  }
  localStorage.setItem(SEEN, note);
  return true;
}

/** @param {HTMLElement} look @param {string[]} keys @param {Map<string, Promise<string[]>>} heads */
async function check(look, keys, heads) {
  const leaf = Number(look.dataset.leaf);
  const { hashes, checkpoint } = await ask(`/ledger/proof/${leaf}`);
  if (!checkpoint) return;
  const head = headOf(checkpoint);
  const root = await rootOf(await leafHash(look.dataset), leaf, head.size, hashes.map(base64));
  const proved = root !== undefined && same(root, head.root);
  let verdict = heads.get(checkpoint);
  if (!verdict) {
    verdict = judge(checkpoint, keys);
    heads.set(checkpoint, verdict);
  }
  tell(look, ...(proved ? await verdict : ["refuted", said.refuted ?? ""]));
}

/** What there is to say about a head: a word and a sentence. @param {string} checkpoint @param {string[]} keys */
async function judge(checkpoint, keys) {
  const signed = await isSigned(checkpoint, keys);
  if (signed === false) return ["refuted", said.refuted ?? ""];
  if (!(await isTheOneSeen(checkpoint))) return ["rewritten", said.rewritten ?? ""];
  return signed ? ["proved", said.proved ?? ""] : ["unsigned", said.unsigned ?? ""];
}

/** @param {HTMLElement} look @param {...string} verdict */
function tell(look, ...verdict) {
  const [word, sentence] = verdict;
  const badge = /** @type {HTMLElement | null} */ (look.querySelector("[data-result]"));
  if (!badge) return;
  badge.textContent = sentence;
  badge.dataset.result = word;
  badge.classList.add(word === "proved" ? "good" : "bad");
  badge.hidden = false;
}

if (list) {
  const { keys } = await ask("/ledger");
  const heads = new Map();
  for (const look of list.querySelectorAll("[data-leaf]")) {
    await check(/** @type {HTMLElement} */ (look), keys, heads);
  }
}
