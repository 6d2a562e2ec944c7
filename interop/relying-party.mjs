// Relying parties made with a library that is not ours (openid-client): code with PKCE, refresh, introspection, revocation; pushed and signed requests
// with DPoP and signed answers (FAPI 2.0 Message Signing); a request to somebody on another device (CIBA).
//
// node relying-party.mjs URL FOLDER     FOLDER/parties.json = {"number", "password", "passcode", "plain", "strict", "clerk", "jwk"}
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { importJWK } from 'jose'
import * as oidc from 'openid-client'

const [url, folder] = process.argv.slice(2)
const { number, password, passcode, plain, strict, clerk, jwk } = JSON.parse(readFileSync(`${folder}/parties.json`, 'utf8'))
const issuer = new URL(url)
const key = { key: await importJWK(jwk, 'ES256'), kid: jwk.kid }
// The sandbox is on this machine, without TLS.
const execute = [oidc.allowInsecureRequests]

/// The citizen's browser, as far as it is needed: one cookie.
const signedIn = await fetch(`${url}/signin`, {
  method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify({ number, password }),
})
assert.equal(signedIn.status, 200, await signedIn.text())
const cookie = signedIn.headers.get('set-cookie').split(';')[0]

async function browse(path, body) {
  const headers = { cookie, accept: 'application/json', ...(body && { 'content-type': 'application/json' }) }
  return fetch(new URL(path, url), { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body), redirect: 'manual' })
}

/// Goes to the address, agrees to what is asked, and answers where the browser is sent back to.
async function agree(address) {
  const asked = await browse(address)
  if (asked.headers.has('location')) return new URL(asked.headers.get('location'))
  const { request } = await asked.json()
  const sent = await browse('/sso/consent', { request, answer: 'agree' })
  assert.ok(sent.headers.has('location'), await sent.text())
  return new URL(sent.headers.get('location'))
}

async function codeWithPkce() {
  const config = await oidc.discovery(issuer, plain.client_id, undefined, oidc.ClientSecretBasic(plain.secret), { execute })
  const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()]
  const address = oidc.buildAuthorizationUrl(config, {
    redirect_uri: plain.redirect_uri, scope: 'openid profile', state, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
    claims: JSON.stringify({ id_token: { birthdate: null } }),
  })
  const back = await agree(address)
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
  const tokens = await oidc.authorizationCodeGrant(config, back, checks)
  assert.ok(tokens.claims().birthdate)
  const told = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
  assert.ok(told.name)

  const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token)
  const known = await oidc.tokenIntrospection(config, renewed.access_token)
  assert.equal(known.active, true)
  await oidc.tokenRevocation(config, renewed.access_token)
  assert.equal((await oidc.tokenIntrospection(config, renewed.access_token)).active, false)
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' })
}

async function messageSigning() {
  const metadata = { authorization_signed_response_alg: 'ES256', require_pushed_authorization_requests: true, use_mtls_endpoint_aliases: false }
  const config = await oidc.discovery(issuer, strict.client_id, metadata, oidc.PrivateKeyJwt(key), { execute: [...execute, oidc.useJwtResponseMode] })
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))
  const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()]
  const signed = await oidc.buildAuthorizationUrlWithJAR(config, {
    redirect_uri: strict.redirect_uri, scope: 'openid profile', state, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  }, key)
  const address = await oidc.buildAuthorizationUrlWithPAR(config, signed.searchParams, { DPoP })
  assert.deepEqual([...address.searchParams.keys()].sort(), ['client_id', 'request_uri'])
  const back = await agree(address)
  assert.ok(back.searchParams.has('response') && !back.searchParams.has('code'))
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
  const tokens = await oidc.authorizationCodeGrant(config, back, checks, undefined, { DPoP })
  assert.equal(tokens.token_type, 'dpop')
  const told = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP })
  assert.ok(told.name)
  const foreign = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'))
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP: foreign }))
}

async function onAnotherDevice() {
  const config = await oidc.discovery(issuer, clerk.client_id, undefined, oidc.PrivateKeyJwt(key), { execute })
  const started = await oidc.initiateBackchannelAuthentication(config, {
    scope: 'openid profile', login_hint: number, binding_message: 'Quầy 3 – mã 7215',
  })
  const { requests } = await (await browse('/account/requests')).json()
  assert.equal(requests[0].words, 'Quầy 3 – mã 7215')
  const said = await browse(`/account/requests/${requests[0].id}`, { answer: 'agree', secret: passcode })
  assert.equal(said.status, 200, await said.text())
  const tokens = await oidc.pollBackchannelAuthenticationGrant(config, started)
  assert.ok(tokens.claims().amr.includes('pin'))
  assert.ok((await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)).name)
}

await codeWithPkce()
await messageSigning()
await onAnotherDevice()
console.log('openid-client: code with PKCE and claims, refresh, introspection, revocation; PAR, JAR, DPoP, JARM; CIBA')
