// @ts-check
// Fetches credentials from an issuer by OpenID4VCI 1.0, ours or another: an offer with a pre-authorized code, a token bound to a key (DPoP), a
// nonce, a proof of the key that the credentials are bound to.

import { base64url as toBase64url, publicJwk, signJwt } from "../device.js";
import { seconds } from "../time.js";
import { base64url, sha256, utf8 } from "../verifier/bytes.js";

const GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
const FORMATS = ["dc+sd-jwt", "mso_mdoc"];
/** The name of the key that tokens are bound to, while they last. */
const TOKENS = "tokens";

/** Why nothing was fetched: the word of a sentence. */
export class NotIssued extends Error {}

/** @typedef {{ issuer: string, configurations: string[], code: string, asksFor?: { length?: number, description?: string } }} Offer */
/** @typedef {{ issuer: string, configuration: string, format: "dc+sd-jwt" | "mso_mdoc", type: string, credential: string, key: string, names: Record<string, string>, labels: Record<string, Record<string, string>> }} Fetched */

/** @param {unknown} good @param {string} why @returns {asserts good} */
function must(good, why) {
  if (!good) throw new NotIssued(why);
}

/** @param {string} address @param {RequestInit} [how] @returns {Promise<Response>} */
async function reach(address, how) {
  try {
    return await fetch(address, { credentials: "omit", ...how, signal: AbortSignal.timeout(20000) });
  } catch {
    throw new NotIssued("offer-network");
  }
}

/** @param {string} address @returns {Promise<any>} */
async function json(address) {
  const answer = await reach(address, { headers: { accept: "application/json" } });
  must(answer.ok, "offer-issuer");
  return answer.json().catch(() => must(false, "offer-issuer"));
}

/** Whether a text is an offer of credentials. @param {string} text */
export const isOffer = (text) => /[?&]credential_offer(_uri)?=/.test(text) || /^\s*\{.*"credential_issuer"/s.test(text);

/** Reads an offer: a link, the text of a QR code, or the offer itself. @param {string} text @returns {Promise<Offer>} */
export async function readOffer(text) {
  const query = new URLSearchParams(text.slice(text.indexOf("?") + 1));
  const [inside, address] = [query.get("credential_offer"), query.get("credential_offer_uri")];
  const offer = address ? await json(address) : parsed(inside ?? text);
  const grant = offer?.grants?.[GRANT];
  must(typeof offer?.credential_issuer === "string" && URL.canParse(offer.credential_issuer) && Array.isArray(offer.credential_configuration_ids), "offer-broken");
  // Where only a code flow is offered, the issuer wants the person on its own pages first.
  must(typeof grant?.["pre-authorized_code"] === "string", "offer-code-flow");
  return { issuer: offer.credential_issuer, configurations: offer.credential_configuration_ids, code: grant["pre-authorized_code"], asksFor: grant.tx_code };
}

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotIssued("offer-broken");
  }
}

/** The address of metadata (RFC 8615): the well-known part stands before the path. @param {string} issuer @param {string} name */
function wellKnown(issuer, name) {
  const { origin, pathname } = new URL(issuer);
  return `${origin}/.well-known/${name}${pathname === "/" ? "" : pathname.replace(/\/$/, "")}`;
}

/** What the issuer says of itself, and where its tokens are given. @param {Offer} offer */
export async function metadata({ issuer, configurations }) {
  const about = await json(wellKnown(issuer, "openid-credential-issuer"));
  must(about.credential_issuer === issuer && about.credential_endpoint, "offer-issuer");
  must(about.credential_response_encryption?.encryption_required !== true, "offer-unsupported");
  const known = configurations.filter((id) => FORMATS.includes(about.credential_configurations_supported?.[id]?.format));
  must(known.length > 0, "offer-unsupported");
  const server = about.authorization_servers?.[0] ?? issuer;
  const tokens = await json(wellKnown(server, "oauth-authorization-server"));
  must(tokens.issuer === server && tokens.token_endpoint, "offer-issuer");
  return { about, tokens, known };
}

/** @typedef {Awaited<ReturnType<typeof metadata>>} About */

/** A proof of the key of the token (RFC 9449). @param {string} address @param {string} [token] @param {string} [nonce] */
async function dpop(address, token, nonce) {
  const { origin, pathname } = new URL(address);
  const jti = toBase64url(crypto.getRandomValues(new Uint8Array(16)));
  const claims = { htm: "POST", htu: origin + pathname, jti, iat: Math.floor(seconds()), ...(token ? { ath: toBase64url(await sha256(utf8(token))) } : {}), ...(nonce ? { nonce } : {}) };
  return signJwt({ typ: "dpop+jwt", jwk: await publicJwk(TOKENS) }, claims, TOKENS);
}

/** Posts with a proof of the token's key, again with the server's nonce if it asks for one. @param {string} address @param {{ type: string, body: string, token?: string }} what */
async function post(address, { type, body, token }) {
  /** @type {string | undefined} */
  let nonce;
  for (;;) {
    const headers = { "content-type": type, accept: "application/json", DPoP: await dpop(address, token, nonce), ...(token ? { authorization: `DPoP ${token}` } : {}) };
    const answer = await reach(address, { method: "POST", headers, body });
    const asked = answer.headers.get("DPoP-Nonce") ?? undefined;
    if (answer.ok || nonce || !asked) return answer;
    nonce = asked;
  }
}

/**
 * Takes an offer up: fetches each credential that is offered in a format that the wallet knows.
 * @param {Offer} offer @param {About} about @param {{ tx_code?: string, client_id?: string, key?: string }} how without `key` each credential gets one of its own
 * @returns {Promise<{ fetched: Fetched[], waiting: number }>}
 */
export async function accept({ issuer, code }, { about, tokens, known }, { tx_code, client_id, key }) {
  must(client_id || tokens["pre-authorized_grant_anonymous_access_supported"] === true, "offer-registered");
  const form = new URLSearchParams({ grant_type: GRANT, "pre-authorized_code": code, ...(tx_code ? { tx_code } : {}), ...(client_id ? { client_id } : {}) });
  const given = await post(tokens.token_endpoint, { type: "application/x-www-form-urlencoded", body: String(form) });
  must(given.ok, given.status === 400 ? "offer-refused" : "offer-issuer");
  const { access_token, authorization_details } = await given.json();
  const fetched = [];
  let waiting = 0;
  for (const configuration of known) {
    const name = key ?? `credential-${toBase64url(crypto.getRandomValues(new Uint8Array(9)))}`;
    const identifier = authorization_details?.find((/** @type {any} */ detail) => detail.credential_configuration_id === configuration)?.credential_identifiers?.[0];
    const wanted = identifier ? { credential_identifier: identifier } : { credential_configuration_id: configuration };
    const proofs = { jwt: [await proof(issuer, about, name, client_id)] };
    const answer = await post(about.credential_endpoint, { type: "application/json", body: JSON.stringify({ ...wanted, proofs }), token: access_token });
    must(answer.ok, answer.status === 400 ? "offer-denied" : "offer-issuer");
    const told = await answer.json();
    const credential = told.credentials?.[0]?.credential;
    if (typeof credential !== "string") {
      waiting += 1;
      continue;
    }
    fetched.push({ issuer, configuration, credential, key: name, ...described(about.credential_configurations_supported[configuration]) });
    if (told.notification_id && about.notification_endpoint) {
      const body = JSON.stringify({ notification_id: told.notification_id, event: "credential_accepted" });
      await post(about.notification_endpoint, { type: "application/json", body, token: access_token }).catch(() => undefined);
    }
  }
  return { fetched, waiting };
}

/** A proof of the key that a credential is to be bound to (appendix F.1). @param {string} issuer @param {any} about @param {string} name @param {string} [client_id] */
async function proof(issuer, about, name, client_id) {
  const asked = about.nonce_endpoint ? await reach(about.nonce_endpoint, { method: "POST" }) : undefined;
  must(!asked || asked.ok, "offer-issuer");
  const nonce = asked ? (await asked.json()).c_nonce : undefined;
  const claims = { aud: issuer, iat: Math.floor(seconds()), ...(nonce ? { nonce } : {}), ...(client_id ? { iss: client_id } : {}) };
  return signJwt({ typ: "openid4vci-proof+jwt", jwk: await publicJwk(name) }, claims, name);
}

/** What the issuer says of a kind of credential: its type, its name and those of its claims, by language. @param {any} configuration */
function described({ format, vct, doctype, credential_metadata, display, claims }) {
  const byLanguage = (/** @type {any[]} */ list) => Object.fromEntries((list ?? []).map(({ name, locale }) => [(locale ?? "en").slice(0, 2), name]));
  const said = (credential_metadata?.claims ?? claims ?? []).filter((/** @type {any} */ claim) => Array.isArray(claim?.path));
  const labels = Object.fromEntries(said.map((/** @type {any} */ claim) => [String(claim.path.at(-1)), byLanguage(claim.display)]));
  return { format, type: vct ?? doctype, names: byLanguage(credential_metadata?.display ?? display), labels };
}

/** The bytes of a mobile document as it was delivered. @param {string} credential */
export const documentBytes = (credential) => base64url(credential) ?? new Uint8Array();
