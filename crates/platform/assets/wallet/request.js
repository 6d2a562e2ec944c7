// @ts-check
// A verifier's request (OpenID4VP 1.0): fetched, verified, matched with what the wallet holds, and answered when its holder agrees.

import { sign } from "../device.js";
import { base64, base64url, concat, sha256, toBase64url, utf8 } from "../verifier/bytes.js";
import { Certificate } from "../verifier/certificate.js";
import { parseJws } from "../verifier/keys.js";
import { choose, claims } from "./disclosures.js";

const MAX = 256 * 1024;
const JWT = "oauth-authz-req+jwt";

/** What is asked for of one credential, and what would be shown. @typedef {{ id: string, sd_jwt: string, paths: (string | number | null)[][], shown: [string, any][] }} Match */
/** A request that can be answered. @typedef {{ name: string, purpose: string, client_id: string, response_uri: string, state: string, nonce: string, encryption?: any, transaction_data: string[], matches: Match[], missing: string[] }} Asked */

/** Why a request is not shown: the word of a sentence. */
export class Refused extends Error {}

/** @param {boolean} good @param {string} why */
function must(good, why) {
  if (!good) throw new Refused(why);
}

/** The request that a link names, if it names one of this platform. @param {string} link */
export function parseLink(link) {
  const query = new URLSearchParams(link.slice(link.indexOf("?") + 1));
  const [client_id, request_uri] = [query.get("client_id"), query.get("request_uri")];
  if (!client_id || !request_uri || !URL.canParse(request_uri)) return undefined;
  return { client_id, request_uri };
}

/**
 * Fetches a request and checks that it is whole, signed by who it says, and from a verifier registered here.
 * @param {{ client_id: string, request_uri: string }} link @param {{ vct: string, sd_jwt: string }[]} credentials @returns {Promise<Asked>}
 */
export async function fetchRequest({ client_id, request_uri }, credentials) {
  // Verifiers are registered with the platform, which holds them to their purpose: others are not answered.
  must(new URL(request_uri).origin === location.origin, "request-elsewhere");
  const wallet_nonce = toBase64url(crypto.getRandomValues(new Uint8Array(16)));
  const answer = await fetch(request_uri, { method: "POST", body: new URLSearchParams({ wallet_nonce }), headers: { accept: `application/${JWT}` } });
  must(answer.ok, "request-ended");
  const jws = parseJws((await answer.text()).trim(), MAX);
  if (!jws || jws.header.typ !== JWT) throw new Refused("request-broken");
  const { claims: said, header } = jws;
  const certificate = await Certificate.parse(base64(header.x5c?.[0] ?? "") ?? new Uint8Array());
  if (!(certificate instanceof Certificate)) throw new Refused("request-broken");
  const key = await certificate.signingKey();
  must(typeof key !== "string" && (await jws.verify(key)), "request-forged");
  const hash = `x509_hash:${toBase64url(certificate.fingerprint)}`;
  const named = said.client_id === hash || said.client_id === `x509_san_dns:${location.hostname}`;
  must(said.client_id === client_id && named && said.wallet_nonce === wallet_nonce, "request-forged");
  const now = Date.now() / 1000;
  must(certificate.outOfTime(now) === undefined && said.exp > now && typeof said.nonce === "string", "request-ended");
  must(said.response_type === "vp_token" && ["direct_post", "direct_post.jwt"].includes(said.response_mode), "request-broken");
  must(URL.canParse(said.response_uri) && new URL(said.response_uri).origin === location.origin && !("redirect_uri" in said), "request-forged");
  const { matches, missing } = await match(said.dcql_query, credentials);
  return {
    name: said.client_metadata?.client_name ?? "",
    purpose: said.purpose ?? "",
    client_id,
    response_uri: said.response_uri,
    state: said.state,
    nonce: said.nonce,
    encryption: said.response_mode === "direct_post.jwt" ? said.client_metadata?.jwks?.keys?.find((/** @type {any} */ jwk) => jwk.kty === "EC" && jwk.crv === "P-256") : undefined,
    transaction_data: said.transaction_data ?? [],
    matches,
    missing,
  };
}

/** @param {any} query @param {{ vct: string, sd_jwt: string }[]} credentials */
async function match(query, credentials) {
  const [matches, missing] = [/** @type {Match[]} */ ([]), /** @type {string[]} */ ([])];
  for (const wanted of query?.credentials ?? []) {
    const held = wanted.format === "dc+sd-jwt" && credentials.find(({ vct }) => wanted.meta?.vct_values?.includes(vct));
    const said = held ? await claims(held.sd_jwt) : {};
    const asked = chosenClaims(wanted, said);
    if (!held || !asked) missing.push(wanted.id);
    else {
      const shown = asked.map(({ path }) => /** @type {[string, any]} */ ([String(path[0]), valueAt(said, path)]));
      matches.push({ id: wanted.id, sd_jwt: held.sd_jwt, paths: asked.map(({ path }) => path), shown });
    }
  }
  const has = (/** @type {string} */ id) => matches.some((found) => found.id === id);
  const sets = (query?.credential_sets ?? []).filter((/** @type {any} */ set) => set.required !== false);
  const option = sets.map((/** @type {any} */ set) => set.options.find((/** @type {string[]} */ ids) => ids.every(has)));
  if (sets.length === 0) return { matches: missing.length > 0 ? [] : matches, missing };
  if (option.includes(undefined)) return { matches: [], missing };
  return { matches: matches.filter(({ id }) => option.flat().includes(id)), missing: [] };
}

/** The claims that answer a query with the fewest words, or nothing. @param {any} wanted @param {any} said @returns {{ path: (string | number | null)[] }[] | undefined} */
function chosenClaims(wanted, said) {
  const all = wanted.claims ?? [];
  const fits = (/** @type {any} */ claim) => {
    const value = valueAt(said, claim.path);
    return value !== undefined && (!claim.values || claim.values.includes(value));
  };
  if (!wanted.claim_sets) return all.every(fits) ? all : undefined;
  const byId = (/** @type {string} */ id) => all.find((/** @type {any} */ claim) => claim.id === id);
  return wanted.claim_sets.map((/** @type {string[]} */ set) => set.map(byId)).find((/** @type {any[]} */ set) => set.every((claim) => claim && fits(claim)));
}

/** @param {any} value @param {(string | number | null)[]} path @returns {any} */
function valueAt(value, path) {
  return path.reduce((inner, part) => (part === null ? inner?.[0] : inner?.[part]), value);
}

/** Answers a request: shows what was matched, and proves possession for this verifier and this nonce. @param {Asked} asked */
export async function answer(asked) {
  const tokens = await Promise.all(asked.matches.map(async (found) => [found.id, [await presentation(asked, found)]]));
  return send(asked, { vp_token: Object.fromEntries(tokens), state: asked.state });
}

/** Tells the verifier that its request is refused. @param {Asked} asked */
export async function refuse(asked) {
  const body = new URLSearchParams({ error: "access_denied", state: asked.state });
  await fetch(asked.response_uri, { method: "POST", body });
}

/** @param {Asked} asked @param {Match} found */
async function presentation(asked, { id, sd_jwt, paths }) {
  const shown = await choose(sd_jwt, paths);
  const mine = asked.transaction_data.filter((data) => JSON.parse(new TextDecoder().decode(base64url(data) ?? new Uint8Array())).credential_ids?.includes(id));
  const agreed = await Promise.all(mine.map(async (data) => toBase64url(await sha256(utf8(data)))));
  const said = { iat: Math.floor(Date.now() / 1000), aud: asked.client_id, nonce: asked.nonce, sd_hash: toBase64url(await sha256(utf8(shown))), ...(agreed.length > 0 ? { transaction_data_hashes: agreed } : {}) };
  const part = (/** @type {unknown} */ value) => toBase64url(utf8(JSON.stringify(value)));
  const message = `${part({ alg: "ES256", typ: "kb+jwt" })}.${part(said)}`;
  return `${shown}${message}.${toBase64url(await sign(utf8(message)))}`;
}

/** @param {Asked} asked @param {{ vp_token: any, state: string }} told */
async function send(asked, told) {
  const body = asked.encryption
    ? new URLSearchParams({ response: await encrypted(told, asked.encryption) })
    : new URLSearchParams({ vp_token: JSON.stringify(told.vp_token), state: told.state });
  const sent = await fetch(asked.response_uri, { method: "POST", body });
  must(sent.ok, "request-not-taken");
  return /** @type {{ redirect_uri?: string }} */ (await sent.json());
}

/** A compact JWE by ECDH-ES and A256GCM (RFC 7516, RFC 7518 section 4.6). @param {unknown} content @param {any} jwk */
async function encrypted(content, jwk) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const { kty, crv, x, y } = jwk;
  const theirs = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, curve, false, []);
  const own = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey(curve, true, ["deriveBits"]));
  const epk = await crypto.subtle.exportKey("jwk", own.publicKey);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256));
  const number = (/** @type {number} */ value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  const enc = "A256GCM";
  const derived = await sha256(concat(number(1), shared, number(enc.length), utf8(enc), number(0), number(0), number(256)));
  const key = await crypto.subtle.importKey("raw", /** @type {BufferSource} */ (derived), "AES-GCM", false, ["encrypt"]);
  const header = { alg: "ECDH-ES", enc, kid: jwk.kid, epk: { kty: epk.kty, crv: epk.crv, x: epk.x, y: epk.y } };
  const head = toBase64url(utf8(JSON.stringify(header)));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: /** @type {BufferSource} */ (utf8(head)) }, key, /** @type {BufferSource} */ (utf8(JSON.stringify(content)))));
  return `${head}..${toBase64url(iv)}.${toBase64url(sealed.slice(0, -16))}.${toBase64url(sealed.slice(-16))}`;
}
