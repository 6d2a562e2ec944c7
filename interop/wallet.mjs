// A wallet made of libraries that are not ours: it takes up an offer of the running platform, fetches the electronic identity card and the driving
// licence in both formats, checks them with libraries that are not ours either, and leaves what it holds for the scripts after it.
//
// node wallet.mjs URL FOLDER     FOLDER/offer.json = {"credential_offer", "tx_code"}; writes FOLDER/held.json
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { clientAuthenticationClientAttestationJwt, setGlobalConfig } from '@openid4vc/oauth2'
import { Openid4vciClient } from '@openid4vc/openid4vci'
import { SignJWT, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, jwtVerify } from 'jose'
import { checkMdoc, checkSdJwt } from './check.mjs'

const [url, folder] = process.argv.slice(2)
// The sandbox is on this machine, without TLS.
setGlobalConfig({ allowInsecureUrls: true })
const { credential_offer, tx_code } = JSON.parse(readFileSync(`${folder}/offer.json`, 'utf8'))
const BATCH = 3

const keys = new Map()
async function newKey() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  keys.set(await calculateJwkThumbprint(publicJwk), privateKey)
  return { publicJwk, privateJwk: await exportJWK(privateKey) }
}

const instance = await newKey()
const dpop = await newKey()

async function attest(attestedKeys = [], nonce) {
  const body = JSON.stringify({ wallet: instance.publicJwk, keys: attestedKeys, nonce })
  const answer = await fetch(`${url}/sandbox/wallet-provider`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  assert.equal(answer.status, 200)
  return answer.json()
}

const { client_id, client_attestation } = await attest()
const callbacks = {
  hash: (data, algorithm) => createHash(algorithm.replace('-', '')).update(data).digest(),
  generateRandom: (length) => randomBytes(length),
  signJwt: async (signer, { header, payload }) => {
    const key = keys.get(await calculateJwkThumbprint(signer.publicJwk))
    assert.ok(key, 'only keys of this wallet sign')
    return { jwt: await new SignJWT(payload).setProtectedHeader(header).sign(key), signerJwk: signer.publicJwk }
  },
  verifyJwt: async (signer, { compact }) => {
    const signerJwk = signer.publicJwk
    await jwtVerify(compact, await importJWK(signerJwk, signer.alg))
    return { verified: true, signerJwk }
  },
  decryptJwe: () => assert.fail('nothing is encrypted here'),
  encryptJwe: () => assert.fail('nothing is encrypted here'),
}
callbacks.clientAuthentication = clientAuthenticationClientAttestationJwt({ clientAttestationJwt: client_attestation, callbacks })

const client = new Openid4vciClient({ callbacks })
const offer = await client.resolveCredentialOffer(credential_offer)
const issuerMetadata = await client.resolveIssuerMetadata(offer.credential_issuer)
const token = await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
  credentialOffer: offer,
  issuerMetadata,
  txCode: tx_code,
  dpop: { signer: { method: 'jwk', alg: 'ES256', publicJwk: dpop.publicJwk } },
})
assert.equal(token.accessTokenResponse.token_type, 'DPoP')
const accessToken = token.accessTokenResponse.access_token

const held = []
for (const id of offer.credential_configuration_ids) {
  const { c_nonce } = await client.requestNonce({ issuerMetadata })
  const own = await Promise.all(Array.from({ length: BATCH }, newKey))
  const { key_attestation } = await attest(own.map((key) => key.publicJwk))
  const { jwt } = await client.createCredentialRequestJwtProof({
    issuerMetadata,
    credentialConfigurationId: id,
    signer: { method: 'jwk', alg: 'ES256', publicJwk: own[0].publicJwk },
    nonce: c_nonce,
    issuedAt: new Date(),
    clientId: client_id,
    keyAttestationJwt: key_attestation,
  })
  const answer = await client.retrieveCredentials({
    issuerMetadata,
    credentialConfigurationId: id,
    accessToken,
    proofs: { jwt: [jwt] },
    dpop: token.dpop,
  })
  const { credentials, notification_id } = answer.credentialResponse
  assert.equal(credentials.length, BATCH, 'one credential for each attested key')
  await client.sendNotification({
    issuerMetadata,
    accessToken,
    dpop: token.dpop,
    notification: { notificationId: notification_id, event: 'credential_accepted' },
  })
  const format = issuerMetadata.credentialIssuer.credential_configurations_supported[id].format
  held.push({ id, format, credential: credentials[0].credential, key: own[0].privateJwk })
}

const trusted = await (await fetch(`${url}/issuance/trust-list`)).text()
const trust = JSON.parse(Buffer.from(trusted.split('.')[1], 'base64url'))
for (const one of held) {
  if (one.format === 'dc+sd-jwt') await checkSdJwt(one, url)
  else await checkMdoc(one, trust)
}
writeFileSync(`${folder}/held.json`, JSON.stringify({ url, held, trust }, null, 2))
console.log(`held: ${held.map((one) => one.id).join(', ')}`)
