// Another identity provider, to be measured beside ours: Rauthy, a program of its own, with its embedded store on the disk.
//
// node rauthy.mjs FOLDER VISITORS PROGRAM     starts PROGRAM, writes FOLDER/stage.json, says "ready", and serves until its standard input is closed
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'

const [folder, visitors, program] = process.argv.slice(2)
const REDIRECT = 'https://portal.example/cb'
// It takes no secret of another length, nor of other signs than letters and digits.
const SECRET = 'aSecretOfLettersAndDigitsAloneAndOfTheOneLengthThatAllOfThemTake'
const SCOPES = ['openid', 'profile', 'phone']
const PASSWORD = 'Ruong-bac-8-thang'
// At the least cost there is: each signs in once, before anything is measured.
const HASH = '$argon2id$v=19$m=8,t=1,p=1$cmF1dGh5LWJlbmNoLTE2Yg$aTJOb56Dlo4TCQhp7PK4cQsPQRWUAE9NzD9X9b1W1fU'

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}
const [port, raft, api] = [await freePort(), await freePort(), await freePort()]
const address = `127.0.0.1:${port}`
const random = (bytes) => randomBytes(bytes).toString('base64')

// What is not said here is as Rauthy has it by itself, but for three things: tokens may be refreshed at once and not only when the last has nearly
// expired, the work that a browser has to prove at a sign-in is the least, and it does not look for newer versions of itself.
writeFileSync(`${folder}/config.toml`, `
[access]
disable_refresh_token_nbf = true
[bootstrap]
bootstrap_dir = '${folder}/bootstrap'
[cluster]
node_id = 1
nodes = ['1 127.0.0.1:${raft} 127.0.0.1:${api}']
listen_addr_raft = '127.0.0.1'
listen_addr_api = '127.0.0.1'
data_dir = '${folder}/data'
secret_raft = '${random(24)}'
secret_api = '${random(24)}'
[encryption]
keys = ['bench/${random(32)}']
key_active = 'bench'
[events]
disable_app_version_check = true
[pow]
difficulty = 10
[server]
listen_address = '127.0.0.1'
port_http = ${port}
scheme = 'http'
pub_url = '${address}'
[webauthn]
rp_id = 'localhost'
rp_origin = 'http://localhost:${port}'
`)

const client = (id, flows) => ({
  id, secret: { Plain: SECRET }, redirect_uris: [REDIRECT], enabled: true, flows_enabled: flows, access_token_alg: 'EdDSA', id_token_alg: 'EdDSA',
  auth_code_lifetime: 60, access_token_lifetime: 1800, scopes: SCOPES, default_scopes: SCOPES, challenges: ['S256'], force_mfa: false,
})
const email = (number) => `person-${number}@portal.example`
const person = (number) => ({
  email: email(number), given_name: 'An', family_name: 'Nguyen Van', password: { Argon2ID: HASH }, roles: ['user'], enabled: true, email_verified: true,
  user_values: { birthdate: '1990-02-28', phone: '+84900000001' },
})
mkdirSync(`${folder}/bootstrap`)
writeFileSync(`${folder}/bootstrap/clients.json`, JSON.stringify([
  client('portal', ['authorization_code']),
  client('app', ['authorization_code', 'refresh_token', 'client_credentials']),
]))
writeFileSync(`${folder}/bootstrap/users.json`, JSON.stringify(Array.from({ length: Number(visitors) }, (_, number) => person(number))))

// It logs as it does by itself, to nowhere.
const rauthy = spawn(program, ['serve', '--config-file', `${folder}/config.toml`], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
rauthy.on('exit', (status) => process.exit(status ?? 0))
process.on('exit', () => rauthy.kill('SIGKILL'))
process.stdin.on('close', () => rauthy.kill('SIGKILL')).resume()

const paths = {
  authorize: '/auth/v1/oidc/authorize', token: '/auth/v1/oidc/token', userinfo: '/auth/v1/oidc/userinfo', jwks: '/auth/v1/oidc/certs',
  introspect: '/auth/v1/oidc/introspect', resume: '/auth/v1/oidc/authorize/refresh',
}

/// The challenge with a number behind it, so that its digest begins with ten zero bits.
function prove(challenge) {
  for (let number = 0; ; number += 1) {
    const proof = challenge + number
    if (createHash('sha256').update(proof).digest().readUInt16BE() < 1 << 6) return proof
  }
}

/// Signs somebody in as a browser would; the cookies of the session.
async function signIn(number) {
  const jar = new Map()
  const ask = async (path, options = {}) => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(`http://${address}${path}`, { ...options, headers: { cookie, ...options.headers } })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)
      jar.set(name, value)
    }
    return answer.text()
  }
  const asked = {
    client_id: 'portal', redirect_uri: REDIRECT, state: 's', nonce: 'n',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256',
  }
  const page = await ask(`${paths.authorize}?${new URLSearchParams({ response_type: 'code', scope: SCOPES.join(' '), ...asked })}`)
  const [, token] = /<template id="tpl_csrf_token">([^<]+)/.exec(page)
  const pow = prove(await ask('/auth/v1/pow', { method: 'POST' }))
  await ask(paths.authorize, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': token },
    body: JSON.stringify({ ...asked, scopes: SCOPES, email: email(number), password: PASSWORD, pow }),
  })
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
}

while (!(await fetch(`http://${address}${paths.jwks}`).catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 100))
const people = []
for (let number = 0; number < Number(visitors); number += 1) people.push({ number: email(number), cookie: await signIn(number) })
// Here client_credentials wants the secret in the form, even where the header has it.
const for_itself = Object.entries({ client_id: 'app', client_secret: SECRET })
writeFileSync(`${folder}/stage.json`, JSON.stringify({
  address, process: rauthy.pid, visitors: people, paths, scope: SCOPES.join(' '), for_itself,
}))
console.log('ready')
