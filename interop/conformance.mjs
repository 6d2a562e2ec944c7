// Registers the relying parties of the conformance suite at a sandbox, and fills in the suite's configuration files.
//
// node conformance.mjs URL CALLBACKS FOLDER     CALLBACKS: where the suite's test plan lives, such as https://suite.example/test/a/vneid
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { exportJWK, generateKeyPair } from 'jose'

const [url, callbacks, folder] = process.argv.slice(2)
const templates = new URL('../docs/conformance/', import.meta.url)
const CIBA = 'urn:openid:params:grant-type:ciba'
const SCOPE = 'openid profile email phone address vneid_account'

async function ask(path, body) {
  const answer = await fetch(new URL(path, url), {
    method: body ? 'POST' : 'GET', headers: { accept: 'application/json', 'content-type': 'application/json' }, body: body && JSON.stringify(body),
  })
  const told = await answer.json()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(told)}`)
  return told
}

async function register(name, more, signs = false) {
  const { software_statement } = await ask('/sandbox/software-statements', { client_name: `Suite: ${name}`, scope: SCOPE })
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const own = { kid: name, use: 'sig', alg: 'ES256' }
  const jwks = signs && { jwks: { keys: [{ ...(await exportJWK(publicKey)), ...own }] } }
  const registered = await ask('/sso/register', { software_statement, ...jwks, ...more })
  const secret = { keys: [{ ...(await exportJWK(privateKey)), ...own }] }
  return { client_id: registered.client_id, client_secret: registered.client_secret ?? '', jwks: signs ? secret : null }
}

const people = await ask('/sandbox/people?only=suggested&count=1')
const person = await ask(`/sandbox/people/${people.people[0].personal_number}/account`, { level: 2 })
const plain = {
  redirect_uris: [`${callbacks}/callback`], post_logout_redirect_uris: [`${callbacks}/post_logout_redirect`],
  grant_types: ['authorization_code', 'refresh_token'], require_pkce: false,
  backchannel_logout_uri: `${callbacks}/backchannel_logout`, frontchannel_logout_uri: `${callbacks}/frontchannel_logout`,
}
const bank = { redirect_uris: [`${callbacks}/callback`], grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'private_key_jwt' }
const clerk = {
  grant_types: [CIBA, 'refresh_token'], token_endpoint_auth_method: 'private_key_jwt', vneid_profile: 'fapi2', backchannel_token_delivery_mode: 'poll',
  sector_identifier: new URL(callbacks).hostname,
}
const values = { url, number: person.personal_number, password: person.password }
for (const [name, more, signs] of [
  ['basic', plain], ['basic2', plain], ['post', { ...plain, token_endpoint_auth_method: 'client_secret_post' }],
  ['fapi', { ...bank, vneid_profile: 'fapi2' }, true], ['fapi2', { ...bank, vneid_profile: 'fapi2' }, true],
  ['signing', { ...bank, vneid_profile: 'fapi2_message_signing' }, true], ['signing2', { ...bank, vneid_profile: 'fapi2_message_signing' }, true],
  ['ciba', clerk, true], ['ciba2', clerk, true],
]) values[name] = await register(name, more, signs)

function fill(value) {
  if (Array.isArray(value)) return value.map(fill)
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner)]))
  if (typeof value !== 'string') return value
  const at = (path) => path.split('.').reduce((found, name) => found[name], values)
  const whole = value.match(/^{{([a-z0-9_.]+)}}$/)
  return whole ? at(whole[1]) : value.replaceAll(/{{([a-z0-9_.]+)}}/g, (_, path) => at(path))
}

mkdirSync(folder, { recursive: true })
for (const file of readdirSync(templates).filter((name) => name.endsWith('.json'))) {
  const filled = fill(JSON.parse(readFileSync(new URL(file, templates), 'utf8')))
  writeFileSync(`${folder}/${file}`, `${JSON.stringify(filled, null, 2)}\n`)
}
console.log(`${person.full_name}: number ${person.personal_number}, password ${person.password}, passcode ${person.passcode}`)
