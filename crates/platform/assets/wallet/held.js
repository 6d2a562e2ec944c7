// @ts-check
// A credential that the wallet keeps, of whichever format.

import { publicJwk } from "../device.js";
import { seconds } from "../time.js";
import { base64url, toBase64url } from "../verifier/bytes.js";
import { parseJws } from "../verifier/keys.js";
import { claims } from "./disclosures.js";
import { documentBytes } from "./issuer.js";
import { boundTo, elements, parse } from "./mdoc.js";
import { trust } from "./trust.js";

/** `vouched`: the authority of the trust list that stands behind it, if one does. @typedef {import("./issuer.js").Fetched & { until: number, vouched?: string }} Held */

const MAX = 1024 * 1024;

/** What a credential says: claims, or the elements of each namespace. @param {Held} held @returns {Promise<any>} */
export async function said({ format, credential }) {
  return format === "mso_mdoc" ? elements(documentBytes(credential)) : claims(credential);
}

/** The same without namespaces. @param {Held} held @returns {Promise<Record<string, any>>} */
export async function facts(held) {
  const all = await said(held);
  return held.format === "mso_mdoc" ? Object.assign({}, ...Object.values(all)) : all;
}

/** What was fetched, with its end and who vouches for it; nothing if it is not bound to its key, or cannot be read. @param {import("./issuer.js").Fetched} fetched @returns {Promise<Held | undefined>} */
export async function checked(fetched) {
  try {
    const { x, y } = await publicJwk(fetched.key);
    if (fetched.format === "mso_mdoc") {
      const bytes = documentBytes(fetched.credential);
      const [ours, theirs] = [[x, y], boundTo(bytes).map((part) => (part instanceof Uint8Array ? toBase64url(part) : ""))];
      if (ours.join() !== theirs.join() || parse(bytes).type !== fetched.type) return undefined;
      return { ...fetched, until: Date.parse(parse(bytes).until) / 1000, vouched: await voucher(chainOf(bytes), fetched.type) };
    }
    const jws = parseJws(fetched.credential.split("~")[0], MAX);
    if (!jws || jws.claims.cnf?.jwk?.x !== x || jws.claims.cnf.jwk.y !== y || jws.claims.vct !== fetched.type) return undefined;
    return { ...fetched, until: Number(jws.claims.exp ?? Infinity), vouched: await voucher(jws.header.x5c, fetched.type, jws) };
  } catch {
    return undefined;
  }
}

/** Who vouches for the signer of a credential. @param {unknown} x5c @param {string} type @param {ReturnType<typeof parseJws>} [jws] */
async function voucher(x5c, type, jws) {
  const list = await trust();
  const issuer = await list?.chain(x5c, type, seconds());
  if (!issuer || typeof issuer === "string") return undefined;
  return !jws || (await jws.verify(issuer.key)) ? issuer.authority : undefined;
}

/** The chain of a mobile document (`x5chain`) as JOSE writes it. @param {Uint8Array} bytes */
function chainOf(bytes) {
  const { auth } = parse(bytes);
  const unprotected = Array.isArray(auth) ? auth[1] : undefined;
  const chain = unprotected && typeof unprotected === "object" && "get" in unprotected ? unprotected.get(33) : undefined;
  const list = Array.isArray(chain) ? chain : [chain];
  return list.map((one) => (one instanceof Uint8Array ? btoa(Array.from(one, (byte) => String.fromCharCode(byte)).join("")) : ""));
}

/** The name of a credential in the page's language. @param {Held} held */
export const title = ({ names, type }) => names[document.documentElement.lang] ?? names.en ?? Object.values(names)[0] ?? type;

/** The name of one of its claims as its issuer gives it. @param {Held} held @param {string} name */
export const label = ({ labels }, name) => labels[name]?.[document.documentElement.lang] ?? labels[name]?.en;

/** The header of the issuer's address. @param {Held} held */
export const from = ({ issuer }) => new URL(issuer).host;

/** A value of JSON that is base64url of JSON. @param {string} text @returns {any} */
export const unfolded = (text) => JSON.parse(new TextDecoder().decode(base64url(text) ?? new Uint8Array()));
