// Another identity provider, to be measured beside ours: node `oidc-provider`, in memory, with live sessions and remembered consents.
//
// node peer.mjs FOLDER VISITORS     writes FOLDER/stage.json, says "ready", and serves until its standard input is closed
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { writeFileSync } from 'node:fs'
import { Provider } from 'oidc-provider'

const [folder, visitors] = process.argv.slice(2)
const REDIRECT = 'https://portal.example/cb'
const SECRET = 'aSecretOfLettersAndDigitsAloneAndOfTheOneLengthThatAllOfThemTake'
const SCOPE = 'openid profile phone'
const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
const client = (client_id, more) => ({
  client_id, client_secret: SECRET, redirect_uris: [REDIRECT], id_token_signed_response_alg: 'ES256', scope: SCOPE, ...more,
})

/// The store that comes with it forgets live sessions: it holds some thousand entries, each code and token among them. The provider itself looks at expiry.
class Store {
  #kept = new Map()
  #ids = new Map()

  async upsert(id, payload) {
    this.#kept.set(id, payload)
    if (payload.uid) this.#ids.set(payload.uid, id)
  }
  async find(id) {
    return this.#kept.get(id)
  }
  async findByUid(uid) {
    return this.#kept.get(this.#ids.get(uid))
  }
  async consume(id) {
    this.#kept.get(id).consumed = Math.floor(Date.now() / 1000)
  }
  async destroy(id) {
    this.#ids.delete(this.#kept.get(id)?.uid)
    this.#kept.delete(id)
  }
  async revokeByGrantId(grant) {
    for (const [id, { grantId }] of this.#kept) if (grantId === grant) await this.destroy(id)
  }
}

const server = createServer()
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://127.0.0.1:${server.address().port}`
const provider = new Provider(issuer, {
  adapter: Store,
  clients: [
    client('portal', {}),
    client('app', { grant_types: ['authorization_code', 'refresh_token', 'client_credentials'] }),
  ],
  // ES256 is quicker here than the RS256 that it takes by itself.
  jwks: { keys: [{ ...jwk, alg: 'ES256', use: 'sig' }] },
  scopes: ['openid', 'profile', 'phone'],
  claims: { openid: ['sub'], profile: ['name', 'birthdate', 'gender'], phone: ['phone_number'] },
  cookies: { keys: ['a', 'b'] },
  features: { devInteractions: { enabled: false }, introspection: { enabled: true }, clientCredentials: { enabled: true } },
  interactions: { url: (_, interaction) => `/login/${interaction.uid}` },
  issueRefreshToken: async (_, client) => client.grantTypeAllowed('refresh_token'),
  pkce: { required: () => true },
  loadExistingGrant: async (ctx) => {
    const { client, session } = ctx.oidc
    const known = session.grantIdFor(client.clientId)
    if (known) return provider.Grant.find(known)
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
    grant.addOIDCScope(SCOPE)
    await grant.save()
    return grant
  },
  findAccount: async (_, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, name: 'Nguyễn Văn An', birthdate: '1990-02-28', gender: 'male', phone_number: '+84900000001' }),
  }),
})
const answer = provider.callback()
let next = 0
server.on('request', async (request, response) => {
  if (!request.url.startsWith('/login/')) return answer(request, response)
  await provider.interactionFinished(request, response, { login: { accountId: `person-${next}` } })
})

/// Signs somebody in as a browser would; the cookies of the session.
async function signIn() {
  const jar = new Map()
  const query = new URLSearchParams({
    response_type: 'code', client_id: 'portal', redirect_uri: REDIRECT, scope: SCOPE, state: 's', nonce: 'n',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
  })
  let address = `${issuer}/auth?${query}`
  while (address.startsWith(issuer)) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(address, { headers: { cookie }, redirect: 'manual' })
    for (const set of answer.headers.getSetCookie()) {
      const [name, value] = set.split(';')[0].split('=')
      if (value) jar.set(name, value)
      else jar.delete(name)
    }
    if (!answer.headers.has('location')) throw new Error(`${answer.status} ${await answer.text()}`)
    address = new URL(answer.headers.get('location'), issuer).href
  }
  return [...jar].filter(([name]) => name.startsWith('_session')).map(([name, value]) => `${name}=${value}`).join('; ')
}

const people = []
for (; next < Number(visitors); next += 1) people.push({ number: String(next), cookie: await signIn() })
const paths = { authorize: '/auth', token: '/token', userinfo: '/me', jwks: '/jwks', introspect: '/token/introspection' }
writeFileSync(`${folder}/stage.json`, JSON.stringify({ address: issuer.slice(7), visitors: people, paths, scope: SCOPE, for_itself: [] }))
console.log('ready')
process.stdin.on('close', () => process.exit(0)).resume()
