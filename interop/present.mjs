// The wallet of wallet.mjs proves at a verifier of the running platform that its holder is 18, and tells nothing else: a library that is not ours
// reads and checks the signed request, and encrypts the answer.
//
// node present.mjs URL FOLDER     FOLDER/held.json is what wallet.mjs has left
import assert from 'node:assert/strict'
import { X509Certificate, createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setGlobalConfig } from '@openid4vc/oauth2'
import { Openid4vpClient } from '@openid4vc/openid4vp'
import { CompactEncrypt, importJWK, importX509, jwtVerify } from 'jose'
import { sdJwtLibrary } from './check.mjs'

const [url, folder] = process.argv.slice(2)
// The sandbox is on this machine, without TLS.
setGlobalConfig({ allowInsecureUrls: true })
const { held } = JSON.parse(readFileSync(`${folder}/held.json`, 'utf8'))
const card = held.find(({ id, format }) => format === 'dc+sd-jwt' && /eid/i.test(id))

const callbacks = {
  hash: (data, algorithm) => createHash(algorithm.replace('-', '')).update(data).digest(),
  generateRandom: (length) => randomBytes(length),
  getX509CertificateMetadata: (certificate) => {
    const parsed = new X509Certificate(Buffer.from(certificate, 'base64'))
    const names = (parsed.subjectAltName ?? '').split(', ')
    const of = (kind) => names.filter((name) => name.startsWith(`${kind}:`)).map((name) => name.slice(kind.length + 1))
    return { sanDnsNames: of('DNS'), sanUriNames: of('URI') }
  },
  verifyJwt: async (signer, { compact }) => {
    const pem = `-----BEGIN CERTIFICATE-----\n${signer.x5c[0]}\n-----END CERTIFICATE-----`
    const key = await importX509(pem, signer.alg, { extractable: true })
    await jwtVerify(compact, key, { clockTolerance: 60 })
    return { verified: true, signerJwk: await globalThis.crypto.subtle.exportKey('jwk', key) }
  },
  encryptJwe: async (encryptor, content) => {
    const { publicJwk, alg, enc, apu, apv } = encryptor
    const jwe = new CompactEncrypt(Buffer.from(content)).setProtectedHeader({ alg, enc, kid: publicJwk.kid, apu, apv })
    return { jwe: await jwe.encrypt(await importJWK(publicJwk, alg)), encryptionJwk: publicJwk }
  },
  decryptJwe: () => assert.fail('nothing is encrypted for us'),
  signJwt: () => assert.fail('only the key binding is signed, by another library'),
}
const client = new Openid4vpClient({ callbacks })

async function asked() {
  const answer = await fetch(`${url}/sandbox/over-18`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: '{}',
  })
  assert.equal(answer.status, 200)
  return answer.json()
}

async function outcome(id) {
  const answer = await fetch(`${url}/sandbox/over-18/${id}`, { headers: { accept: 'application/json' } })
  return (await answer.json()).state
}

async function present({ link }, { nonce, audience } = {}) {
  const { params } = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: link })
  const resolved = await client.resolveOpenId4vpAuthorizationRequest({ authorizationRequestPayload: params })
  const request = resolved.authorizationRequestPayload
  assert.equal(resolved.client.prefix, 'x509_hash')
  assert.deepEqual(resolved.dcql.query.credentials[0].claims, [{ path: ['age_over_18'] }])
  const kb = { iat: Math.floor(Date.now() / 1000), aud: audience ?? request.client_id, nonce: nonce ?? request.nonce }
  const presentation = await sdJwtLibrary(card.key).present(card.credential, { age_over_18: true }, { kb: { payload: kb } })
  const response = await client.createOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: request,
    authorizationResponsePayload: { vp_token: { [resolved.dcql.query.credentials[0].id]: [presentation] } },
    jarm: {
      encryption: { nonce: randomBytes(16).toString('base64url') },
      serverMetadata: {
        authorization_signing_alg_values_supported: [],
        authorization_encryption_alg_values_supported: ['ECDH-ES'],
        authorization_encryption_enc_values_supported: ['A256GCM'],
      },
    },
  })
  return client.submitOpenid4vpAuthorizationResponse({
    authorizationRequestPayload: request,
    authorizationResponsePayload: response.authorizationResponsePayload,
    jarm: response.jarm ? { responseJwt: response.jarm.responseJwt } : undefined,
  })
}

const good = await asked()
assert.equal(await outcome(good.id), 'waiting')
const { response } = await present(good)
assert.equal(response.status, 200, await response.text())
assert.match(await outcome(good.id), /^(over|under)-18$/)

for (const wrong of [{ nonce: 'another' }, { audience: 'x509_hash:another' }]) {
  const bad = await asked()
  const { response } = await present(bad, wrong)
  assert.equal(response.status, 400)
  assert.equal(await outcome(bad.id), 'waiting')
}
console.log('presented: over 18 and nothing else; a wrong nonce and a wrong audience were refused')
