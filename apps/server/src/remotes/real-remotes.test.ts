import { readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { RemoteJson } from '@conductor/api-types'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PASSWORD, type TestServer, testServer } from '../testing/test-server.ts'
import { openSocket, type TestSocket } from '../testing/test-socket.ts'

interface Two {
  readonly here: TestServer
  readonly there: TestServer
  readonly id: string
}

async function ask<T = RemoteJson>(
  server: TestServer,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: T }> {
  const response = await server.request(path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: (text && JSON.parse(text)) as T }
}

/** Two servers, the second one reached through the first one. */
async function two(config = {}): Promise<Two> {
  const there = await testServer(onTestFinished, { config: { basePath: '/far', ...config } })
  const here = await testServer(onTestFinished)
  const added = await ask(here, 'POST', '/api/servers', { url: there.url, password: PASSWORD })
  expect(added).toMatchObject({ status: 201, body: { status: 'ok', url: `${there.url}/` } })
  return { here, there, id: added.body.id }
}

async function attached(server: TestServer, path: string): Promise<TestSocket> {
  const socket = await openSocket(server, path)
  socket.say({ type: 'hello', version: 1, clientId: `far-${Math.random()}` })
  socket.say({
    ...{ type: 'attach', channel: 1, session: '', epoch: '', have: 0 },
    ...{ cols: 100, rows: 30, mode: 'driver' },
  })
  await socket.frame('attached')
  return socket
}

const remoteOf = async (here: TestServer, id: string): Promise<RemoteJson | undefined> =>
  (await ask<RemoteJson[]>(here, 'GET', '/api/servers')).body.find((each) => each.id === id)

describe('another server', () => {
  it('is used as one’s own is, and its token stays in a file that is ours alone', async () => {
    const { here, there, id } = await two()
    const session = await there.session({ name: 'far away' })
    const program = there.runtime.last()
    const list = await ask<{ name: string }[]>(here, 'GET', `/remote/${id}/api/sessions`)
    expect(list.body).toEqual([expect.objectContaining({ name: 'far away' })])
    const made = await ask<{ id: string }>(here, 'POST', `/remote/${id}/api/sessions`, {
      name: 'x',
    })
    expect(made.status).toBe(201)
    expect((await ask(there, 'GET', `/api/sessions/${made.body.id}`)).status).toBe(200)

    const path = join(here.config.stateDir, 'servers.json')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const shown = await here.request('/api/servers')
    expect(await shown.text()).not.toMatch(/token|[0-9a-f]{64}/)

    const socket = await attached(here, `/remote/${id}/ws/${session}`)
    program.prints('hello from afar')
    await until(() => socket.output.toString() === 'hello from afar')
    socket.say({ type: 'input', channel: 1, seq: 1, bytes: Buffer.from('typed') })
    await until(() => program.typed.toString() === 'typed')
    const plain = await openSocket(here, `/remote/${id}/ws/${session}`, { protocols: [] })
    await until(() => plain.output.toString() === 'hello from afar')
  })
  it('is asked for nothing but what is passed on, however that is written', async () => {
    const { here, there, id } = await two()
    for (const path of [
      'shutdown',
      'servers',
      'login',
      'logout',
      'push/key',
      'shares/claim',
      'sessions/%2e%2e/servers',
      'sessions/%2E./shutdown',
      '%73ervers',
      'sessions%2f..%2fservers',
      'remote/x/api/sessions',
      '',
    ]) {
      const response = await here.request(`/remote/${id}/api/${path}`, { method: 'POST' })
      expect([path, response.status]).toEqual([path, 404])
    }
    expect((await here.request(`/remote/${id}/metrics`)).status).toBe(404)
    expect((await here.request('/remote/unknown/api/sessions')).status).toBe(404)
    expect(there.shutdownRequests).toBe(0)
  })

  it('tells of its events as they happen, and is forgotten with all that is open', async () => {
    const { here, there, id } = await two()
    const session = await there.session()
    const socket = await attached(here, `/remote/${id}/ws/${session}`)
    const events = await here.request(`/remote/${id}/api/events`)
    expect(events.headers.get('content-type')).toBe('text/event-stream')
    expect(events.headers.get('content-security-policy')).toContain('sandbox')
    const reader = events.body?.getReader()
    let text = ''
    const reading = (async () => {
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true }
        if (done) return
        text += Buffer.from(value ?? '').toString()
      }
    })().catch(() => {})
    await until(() => text.includes('event: sessions'))
    await ask(here, 'PUT', `/remote/${id}/api/sessions/${session}`, { name: 'just now' })
    await until(() => text.includes('just now'))
    await there.request('/api/sessions')
    expect((await ask(here, 'DELETE', `/api/servers/${id}`)).status).toBe(204)
    await reading
    expect(await socket.whenClosed()).toBe(4404)
    expect((await ask<RemoteJson[]>(here, 'GET', '/api/servers')).body).toEqual([])
    const audit = await ask<{ type: string; name?: string }[]>(here, 'GET', '/api/audit')
    expect(audit.body.map(({ type }) => type)).toEqual(['server.removed', 'server.added', 'login'])
    expect(JSON.stringify(audit.body)).not.toContain(PASSWORD)
  })

  it('that wants its password again says so, and is back after it, for open terminals too', async () => {
    const { here, there, id } = await two()
    const session = await there.session()
    const socket = await attached(here, `/remote/${id}/ws/${session}`)
    // Somebody ends every login of it.
    const { servers } = JSON.parse(readFile(here)) as { servers: { token: string }[] }
    await fetch(`${there.url}/api/logout`, {
      method: 'POST',
      headers: { 'X-Session-Token': servers[0]?.token ?? '' },
    })
    expect(await socket.whenClosed()).toBe(1001)
    await until(async () => (await remoteOf(here, id))?.status === 'login-needed')
    const list = await ask<{ code: string }>(here, 'GET', `/remote/${id}/api/sessions`)
    expect(list).toMatchObject({ status: 502, body: { code: 'REMOTE_LOGIN_NEEDED' } })
    expect((await here.request(`/remote/${id}/api/events`)).status).toBe(204)
    const again = await openSocket(here, `/remote/${id}/ws/${session}`)
    expect(await again.whenClosed()).toBe(1001)

    const login = `/api/servers/${id}/login`
    expect(await ask(here, 'POST', login, { password: 'wrong' })).toMatchObject({
      status: 403,
      body: { code: 'REMOTE_PASSWORD' },
    })
    expect(await ask(here, 'POST', login, { password: PASSWORD })).toMatchObject({
      status: 200,
      body: { status: 'ok' },
    })
    await attached(here, `/remote/${id}/ws/${session}`)
  })

  it('that answers 401 logs nobody out here', async () => {
    const { here, there, id } = await two()
    const { servers } = JSON.parse(readFile(here)) as { servers: { token: string }[] }
    const headers = { 'X-Session-Token': servers[0]?.token ?? '' }
    await fetch(`${there.url}/api/logout`, { method: 'POST', headers })
    const list = await ask<{ code: string }>(here, 'GET', `/remote/${id}/api/sessions`)
    expect(list).toMatchObject({ status: 502, body: { code: 'REMOTE_LOGIN_NEEDED' } })
    expect((await remoteOf(here, id))?.status).toBe('login-needed')
  })

  it('that is hostile gets neither a page nor a cookie onto our origin, and none of ours', async () => {
    const here = await testServer(onTestFinished)
    const heard: IncomingHttpHeaders[] = []
    const evil = createServer((request, response) => {
      heard.push(request.headers)
      const isLogin = request.url === '/api/login'
      response.writeHead(200, {
        'Content-Type': isLogin ? 'application/json' : 'text/html',
        'Content-Security-Policy': "script-src 'unsafe-inline'",
        'Set-Cookie': 'ai_conductor_session=x; Path=/',
        'Clear-Site-Data': '"*"',
        'Service-Worker-Allowed': '/',
      })
      response.end(isLogin ? `{"token":"${'e'.repeat(64)}"}` : '<script>alert(1)</script>')
    })
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void evil.close())
    const url = `http://127.0.0.1:${(evil.address() as AddressInfo).port}`
    const { body } = await ask(here, 'POST', '/api/servers', { url, password: 'anything' })
    const response = await here.request(`/remote/${body.id}/api/sessions`, {
      headers: { Cookie: 'ours=secret', Authorization: 'secret', Origin: here.url },
    })
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    expect(response.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    for (const name of ['set-cookie', 'clear-site-data', 'service-worker-allowed'])
      expect(response.headers.get(name)).toBeNull()
    expect(JSON.stringify(heard)).not.toContain('secret')
    expect(JSON.stringify(heard)).not.toContain(await here.token())
    expect(heard.at(-1)).toMatchObject({ 'x-session-token': 'e'.repeat(64) })
  })

  it('that is away is said to be, slows nobody, and is there again by itself', async () => {
    const { here, there, id } = await two()
    const session = await there.session()
    const socket = await attached(here, `/remote/${id}/ws/${session}`)
    const { port } = there
    await there.close()
    expect(await socket.whenClosed()).toBe(1001)
    const again = await openSocket(here, `/remote/${id}/ws/${session}`)
    expect(await again.whenClosed()).toBe(1001)
    expect(await remoteOf(here, id)).toMatchObject({
      status: 'unreachable',
      error: 'nothing listens there',
    })
    const list = await ask<{ code: string; error: string }>(
      here,
      'GET',
      `/remote/${id}/api/sessions`,
    )
    expect(list).toMatchObject({ status: 502, body: { code: 'REMOTE_UNREACHABLE' } })
    expect(list.body.error).toMatch(/cannot be reached: nothing listens there$/)

    const back = await testServer(onTestFinished, {
      ...{ stateDir: there.config.stateDir, runtime: there.runtime },
      config: { basePath: '/far', port },
    })
    expect((await ask(here, 'GET', `/remote/${id}/api/sessions`)).status).toBe(200)
    const fresh = await back.session()
    await attached(here, `/remote/${id}/ws/${fresh}`)
    expect((await remoteOf(here, id))?.status).toBe('ok')
  })

  it('that is none is not added, and said to be what it is', async () => {
    const here = await testServer(onTestFinished)
    const other = createServer((request, response) => {
      if (request.url?.startsWith('/away')) response.writeHead(302, { Location: 'http://evil/' })
      else response.writeHead(200, { 'Content-Type': 'text/html' })
      response.end('<h1>Welcome to nginx!</h1>')
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    for (const [url, password, status, pattern] of [
      [
        `http://127.0.0.1:${port}`,
        PASSWORD,
        502,
        /no Conductor, or another version: it answers 200/,
      ],
      [`http://127.0.0.1:${port}/away`, PASSWORD, 502, /leads to another one/],
      [`https://127.0.0.1:${port}`, PASSWORD, 502, /does not speak TLS: try http/],
      ['http://127.0.0.1:1', PASSWORD, 502, /nothing listens there/],
      [here.url, 'wrong password', 403, /does not take this password/],
      ['ftp://host', undefined, 400, /http:\/\/ or https:\/\//],
      ['http://user:pw@host', undefined, 400, /without a name or a password/],
      ['http://a b', undefined, 400, /write an address/],
    ] as const) {
      const answer = await ask<{ error: string }>(here, 'POST', '/api/servers', { url, password })
      expect([url, answer.status]).toEqual([url, status])
      expect(answer.body.error).toMatch(pattern)
    }
    expect((await ask<RemoteJson[]>(here, 'GET', '/api/servers')).body).toEqual([])
  })

  it('takes whole uploads as they come, and nobody who is not logged in here, nor any guest', async () => {
    const { here, there, id } = await two({ uploadBytes: 8 * 1024 * 1024 })
    const session = await there.session()
    const saved = await here.request(`/remote/${id}/api/sessions/${session}/files?name=large.bin`, {
      method: 'POST',
      body: Buffer.alloc(5 * 1024 * 1024, 7),
    })
    expect(await saved.json()).toMatchObject({ sizeBytes: 5 * 1024 * 1024 })

    const own = await here.session()
    const made = await ask<{ url: string }>(here, 'POST', `/api/sessions/${own}/shares`, {
      mode: 'driver',
    })
    const claimed = await fetch(`${here.url}/api/shares/claim`, {
      method: 'POST',
      body: JSON.stringify({ secret: new URL(made.body.url).hash.slice(1) }),
    })
    const { token: guest } = (await claimed.json()) as { token: string }
    for (const [token, status] of [
      [guest, 403],
      ['', 401],
    ] as const) {
      for (const path of [
        '/api/servers',
        `/remote/${id}/api/sessions`,
        `/remote/${id}/ws/${session}`,
      ]) {
        const response = await fetch(here.url + path, { headers: { 'X-Session-Token': token } })
        expect([path, response.status]).toEqual([path, status])
      }
    }
    const stranger = await openSocket(here, `/remote/${id}/ws/${session}`, { token: 'x' })
    expect(await stranger.whenClosed()).toBe(4401)
    const foreign = { method: 'DELETE', headers: { Origin: 'https://evil.example' } }
    expect((await here.request(`/remote/${id}/api/sessions/${session}`, foreign)).status).toBe(403)
  })
})

function readFile({ config }: TestServer): string {
  return readFileSync(join(config.stateDir, 'servers.json'), 'utf8')
}
