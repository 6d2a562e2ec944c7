// @ts-check
// Requests of verifiers (OpenID4VP 1.0): fetched, their signature checked, matched with what is kept, answered with that alone.

import { sign } from "../device.js";
import { seconds } from "../time.js";
import { base64, concat, sha256, toBase64url, utf8 } from "../verifier/bytes.js";
import { Certificate } from "../verifier/certificate.js";
import { parseJws } from "../verifier/keys.js";
import { REQUEST } from "../verifier/trust.js";
import { choose } from "./disclosures.js";
import { said, unfolded } from "./held.js";
import { documentBytes } from "./issuer.js";
import { present, thumbprint, transcript } from "./mdoc.js";
import { trust } from "./trust.js";

const MAX = 256 * 1024;
const JWT = "oauth-authz-req+jwt";

/** What is asked for of one credential, and what would be shown. @typedef {{ id: string, held: import("./held.js").Held, paths: (string | number | null)[][], shown: [string, any][] }} Match */
/** A request that can be answered. @typedef {{ name: string, host: string, authority: string, purpose: string, client_id: string, response_uri: string, state: string | undefined, nonce: string, encryption?: any, transaction_data: string[], matches: Match[], missing: string[] }} Asked */

/** Why a request is not shown: the word of a sentence. */
export class Refused extends Error {}

/** @param {unknown} good @param {string} why @returns {asserts good} */
function must(good, why) {
  if (!good) throw new Refused(why);
}

/** The request that a link names, or brings with it. @param {string} link @returns {{ client_id: string, request_uri?: string, request?: string, method: string } | undefined} */
export function parseLink(link) {
  const query = new URLSearchParams(link.slice(link.indexOf("?") + 1));
  const [client_id, request_uri, request] = ["client_id", "request_uri", "request"].map((name) => query.get(name) ?? undefined);
  if (!client_id || (request_uri === undefined) === (request === undefined)) return undefined;
  if (request_uri !== undefined && !URL.canParse(request_uri)) return undefined;
  return { client_id, request_uri, request, method: query.get("request_uri_method") ?? "get" };
}

/** @param {NonNullable<ReturnType<typeof parseLink>>} link @param {string} wallet_nonce */
async function fetched({ request_uri, request, method }, wallet_nonce) {
  if (request_uri === undefined) return request ?? "";
  const how = method === "post" ? { method: "POST", body: new URLSearchParams({ wallet_nonce }) } : {};
  const answer = await fetch(request_uri, { ...how, credentials: "omit", headers: { accept: `application/${JWT}` }, signal: AbortSignal.timeout(20000) });
  must(answer.ok, "request-ended");
  return (await answer.text()).trim();
}

/**
 * Fetches a request and checks that it is whole, and signed by whom it names: a verifier for whom an authority of the trust list stands.
 * @param {NonNullable<ReturnType<typeof parseLink>>} link @param {import("./held.js").Held[]} credentials @returns {Promise<Asked>}
 */
export async function fetchRequest(link, credentials) {
  const wallet_nonce = toBase64url(crypto.getRandomValues(new Uint8Array(16)));
  const jws = parseJws(await fetched(link, wallet_nonce), MAX);
  must(jws && jws.header.typ === JWT, "request-broken");
  const { claims, header } = jws;
  const now = seconds();
  const list = await trust();
  must(list, "request-trust");
  const verifier = await list.chain(header.x5c, REQUEST, now);
  must(typeof verifier !== "string", "request-elsewhere");
  must(await jws.verify(verifier.key), "request-forged");
  const certificate = await Certificate.parse(base64(header.x5c[0]) ?? new Uint8Array());
  must(certificate instanceof Certificate, "request-broken");
  must(claims.response_type === "vp_token" && ["direct_post", "direct_post.jwt"].includes(claims.response_mode), "request-broken");
  must(URL.canParse(claims.response_uri) && !("redirect_uri" in claims), "request-forged");
  const answers = new URL(claims.response_uri);
  const names = [`x509_hash:${toBase64url(certificate.fingerprint)}`, ...certificate.hosts().filter((host) => host === answers.hostname).map((host) => `x509_san_dns:${host}`)];
  must(claims.client_id === link.client_id && names.includes(claims.client_id), "request-forged");
  must(answers.protocol === "https:" || answers.origin === location.origin || answers.hostname === "localhost", "request-forged");
  must(link.method !== "post" || link.request_uri === undefined || claims.wallet_nonce === wallet_nonce, "request-forged");
  must((claims.exp === undefined || claims.exp > now) && typeof claims.nonce === "string", "request-ended");
  const { matches, missing } = await match(claims.dcql_query, credentials);
  return {
    name: claims.client_metadata?.client_name ?? certificate.name,
    host: answers.host,
    authority: verifier.authority,
    purpose: claims.purpose ?? claims.client_metadata?.purpose ?? "",
    client_id: claims.client_id,
    response_uri: claims.response_uri,
    state: claims.state,
    nonce: claims.nonce,
    encryption: claims.response_mode === "direct_post.jwt" ? recipient(claims.client_metadata) : undefined,
    transaction_data: claims.transaction_data ?? [],
    matches,
    missing,
  };
}

/** The key that an answer is encrypted to. @param {any} metadata */
function recipient(metadata) {
  const key = metadata?.jwks?.keys?.find((/** @type {any} */ jwk) => jwk.kty === "EC" && jwk.crv === "P-256" && jwk.use !== "sig");
  must(key, "request-broken");
  const known = metadata.encrypted_response_enc_values_supported ?? ["A128GCM"];
  const enc = ["A256GCM", "A128GCM"].find((name) => known.includes(name));
  must(enc, "request-broken");
  return { ...key, enc };
}

/** @param {any} query @param {import("./held.js").Held[]} credentials */
async function match(query, credentials) {
  const [matches, missing] = [/** @type {Match[]} */ ([]), /** @type {string[]} */ ([])];
  for (const wanted of query?.credentials ?? []) {
    const types = wanted.format === "mso_mdoc" ? [wanted.meta?.doctype_value] : (wanted.meta?.vct_values ?? []);
    const held = credentials.find(({ format, type }) => format === wanted.format && types.includes(type));
    const all = held ? await said(held) : {};
    const asked = chosenClaims(wanted, all);
    if (!held || !asked) missing.push(wanted.id);
    else {
      const shown = asked.map(({ path }) => /** @type {[string, any]} */ ([String(path.findLast((/** @type {any} */ part) => typeof part === "string")), valueAt(all, path)]));
      matches.push({ id: wanted.id, held, paths: asked.map(({ path }) => path), shown });
    }
  }
  const has = (/** @type {string} */ id) => matches.some((found) => found.id === id);
  const sets = (query?.credential_sets ?? []).filter((/** @type {any} */ set) => set.required !== false);
  const option = sets.map((/** @type {any} */ set) => set.options.find((/** @type {string[]} */ ids) => ids.every(has)));
  if (sets.length === 0) return { matches: missing.length > 0 ? [] : matches, missing };
  if (option.includes(undefined)) return { matches: [], missing };
  return { matches: matches.filter(({ id }) => option.flat().includes(id)), missing: [] };
}

/** The claims that answer a query with the fewest words, or nothing. @param {any} wanted @param {any} all @returns {{ path: (string | number | null)[] }[] | undefined} */
function chosenClaims(wanted, all) {
  const claims = wanted.claims ?? [];
  const fits = (/** @type {any} */ claim) => {
    const value = valueAt(all, claim.path);
    return value !== undefined && (!claim.values || claim.values.includes(value));
  };
  if (!wanted.claim_sets) return claims.every(fits) ? claims : undefined;
  const byId = (/** @type {string} */ id) => claims.find((/** @type {any} */ claim) => claim.id === id);
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
  const body = new URLSearchParams({ error: "access_denied", ...(asked.state ? { state: asked.state } : {}) });
  await fetch(asked.response_uri, { method: "POST", credentials: "omit", body });
}

/** @param {Asked} asked @param {Match} found */
async function presentation(asked, { id, held, paths }) {
  if (held.format === "mso_mdoc") {
    const sealedTo = asked.encryption ? await thumbprint(asked.encryption) : null;
    const session = await transcript(asked.client_id, asked.nonce, sealedTo, asked.response_uri);
    return toBase64url(await present(documentBytes(held.credential), held.key, paths, session));
  }
  const shown = await choose(held.credential, paths);
  const mine = asked.transaction_data.filter((data) => unfolded(data).credential_ids?.includes(id));
  const agreed = await Promise.all(mine.map(async (data) => toBase64url(await sha256(utf8(data)))));
  const told = { iat: Math.floor(seconds()), aud: asked.client_id, nonce: asked.nonce, sd_hash: toBase64url(await sha256(utf8(shown))), ...(agreed.length > 0 ? { transaction_data_hashes: agreed } : {}) };
  const part = (/** @type {unknown} */ value) => toBase64url(utf8(JSON.stringify(value)));
  const message = `${part({ alg: "ES256", typ: "kb+jwt" })}.${part(told)}`;
  return `${shown}${message}.${toBase64url(await sign(utf8(message), held.key))}`;
}

/** @param {Asked} asked @param {{ vp_token: any, state: string | undefined }} told */
async function send(asked, told) {
  const plain = { vp_token: JSON.stringify(told.vp_token), ...(told.state ? { state: told.state } : {}) };
  const body = new URLSearchParams(asked.encryption ? { response: await encrypted(told, asked.encryption) } : plain);
  const sent = await fetch(asked.response_uri, { method: "POST", credentials: "omit", body });
  must(sent.ok, "request-not-taken");
  return /** @type {{ redirect_uri?: string }} */ (await sent.json().catch(() => ({})));
}

/** A compact JWE by ECDH-ES and AES-GCM (RFC 7516, RFC 7518 section 4.6). @param {unknown} content @param {any} to */
async function encrypted(content, { kty, crv, x, y, kid, enc }) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const bits = enc === "A256GCM" ? 256 : 128;
  const theirs = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, curve, false, []);
  const own = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey(curve, true, ["deriveBits"]));
  const epk = await crypto.subtle.exportKey("jwk", own.publicKey);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256));
  const number = (/** @type {number} */ value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  const derived = (await sha256(concat(number(1), shared, number(enc.length), utf8(enc), number(0), number(0), number(bits)))).slice(0, bits / 8);
  const key = await crypto.subtle.importKey("raw", /** @type {BufferSource} */ (derived), "AES-GCM", false, ["encrypt"]);
  const header = { alg: "ECDH-ES", enc, kid, epk: { kty: epk.kty, crv: epk.crv, x: epk.x, y: epk.y } };
  const head = toBase64url(utf8(JSON.stringify(header)));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: /** @type {BufferSource} */ (utf8(head)) }, key, /** @type {BufferSource} */ (utf8(JSON.stringify(content)))));
  return `${head}..${toBase64url(iv)}.${toBase64url(sealed.slice(0, -16))}.${toBase64url(sealed.slice(-16))}`;
}
