// @ts-check
// SD-JWT VC as the holder needs it (RFC 9901): what it says, and a presentation of chosen claims alone.

import { base64url, sha256, toBase64url, utf8 } from "../verifier/bytes.js";

/** @typedef {{ text: string, digest: string, name?: string, value: any }} Disclosure */

/** @param {string} text */
const json = (text) => JSON.parse(new TextDecoder().decode(base64url(text) ?? new Uint8Array()));

/** Takes a credential apart. @param {string} sdJwt */
export async function parse(sdJwt) {
  const [jwt, ...rest] = sdJwt.split("~");
  const disclosures = await Promise.all(
    rest.filter(Boolean).map(async (text) => {
      const parts = json(text);
      const digest = toBase64url(await sha256(utf8(text)));
      return /** @type {Disclosure} */ (parts.length === 3 ? { text, digest, name: parts[1], value: parts[2] } : { text, digest, value: parts[1] });
    }),
  );
  return { jwt, payload: json(jwt.split(".")[1]), disclosures };
}

/** All that a credential says. @param {string} sdJwt */
export async function claims(sdJwt) {
  const { payload, disclosures } = await parse(sdJwt);
  const byDigest = new Map(disclosures.map((disclosure) => [disclosure.digest, disclosure]));
  return opened(payload, byDigest);
}

/** @param {any} value @param {Map<string, Disclosure>} byDigest @returns {any} */
function opened(value, byDigest) {
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const digest = item && typeof item === "object" ? item["..."] : undefined;
      if (digest === undefined) return [opened(item, byDigest)];
      const found = byDigest.get(digest);
      return found ? [opened(found.value, byDigest)] : [];
    });
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => name !== "_sd" && name !== "_sd_alg");
  const hidden = (value._sd ?? []).map((/** @type {string} */ digest) => byDigest.get(digest)).filter(Boolean);
  return Object.fromEntries([...entries, ...hidden.map((/** @type {Disclosure} */ { name, value: inner }) => [name, inner])].map(([name, inner]) => [name, opened(inner, byDigest)]));
}

/**
 * The credential with the disclosures alone that lead to the wanted claims, and those within them.
 * @param {string} sdJwt @param {(string | number | null)[][]} paths
 */
export async function choose(sdJwt, paths) {
  const { jwt, payload, disclosures } = await parse(sdJwt);
  const byDigest = new Map(disclosures.map((disclosure) => [disclosure.digest, disclosure]));
  /** @type {Set<string>} */
  const chosen = new Set();
  /** @param {any} value @param {(string | number)[]} place */
  const walk = (value, place) => {
    if (Array.isArray(value)) {
      value.forEach((item, at) => {
        const found = item && typeof item === "object" ? byDigest.get(item["..."]) : undefined;
        visit(found, item, [...place, at]);
      });
    } else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) if (name !== "_sd") walk(inner, [...place, name]);
      for (const digest of value._sd ?? []) {
        const found = byDigest.get(digest);
        if (found?.name !== undefined) visit(found, undefined, [...place, found.name]);
      }
    }
  };
  /** @param {Disclosure | undefined} found @param {any} plain @param {(string | number)[]} place */
  const visit = (found, plain, place) => {
    if (found && paths.some((path) => meets(path, place))) chosen.add(found.text);
    walk(found ? found.value : plain, place);
  };
  walk(payload, []);
  return [jwt, ...disclosures.map(({ text }) => text).filter((text) => chosen.has(text)), ""].join("~");
}

/** Whether a place is the wanted one, leads to it, or lies in it. @param {(string | number | null)[]} path @param {(string | number)[]} place */
function meets(path, place) {
  return place.every((part, at) => at >= path.length || path[at] === part || (path[at] === null && typeof part === "number"));
}
