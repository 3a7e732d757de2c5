import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Ask, type TestApp, testApp } from '../testing/test-app.ts'

interface Made {
  readonly id: string
  readonly url: string
  readonly expiresAt: string
  readonly mode: string
}

async function share(app: TestApp, body: object, ask: Ask = {}): Promise<Made> {
  const { id } = app.directory.list()[0] ?? (await app.directory.create({}))
  const path = `/api/sessions/${id}/shares`
  const response = await app.ask(path, { method: 'POST', body, ...ask })
  expect(response.status).toBe(201)
  return (await response.json()) as Made
}

function secretOf({ url }: Made): string {
  return new URL(url).hash.slice(1)
}

function claim(app: TestApp, secret: string, ask: Ask = {}): Promise<Response> {
  const body = { secret }
  return app.ask('/api/shares/claim', { method: 'POST', body, token: null, ...ask })
}

async function tokenOf(response: Response): Promise<string> {
  return ((await response.json()) as { token: string }).token
}

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
}

describe('a share link', () => {
  it('has its secret behind the #, told once and kept as a hash', async () => {
    const app = testApp(onTestFinished)
    const made = await share(app, { mode: 'viewer', label: 'Ann' })
    expect(made.url).toMatch(/^http:\/\/127\.0\.0\.1:8080\/share#[\w-]{43}$/)
    expect(made).toMatchObject({ mode: 'viewer', label: 'Ann' })
    expect(Date.parse(made.expiresAt) - app.clock.date()).toBe(3_600_000)
    const path = join(app.stateDir, 'shares.json')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const token = await tokenOf(await claim(app, secretOf(made)))
    const kept = readFileSync(path, 'utf8')
    expect(kept).toContain(made.id)
    for (const secret of [secretOf(made), token]) expect(kept).not.toContain(secret)
    const list = await (await app.ask('/api/shares')).text()
    expect(JSON.parse(list)).toEqual([expect.objectContaining({ id: made.id, label: 'Ann' })])
    expect(list).not.toContain(secretOf(made))
    expect(await (await app.ask('/api/shares?session=other')).json()).toEqual([])
  })

  it('leads to where the page is that made it, below its base path', async () => {
    const options = { allowedOrigins: ['https://c.example'], basePath: '/tools' }
    const app = testApp(onTestFinished, options)
    const { id } = await app.directory.create({})
    const path = `/tools/api/sessions/${id}/shares`
    const headers = { host: 'c.example' }
    for (const each of [headers, { ...headers, origin: 'https://c.example' }]) {
      const ask = { method: 'POST', body: { mode: 'viewer' }, headers: each }
      const { url } = (await (await app.ask(path, ask)).json()) as Made
      expect(url).toMatch(/^https:\/\/c\.example\/tools\/share#/)
    }
  })

  it.each([
    [{}, 'mode'],
    [{ mode: 'king' }, 'mode'],
    [{ mode: 'viewer', expiresInSeconds: 0 }, 'expiresInSeconds'],
    [{ mode: 'viewer', expiresInSeconds: 2_592_001 }, 'expiresInSeconds'],
    [{ mode: 'viewer', label: 'a\u202eb' }, 'label'],
    [{ mode: 'viewer', forever: true }, 'forever'],
  ])('is refused as %j with 400, naming the field', async (body, field) => {
    const app = testApp(onTestFinished)
    const { id } = await app.directory.create({})
    const response = await app.ask(`/api/sessions/${id}/shares`, { method: 'POST', body })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain(field)
  })

  it('is for a session that is there', async () => {
    const app = testApp(onTestFinished)
    const ask = { method: 'POST', body: { mode: 'viewer' } }
    expect((await app.ask('/api/sessions/none/shares', ask)).status).toBe(404)
  })

  it('ends when its time is over, and when it is revoked', async () => {
    const app = testApp(onTestFinished)
    const brief = await share(app, { mode: 'viewer', expiresInSeconds: 60 })
    const other = await share(app, { mode: 'viewer' })
    const [first, second] = [
      await tokenOf(await claim(app, secretOf(brief))),
      await tokenOf(await claim(app, secretOf(other))),
    ]
    const ended: string[] = []
    for (const token of [first, second])
      app.connections.add({
        loginId: app.auth.find(token)?.id,
        end: (code) => ended.push(`${token} ${code}`),
      })
    app.clock.advance(59_999)
    expect((await app.ask('/api/sessions', { token: first })).status).toBe(200)
    app.clock.advance(1)
    expect(ended).toEqual([`${first} 4401`])
    expect((await app.ask('/api/sessions', { token: first })).status).toBe(401)
    expect((await claim(app, secretOf(brief))).status).toBe(401)

    const revoke = () => app.ask(`/api/shares/${other.id}`, { method: 'DELETE' })
    expect((await revoke()).status).toBe(204)
    expect(ended).toEqual([`${first} 4401`, `${second} 4401`])
    expect((await app.ask('/api/sessions', { token: second })).status).toBe(401)
    expect((await claim(app, secretOf(other))).status).toBe(401)
    expect((await revoke()).status).toBe(404)
    expect(await (await app.ask('/api/shares')).json()).toEqual([])
  })

  it('opens nothing after its session, once that was read to the end', async () => {
    const app = testApp(onTestFinished)
    const token = await tokenOf(await claim(app, secretOf(await share(app, { mode: 'viewer' }))))
    app.runtime.last().exits(0)
    expect((await app.ask('/api/sessions', { token })).status).toBe(200)
    app.clock.advance(60_000)
    expect((await app.ask('/api/sessions', { token })).status).toBe(401)
    expect(await (await app.ask('/api/shares')).json()).toEqual([])
  })

  it('outlives the server, with the tokens that were given for it', async () => {
    const stateDir = temporaryFolder(onTestFinished)
    const before = testApp(onTestFinished, { stateDir })
    const made = await share(before, { mode: 'driver' })
    const token = await tokenOf(await claim(before, secretOf(made)))
    const after = testApp(onTestFinished, { stateDir })
    expect((await after.ask('/api/sessions', { token })).status).toBe(200)
    expect((await claim(after, secretOf(made))).status).toBe(200)
  })
})

describe('claiming', () => {
  it('again in the same browser gives the same token', async () => {
    const app = testApp(onTestFinished)
    const secret = secretOf(await share(app, { mode: 'viewer' }))
    const first = await claim(app, secret)
    const cookie = cookiesOf(first)
    const again = await claim(app, secret, { headers: { cookie } })
    const token = await tokenOf(first)
    expect(await tokenOf(again)).toBe(token)
    expect(await tokenOf(await claim(app, secret))).not.toBe(token)
  })

  it('leaves a whole login alone, and counts where the page asks for it', async () => {
    const app = testApp(onTestFinished)
    const made = await share(app, { mode: 'viewer' })
    const claimed = await claim(app, secretOf(made))
    expect(claimed.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        `^ai_conductor_share_${made.id}=[0-9a-f]{64}; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict$`,
      ),
    ])
    const guest = cookiesOf(claimed)
    const both = `ai_conductor_session=${app.token}; ${guest}`
    const status = async (path: string, cookie: string) =>
      (await app.ask(path, { token: null, headers: { cookie } })).status
    const ours = `?share=${made.id}`
    // The owner's own pages go on as the owner's.
    expect(await status('/api/shares', both)).toBe(200)
    // On the page of the link even the owner is a guest.
    expect(await status(`/api/shares${ours}`, both)).toBe(403)
    expect(await status(`/api/sessions${ours}`, both)).toBe(200)
    expect(await status(`/api/sessions${ours}`, guest)).toBe(200)
    // Nothing else of a guest's browser is the guest's.
    expect(await status('/api/sessions', guest)).toBe(401)
    expect(await status('/api/sessions?share=0', both)).toBe(401)
    expect(await status('/api/sessions?share=', both)).toBe(401)
  })

  it('of wrong secrets is locked out, by address', async () => {
    const app = testApp(onTestFinished)
    const secret = secretOf(await share(app, { mode: 'viewer' }))
    for (let i = 0; i < 5; i++) expect((await claim(app, `guess ${i}`)).status).toBe(401)
    const locked = await claim(app, secret)
    expect([locked.status, locked.headers.get('retry-after')]).toEqual([429, '1'])
    expect((await claim(app, secret, { address: '192.0.2.1' })).status).toBe(200)
    app.clock.advance(1_000)
    expect((await claim(app, secret)).status).toBe(200)
  })

  it.each(['', '{}', '{"secret":1}', 'x'])('answers %j with 400', async (body) => {
    const app = testApp(onTestFinished)
    const ask = { method: 'POST', body, token: null }
    expect((await app.ask('/api/shares/claim', ask)).status).toBe(400)
  })

  it('from a foreign page is refused', async () => {
    const app = testApp(onTestFinished)
    const secret = secretOf(await share(app, { mode: 'viewer' }))
    const headers = { origin: 'http://evil.example' }
    expect((await claim(app, secret, { headers })).status).toBe(403)
  })

  it('by more browsers than a link has room for ends the oldest, with what it has open', async () => {
    const app = testApp(onTestFinished)
    const secret = secretOf(await share(app, { mode: 'viewer' }))
    const oldest = await tokenOf(await claim(app, secret))
    let code = 0
    app.connections.add({ loginId: app.auth.find(oldest)?.id, end: (with_) => (code = with_) })
    for (let i = 0; i < 100; i++) app.people.shares.claim(secret)
    expect(code).toBe(4401)
    expect(app.auth.find(oldest)).toBeUndefined()
  })
})
