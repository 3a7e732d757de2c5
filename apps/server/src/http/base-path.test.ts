import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { readConfig } from '../config.ts'
import { type TestApp, testApp } from '../testing/test-app.ts'
import { PASSWORD, testServer } from '../testing/test-server.ts'
import { openSocket } from '../testing/test-socket.ts'
import { parseBasePath } from './base-path.ts'

const BASE = '/tools/conductor'

/** An app below `BASE`, with a client that was built. */
function below(): TestApp {
  const webDir = temporaryFolder(onTestFinished)
  mkdirSync(join(webDir, 'assets'))
  writeFileSync(join(webDir, 'index.html'), '<p>login')
  writeFileSync(join(webDir, 'terminal.html'), '<p>terminal')
  writeFileSync(join(webDir, 'assets', 'app-1.js'), 'go()')
  return testApp(onTestFinished, {
    ...{ webDir, basePath: BASE, allowedOrigins: ['https://c.example'] },
  })
}

it.each([
  ['', ''],
  ['/', ''],
  ['/conductor', '/conductor'],
  ['/conductor/', '/conductor'],
  ['/a/b.c/~d-e_f', '/a/b.c/~d-e_f'],
  ['/api/conductor', '/api/conductor'],
  ['conductor', undefined],
  ['//conductor', undefined],
  ['/a//b', undefined],
  ['/a//', undefined],
  ['/a/../b', undefined],
  ['/..', undefined],
  ['/a b', undefined],
  ['/%61', undefined],
  ['/a?b', undefined],
  ['https://c.example/a', undefined],
  // Below these, what is answered anywhere could not be told from what is not.
  ['/api', undefined],
  ['/api/health', undefined],
  ['/metrics', undefined],
])('%j is the base path %j', (text, base) => {
  expect(parseBasePath(text)).toBe(base)
})

it('a setting that is none says what to write', () => {
  const read = (path: string) => () =>
    readConfig({
      env: { PATH: '/bin:/usr/bin', SHELL: '/bin/sh', AI_CONDUCTOR_BASE_PATH: path },
      ...{ cwd: '/', readFile: () => '{}' },
    }).basePath
  expect(read('conductor')).toThrow(
    'AI_CONDUCTOR_BASE_PATH: "conductor" is not usable; write a path as in /conductor',
  )
  expect(read('/api')).toThrow('and none that the server has itself')
  expect(read('/tools/conductor/')()).toBe('/tools/conductor')
})

describe('below a base path', () => {
  it('are pages, files, the API and its description', async () => {
    const { ask } = below()
    expect(await (await ask(`${BASE}/`)).text()).toBe('<p>login')
    expect(await (await ask(`${BASE}/terminal`)).text()).toBe('<p>terminal')
    const file = await ask(`${BASE}/assets/app-1.js`)
    expect([await file.text(), file.headers.get('cache-control')]).toEqual([
      ...['go()', expect.stringContaining('immutable')],
    ])
    expect((await ask(`${BASE}/api/sessions`)).status).toBe(200)
    expect((await ask(`${BASE}/api/sessions`, { token: null })).status).toBe(401)
    expect((await ask(`${BASE}/api/sessions`)).headers.get('cache-control')).toBe('no-store')
    const { servers } = (await (await ask(`${BASE}/openapi.json`)).json()) as { servers: unknown }
    expect(servers).toEqual([{ url: BASE }])
  })

  it('is where the base leads to, and where those go who have not logged in', async () => {
    const { ask } = below()
    const leads = async (path: string) => {
      const { status, headers } = await ask(path, { token: null })
      return [status, headers.get('location')]
    }
    expect(await leads(BASE)).toEqual([302, `${BASE}/`])
    expect(await leads(`${BASE}?a=b`)).toEqual([302, `${BASE}/?a=b`])
    expect(await leads(`${BASE}/terminal`)).toEqual([303, `${BASE}/`])
  })

  it.each(['/', '/terminal', '/api/sessions', '/ws/abc', '/openapi.json', `${BASE}x/`, '/tools'])(
    'is not %s, which is answered with the base, to those who may ask at all',
    async (path) => {
      const { ask } = below()
      const answer = await ask(path)
      expect(answer.status).toBe(404)
      expect(await answer.json()).toEqual({
        error: `not found: this server is below ${BASE}/`,
        code: 'OUTSIDE_BASE_PATH',
      })
      const foreign = await ask(path, { headers: { host: 'evil.example' } })
      expect([foreign.status, await foreign.text()]).toEqual([
        403,
        expect.stringContaining('WRONG_HOST'),
      ])
    },
  )

  it.each(['/api/health', '/livez', '/readyz', '/startupz', '/healthz', '/metrics'])(
    '%s is answered, and without the base too, with the same rules',
    async (path) => {
      const { ask } = below()
      for (const each of [path, BASE + path]) {
        expect((await ask(each, { token: null })).status).toBe(200)
        expect((await ask(each, { headers: { host: 'evil.example' } })).status).toBe(403)
      }
      const stranger = { token: null, headers: { 'x-forwarded-for': '127.0.0.1' } }
      const statuses = await Promise.all(
        [path, BASE + path].map(async (each) => (await ask(each, stranger)).status),
      )
      const expected = { '/healthz': 403, '/metrics': 401 }[path] ?? 200
      expect(statuses).toEqual([expected, expected])
    },
  )

  it('a foreign page may change nothing', async () => {
    const { ask } = below()
    const headers = { origin: 'https://evil.example' }
    const answer = await ask(`${BASE}/api/sessions`, { method: 'POST', headers })
    expect([answer.status, await answer.text()]).toEqual([
      403,
      expect.stringContaining('WRONG_ORIGIN'),
    ])
  })

  it('cookies are for it alone, and log in', async () => {
    const { ask } = below()
    for (const [origin, prefix] of [
      ['https://c.example', '__Secure-'],
      ['http://127.0.0.1:8080', ''],
    ] as const) {
      const headers = { host: new URL(origin).host, origin }
      const login = { method: 'POST', body: { password: PASSWORD }, token: null, headers }
      const set = (await ask(`${BASE}/api/login`, login)).headers.getSetCookie()
      expect(set).toHaveLength(2)
      for (const each of set) {
        expect(each).toMatch(new RegExp(`^${prefix}ai_conductor_\\w+=[^;]`))
        expect(each).toContain(`; Path=${BASE};`)
        expect(each.includes('; Secure')).toBe(prefix !== '')
      }
      const cookie = set.map((each) => each.split(';')[0]).join('; ')
      const withCookie = { token: null, headers: { ...headers, cookie } }
      expect((await ask(`${BASE}/api/sessions`, withCookie)).status).toBe(200)
      const logout = await ask(`${BASE}/api/logout`, { method: 'POST', ...withCookie })
      expect(logout.headers.getSetCookie()).toEqual([
        expect.stringMatching(`^ai_conductor_session=; Max-Age=0; Path=${BASE};`),
        expect.stringMatching(`^__Secure-ai_conductor_session=; Max-Age=0; Path=${BASE};`),
      ])
    }
  })
})

describe('a server below a base path', () => {
  it('says so where it listens and in its run-file, and speaks WebSockets there alone', async () => {
    const server = await testServer(onTestFinished, { config: { basePath: BASE } })
    expect(server.url).toBe(`http://${server.host}${BASE}`)
    const id = await server.session()
    const socket = await openSocket(server, `${BASE}/ws/${id}`, { protocols: [] })
    server.runtime.last().prints('hello')
    expect((await socket.text('output'))['data']).toBe('hello')

    const elsewhere = new WebSocket(`ws://${server.host}/ws/${id}`)
    const status = await new Promise((resolve) => {
      elsewhere.on('unexpected-response', (_, { statusCode }) => resolve(statusCode))
      elsewhere.on('open', () => resolve('open'))
    })
    elsewhere.on('error', () => {})
    elsewhere.terminate()
    expect(status).toBe(404)
  })
})
