// What libraries that are not ours say of credentials of ours: SD-JWT VC with its status, and mobile documents down to the authority of the trust list.
import assert from 'node:assert/strict'
import { X509Certificate, createHash, randomBytes } from 'node:crypto'
import { CoseKey, Holder, IssuerSigned } from '@owf/mdoc'
import { getListFromStatusListJWT } from '@sd-jwt/jwt-status-list'
import { SDJwtVcInstance } from '@sd-jwt/sd-jwt-vc'
import { importJWK, importX509, jwtVerify } from 'jose'

const digest = (data, algorithm) => createHash(algorithm.toLowerCase().replace('-', '')).update(data).digest()
const pem = (certificate) => `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----`

/** Verifies a signed text by the certificate that it carries. */
async function verifiesByChain(data, signature) {
  const header = JSON.parse(Buffer.from(data.split('.')[0], 'base64url'))
  await jwtVerify(`${data}.${signature}`, await importX509(pem(header.x5c[0]), header.alg), { clockTolerance: 60 })
  return true
}

/** An instance of the SD-JWT VC library that signs key bindings with this key. */
export function sdJwtLibrary(jwk) {
  return new SDJwtVcInstance({
    hasher: (data, algorithm) => new Uint8Array(digest(data, algorithm)),
    hashAlg: 'sha-256',
    saltGenerator: () => randomBytes(16).toString('base64url'),
    verifier: verifiesByChain,
    statusVerifier: verifiesByChain,
    kbSignAlg: 'ES256',
    kbSigner: async (data) => {
      const { subtle } = globalThis.crypto
      const key = await subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
      const signature = await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, Buffer.from(data))
      return Buffer.from(signature).toString('base64url')
    },
    kbVerifier: async (data, signature, payload) => {
      await jwtVerify(`${data}.${signature}`, await importJWK(payload.cnf.jwk, 'ES256'), { clockTolerance: 60 })
      return true
    },
  })
}

export async function checkSdJwt({ id, credential, key }, url) {
  const library = sdJwtLibrary(key)
  // Fetches the status list, verifies it, and refuses any status but valid.
  const { payload } = await library.verify(credential)
  assert.equal(payload.iss, url)
  assert.ok(payload.vct.startsWith('urn:vneid:'))

  const text = await (await fetch(payload.status.status_list.uri)).text()
  assert.equal(getListFromStatusListJWT(text).getStatus(payload.status.status_list.idx), 0)

  const nonce = 'nonce-of-a-verifier'
  const presented = await library.present(credential, { age_over_18: true }, {
    kb: { payload: { iat: Math.floor(Date.now() / 1000), aud: 'https://verifier.example', nonce } },
  })
  const shown = await library.verify(presented, { keyBindingNonce: nonce, requiredClaimKeys: ['age_over_18'] })
  const registered = ['iss', 'iat', 'exp', 'nbf', 'vct', 'cnf', 'status', '_sd_alg', '_sd']
  const told = Object.keys(shown.payload).filter((name) => !registered.includes(name))
  assert.deepEqual(told, ['age_over_18'], `${id}: a proof of age tells nothing else`)
}

/** What the mobile document library needs of its surroundings. */
export const context = {
  crypto: {
    random: (length) => new Uint8Array(randomBytes(length)),
    digest: ({ digestAlgorithm, bytes }) => new Uint8Array(digest(bytes, digestAlgorithm)),
    calculateEphemeralMacKey: () => assert.fail('no MAC is used here'),
  },
  cose: {
    sign1: {
      sign: async ({ toBeSigned, key }) => {
        const { subtle } = globalThis.crypto
        const own = await subtle.importKey('jwk', key.jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
        return new Uint8Array(await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, own, toBeSigned))
      },
      verify: async ({ key, sign1 }) => {
        const { subtle } = globalThis.crypto
        const { kty, crv, x, y } = key.jwk
        const own = await subtle.importKey('jwk', { kty, crv, x, y }, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])
        return subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, own, sign1.signature, sign1.toBeSigned)
      },
    },
    mac0: { sign: () => assert.fail('no MAC is used here'), verify: () => assert.fail('no MAC is used here') },
  },
  x509: {
    getIssuerNameField: ({ certificate, field }) =>
      new X509Certificate(certificate).issuer.split('\n').filter((line) => line.startsWith(`${field}=`)).map((line) => line.slice(field.length + 1)),
    getPublicKey: ({ certificate }) => CoseKey.fromJwk(new X509Certificate(certificate).publicKey.export({ format: 'jwk' })),
    verifyCertificateChain: ({ trustedCertificates, x5chain }) => {
      const leaf = new X509Certificate(x5chain[0])
      const above = trustedCertificates.map((certificate) => new X509Certificate(certificate))
      assert.ok(above.some((root) => leaf.checkIssued(root) && leaf.verify(root.publicKey)), 'the chain ends at the authority of the trust list')
    },
    getCertificateData: ({ certificate }) => {
      const { issuer, subject, serialNumber, fingerprint256, validFrom, validTo } = new X509Certificate(certificate)
      return {
        issuerName: issuer,
        subjectName: subject,
        serialNumber,
        thumbprint: fingerprint256,
        notBefore: new Date(validFrom),
        notAfter: new Date(validTo),
        pem: pem(Buffer.from(certificate).toString('base64')),
      }
    },
  },
}

export async function checkMdoc({ id, credential }, trust) {
  const trustedCertificates = trust.authorities.map((authority) => new Uint8Array(Buffer.from(authority.certificate, 'base64')))
  const issuerSigned = IssuerSigned.fromEncodedForOid4Vci(credential)
  await Holder.verifyIssuerSigned({ issuerSigned, trustedCertificates, skewSeconds: 60 }, context)
  const namespace = id.includes('driving') ? 'org.iso.18013.5.1' : 'vn.gov.vneid.eid.1'
  const claims = issuerSigned.getPrettyClaims(namespace)
  assert.equal(claims.issuing_country, 'VN')
  assert.equal(typeof claims.age_over_18, 'boolean')
}
