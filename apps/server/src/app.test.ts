import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testApp } from './testing/test-app.ts'

describe('health', () => {
  it('is told to anybody, exactly as {"status":"ok"}', async () => {
    const { ask } = testApp(onTestFinished)
    const response = await ask('/api/health', { token: null })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('{"status":"ok"}')
  })

  it('names each check when asked to, leaves out what is excluded, and says 503 when one fails', async () => {
    let sessions = false
    const { ask } = testApp(onTestFinished, {
      checks: [
        { name: 'ping', kinds: ['live', 'ready', 'startup'], run: () => {} },
        {
          name: 'sessions',
          kinds: ['ready', 'startup'],
          cacheMs: 0,
          run: () => {
            if (!sessions) throw new Error('not found yet')
          },
        },
      ],
    })
    const failing = await ask('/readyz', { token: null })
    expect(failing.status).toBe(503)
    expect(await failing.text()).toBe(
      '[+]ping ok\n[-]sessions failed: reason withheld\nreadyz check failed\n',
    )
    expect((await ask('/livez', { token: null })).status).toBe(200)
    expect((await ask('/readyz?exclude=sessions', { token: null })).status).toBe(200)
    sessions = true
    expect(await (await ask('/startupz?verbose', { token: null })).text()).toBe(
      '[+]ping ok\n[+]sessions ok\nstartupz check passed\n',
    )
  })

  it('tells its pid only to this machine', async () => {
    const { ask } = testApp(onTestFinished)
    expect(await (await ask('/healthz', { token: null })).json()).toEqual({
      status: 'ok',
      service: 'conductor',
      pid: 42,
    })
    expect((await ask('/healthz', { address: '192.0.2.1' })).status).toBe(403)
    expect((await ask('/healthz', { headers: { 'x-forwarded-for': '192.0.2.1' } })).status).toBe(
      403,
    )
  })
})

describe('what needs a login', () => {
  it.each(['/api/sessions', '/api/events', '/api/nonsense', '/ws/abc', '/ws'])(
    'is refused with 401 and JSON on %s',
    async (path) => {
      const { ask } = testApp(onTestFinished)
      for (const token of [null, '0'.repeat(64)]) {
        const response = await ask(path, { token })
        expect(response.status).toBe(401)
        expect(await response.json()).toEqual({ error: 'unauthorized' })
      }
    },
  )

  it('sends a browser to the login page elsewhere', async () => {
    const { ask } = testApp(onTestFinished)
    const response = await ask('/terminal', { token: null })
    expect([response.status, response.headers.get('location')]).toEqual([303, '/'])
  })

  it('ends with the token’s time', async () => {
    const { ask, clock } = testApp(onTestFinished)
    expect((await ask('/api/sessions')).status).toBe(200)
    clock.advance(3_600_000)
    expect((await ask('/api/sessions')).status).toBe(401)
  })

  it('takes the cookie too, also beside a header that is no good', async () => {
    const { ask, token } = testApp(onTestFinished)
    const cookie = `ai_conductor_session=${token}`
    expect((await ask('/api/sessions', { token: null, headers: { cookie } })).status).toBe(200)
    expect((await ask('/api/sessions', { token: 'x', headers: { cookie } })).status).toBe(200)
  })
})

describe('hosts and origins', () => {
  it('refuses every request to a host that is not ours, also the public ones', async () => {
    const { ask } = testApp(onTestFinished)
    for (const path of ['/', '/api/health', '/api/sessions', '/ws/x', '/metrics']) {
      const response = await ask(path, { headers: { host: 'evil.example:8080' } })
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ code: 'WRONG_HOST' })
    }
  })

  it.each(['http://evil.example', 'http://127.0.0.1:8081', 'https://127.0.0.1:8080', 'null'])(
    'refuses what pages of %s want to change, whoever is logged in',
    async (origin) => {
      const { ask, runtime } = testApp(onTestFinished)
      const response = await ask('/api/sessions', { method: 'POST', headers: { origin } })
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ code: 'WRONG_ORIGIN' })
      expect(runtime.sessions).toHaveLength(0)
    },
  )

  it('refuses a change by cookie alone, because every browser says where it comes from', async () => {
    const { ask, token } = testApp(onTestFinished)
    const headers = { cookie: `ai_conductor_session=${token}` }
    const refused = await ask('/api/sessions', { method: 'POST', token: null, headers })
    expect(refused.status).toBe(403)
    const origin = 'http://127.0.0.1:8080'
    const fine = await ask('/api/sessions', {
      method: 'POST',
      token: null,
      headers: { ...headers, origin },
    })
    expect(fine.status).toBe(201)
  })

  it('lets pages of a configured origin in', async () => {
    const { ask } = testApp(onTestFinished, { allowedOrigins: ['https://conductor.example'] })
    const headers = { host: 'conductor.example', origin: 'https://conductor.example' }
    expect((await ask('/api/sessions', { method: 'POST', headers })).status).toBe(201)
  })
})

describe('answers', () => {
  it('carry what keeps a browser from doing anything but show them', async () => {
    const { headers } = await testApp(onTestFinished).ask('/api/health')
    const policy = headers.get('content-security-policy')
    expect(policy).toContain("default-src 'self'; script-src 'self' 'wasm-unsafe-eval';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("connect-src 'self' ws://127.0.0.1:8080 wss://127.0.0.1:8080;")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('are described in /openapi.json', async () => {
    const { ask } = testApp(onTestFinished)
    const description = (await (await ask('/openapi.json', { token: null })).json()) as {
      openapi: string
      paths: Record<string, object>
    }
    expect(description.openapi).toBe('3.1.0')
    expect(Object.keys(description.paths['/api/sessions/{id}'] ?? {})).toEqual([
      'get',
      'put',
      'delete',
    ])
    for (const [path, method] of [
      ['/api/sessions/{id}/restore', 'post'],
      ['/api/sessions/{id}/recording', 'get'],
      ['/api/orchestrators', 'post'],
    ] as const)
      expect(description.paths[path]).toHaveProperty(method)
    for (const field of ['agent', 'prompt', 'kind', 'runtime'])
      expect(description).toHaveProperty(`components.schemas.NewSession.properties.${field}`)
  })

  it('give the metrics to this machine, and to others only with a login', async () => {
    const { ask } = testApp(onTestFinished)
    const here = await ask('/metrics', { token: null })
    expect(here.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect((await ask('/metrics', { token: null, address: '192.0.2.1' })).status).not.toBe(200)
    expect((await ask('/metrics', { address: '192.0.2.1' })).status).toBe(200)
  })

  it('refuse a body over 1 MiB', async () => {
    const { ask } = testApp(onTestFinished)
    const body = JSON.stringify({ name: 'x'.repeat(1024 * 1024) })
    const response = await ask('/api/sessions', {
      method: 'POST',
      body,
      headers: { 'content-length': String(body.length) },
    })
    expect(response.status).toBe(413)
  })
})

describe('the graceful end by request', () => {
  it('needs a login and this machine', async () => {
    const app = testApp(onTestFinished)
    const post = { method: 'POST' }
    expect((await app.ask('/api/shutdown', { ...post, token: null })).status).toBe(401)
    expect((await app.ask('/api/shutdown', { ...post, address: '192.0.2.1' })).status).toBe(403)
    expect(app.shutdowns).toBe(0)
    expect((await app.ask('/api/shutdown', post)).status).toBe(202)
    expect(app.shutdowns).toBe(1)
  })
})

describe('the web client', () => {
  function client(): string {
    const dir = temporaryFolder(onTestFinished)
    mkdirSync(join(dir, 'assets'))
    writeFileSync(join(dir, 'index.html'), '<p>login')
    writeFileSync(join(dir, 'terminal.html'), '<p>terminal')
    writeFileSync(join(dir, 'assets', 'app-1a2b.js'), `//${'x'.repeat(2_000)}`)
    return dir
  }

  it('is served: the login page to all, the app behind the login, hashed files for ever', async () => {
    const { ask } = testApp(onTestFinished, { webDir: client() })
    expect(await (await ask('/', { token: null })).text()).toBe('<p>login')
    expect(await (await ask('/terminal')).text()).toBe('<p>terminal')
    expect((await ask('/terminal.html', { token: null })).status).toBe(404)
    const asset = await ask('/assets/app-1a2b.js', {
      token: null,
      headers: { 'accept-encoding': 'gzip' },
    })
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(asset.headers.get('content-encoding')).toBe('gzip')
  })

  it.each([
    '/assets/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/..%2f..%2fetc/passwd',
  ])('leads nowhere else by %s', async (path) => {
    const { ask } = testApp(onTestFinished, { webDir: client() })
    expect((await ask(path)).status).toBe(404)
  })

  it('says so when it has not been built', async () => {
    const response = await testApp(onTestFinished).ask('/', { token: null })
    expect(await response.text()).toContain('has not been built')
  })
})
