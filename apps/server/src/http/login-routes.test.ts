import { describe, expect, it, onTestFinished } from 'vitest'
import { type Ask, type TestApp, testApp } from '../testing/test-app.ts'
import { PASSWORD } from '../testing/test-server.ts'

function login(app: TestApp, password: unknown, ask: Ask = {}): Promise<Response> {
  return app.ask('/api/login', { method: 'POST', body: { password }, token: null, ...ask })
}

/** The cookies that an answer sets, as a browser sends them back. */
function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
}

describe('logging in', () => {
  it('gives a token, and cookies that no script can read', async () => {
    const app = testApp(onTestFinished)
    const response = await login(app, PASSWORD)
    const { token } = (await response.json()) as { token: string }
    expect(token).toMatch(/^[0-9a-f]{64}$/)
    const [session, device] = response.headers.getSetCookie()
    expect(session).toBe(
      `ai_conductor_session=${token}; Max-Age=3600; Path=/; HttpOnly; SameSite=Strict`,
    )
    expect(device).toMatch(
      /^ai_conductor_device=[^;]+; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect((await app.ask('/api/sessions', { token })).status).toBe(200)
  })

  it('marks the cookies for https where the page came by it', async () => {
    const app = testApp(onTestFinished, { allowedOrigins: ['https://c.example'] })
    const headers = { host: 'c.example', origin: 'https://c.example' }
    const response = await login(app, PASSWORD, { headers })
    expect(response.headers.getSetCookie()[0]).toMatch(/^__Host-ai_conductor_session=.*; Secure/)
    const cookie = cookiesOf(response)
    expect((await app.ask('/api/sessions', { token: null, headers: { cookie } })).status).toBe(200)
  })

  it.each(['', 'x', '[]', '{}', '{"password": 1}', 'null'])('answers %j with 400', async (body) => {
    const response = await testApp(onTestFinished).ask('/api/login', {
      method: 'POST',
      body,
      token: null,
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: 'invalid request' })
  })

  it('answers a wrong password with 401', async () => {
    const response = await login(testApp(onTestFinished), 'wrong')
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ error: 'invalid password' })
  })
})

describe('logging out', () => {
  it('ends the token and its connections, and no other', async () => {
    const app = testApp(onTestFinished)
    const { token } = (await (await login(app, PASSWORD)).json()) as { token: string }
    const ended: string[] = []
    const id = app.auth.find(token)?.id
    const other = app.auth.find(app.token)?.id
    app.connections.add({ loginId: id, end: (code) => ended.push(`mine ${code}`) })
    app.connections.add({ loginId: other, end: (code) => ended.push(`other ${code}`) })
    expect((await app.ask('/api/logout', { method: 'POST', token })).status).toBe(204)
    expect(ended).toEqual(['mine 4401'])
    expect((await app.ask('/api/sessions', { token })).status).toBe(401)
    expect((await app.ask('/api/sessions')).status).toBe(200)
  })
})

describe('guessing', () => {
  it('is locked out: 10,000 tries are 5 guesses, and the lock is as short as after the fifth', async () => {
    const app = testApp(onTestFinished)
    const statuses: Record<number, number> = {}
    for (let i = 0; i < 10_000; i++) {
      const { status } = await login(app, `guess ${i}`)
      statuses[status] = (statuses[status] ?? 0) + 1
    }
    expect(statuses).toEqual({ 401: 5, 429: 9_995 })

    const locked = await login(app, PASSWORD)
    expect(locked.status).toBe(429)
    expect(locked.headers.get('retry-after')).toBe('1')
    app.clock.advance(1_000)
    expect((await login(app, PASSWORD)).status).toBe(200)
  })

  it('never locks out whoever is logged in, nor other addresses', async () => {
    const app = testApp(onTestFinished)
    for (let i = 0; i < 20; i++) await login(app, 'guess', { address: '192.0.2.1' })
    expect((await app.ask('/api/sessions', { address: '192.0.2.1' })).status).toBe(200)
    expect((await login(app, PASSWORD, { address: '192.0.2.2' })).status).toBe(200)
  })

  it('from the owner’s own address does not lock the owner’s browser out', async () => {
    const app = testApp(onTestFinished)
    const cookie = cookiesOf(await login(app, PASSWORD))
    for (let i = 0; i < 100; i++) await login(app, 'guess')
    expect((await login(app, PASSWORD)).status).toBe(429)
    expect((await login(app, PASSWORD, { headers: { cookie } })).status).toBe(200)
  })

  it('with a device cookie is locked out by its own count', async () => {
    const app = testApp(onTestFinished)
    const cookie = cookiesOf(await login(app, PASSWORD))
    for (let i = 0; i < 5; i++) await login(app, 'guess', { headers: { cookie } })
    expect((await login(app, PASSWORD, { headers: { cookie } })).status).toBe(429)
    expect((await login(app, PASSWORD)).status).toBe(200)
  })

  it('gains nothing by a device cookie that this server has not signed', async () => {
    const app = testApp(onTestFinished)
    const forged = `ai_conductor_device=${'a'.repeat(32)}.${'b'.repeat(64)}`
    for (let i = 0; i < 5; i++) await login(app, 'guess')
    expect((await login(app, PASSWORD, { headers: { cookie: forged } })).status).toBe(429)
  })
})
