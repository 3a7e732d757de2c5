import { request } from 'node:http'
import { SUBPROTOCOL } from '@conductor/protocol'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type TestServer, testServer } from '../testing/test-server.ts'
import { attach, openSocket, watch } from '../testing/test-socket.ts'

/** Tries to upgrade with exactly these headers; resolves with the refusal, or 101. */
function upgrade(
  server: TestServer,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number | undefined; body: string; protocol: string | undefined }> {
  return new Promise((resolve, reject) => {
    const asking = request(server.url + path, {
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
        ...headers,
      },
    })
    asking.on('upgrade', (response, socket) => {
      socket.destroy()
      const protocol = response.headers['sec-websocket-protocol']
      resolve({ status: 101, body: '', protocol })
    })
    asking.on('response', (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode, body, protocol: undefined }))
    })
    asking.on('error', reject)
    asking.end()
  })
}

describe('an upgrade', () => {
  it('from a foreign page, a foreign host or the wrong port is refused before it, with 403 and JSON', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const token = await server.token()
    const cookie = `ai_conductor_session=${token}`
    for (const headers of [
      { Cookie: cookie, Origin: 'http://evil.example' },
      { Cookie: cookie, Origin: `http://127.0.0.1:${server.port + 1}` },
      { Cookie: cookie, Origin: `https://${server.host}` },
      { Cookie: cookie, Origin: 'null' },
      { Cookie: cookie },
      { 'X-Session-Token': token, Origin: 'http://evil.example' },
      { 'X-Session-Token': token, Host: `evil.example:${server.port}` },
      { 'X-Session-Token': token, Host: `127.0.0.1:${server.port + 1}` },
    ]) {
      const { status, body } = await upgrade(server, `/ws/${id}`, headers)
      expect([status, JSON.parse(body)], JSON.stringify(headers)).toEqual([
        403,
        { error: expect.any(String), code: expect.stringMatching(/^(WRONG|NO)_/) },
      ])
    }
    expect(server.runtime.last().log.end).toBe(0)
  })

  it('of our own page works by its cookie', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const Cookie = `ai_conductor_session=${await server.token()}`
    for (const host of [server.host, `localhost:${server.port}`]) {
      const headers = { Cookie, Host: host, Origin: `http://${host}` }
      expect((await upgrade(server, `/ws/${id}`, headers)).status).toBe(101)
    }
  })

  it('works by a token among the subprotocols, which is never repeated', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const protocols = `conductor.token.${await server.token()}, ${SUBPROTOCOL}`
    const answer = await upgrade(server, `/ws/${id}`, { 'Sec-WebSocket-Protocol': protocols })
    expect(answer).toMatchObject({ status: 101, protocol: SUBPROTOCOL })
  })

  it.each(['', '0'.repeat(64), 'x'])(
    'without a login is closed with 4401, which a browser can read (%j)',
    async (token) => {
      const server = await testServer(onTestFinished)
      const id = await server.session()
      const socket = await openSocket(server, `/ws/${id}`, { token })
      expect(await socket.whenClosed()).toBe(4401)
    },
  )

  it('never takes a token from the address', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const path = `/ws/${id}?token=${await server.token()}`
    expect(await (await openSocket(server, path, { token: '' })).whenClosed()).toBe(4401)
  })

  it('elsewhere is refused, and the socket is not left hanging', async () => {
    const server = await testServer(onTestFinished)
    expect((await upgrade(server, '/api/health', {})).status).toBe(200)
    expect((await upgrade(server, '/nowhere', {})).status).toBe(404)
  })

  it('over the limit is closed with 4429, and the next one is fine when one has gone', async () => {
    const server = await testServer(onTestFinished, { mostConnections: 2 })
    const id = await server.session()
    const first = await attach(server, id)
    await attach(server, id)
    const third = await attach(server, id)
    expect(await third.whenClosed()).toBe(4429)
    first.ws.close()
    await first.whenClosed()
    await until(async () => {
      const next = await attach(server, id)
      await next.frame('welcome')
      return true
    })
  })
})

describe('an open socket', () => {
  it('closes with 4401 when its login ends, and others stay', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const mine = await attach(server, id)
    const login = await fetch(`${server.url}/api/login`, {
      method: 'POST',
      body: JSON.stringify({ password: server.config.password }),
    })
    const { token } = (await login.json()) as { token: string }
    const other = await openSocket(server, `/ws/${id}`, { token })
    const plain = await openSocket(server, `/ws/${id}`, { token, protocols: [] })
    await fetch(`${server.url}/api/logout`, {
      method: 'POST',
      headers: { 'X-Session-Token': token },
    })
    expect(await other.whenClosed()).toBe(4401)
    expect(await plain.whenClosed()).toBe(4401)
    expect(mine.closed).toBeUndefined()
  })

  it('closes with 4401 when its login expires', async () => {
    const server = await testServer(onTestFinished, { config: { sessionTimeoutMs: 1_000 } })
    const socket = await attach(server, await server.session())
    await socket.frame('attached')
    expect(await socket.whenClosed()).toBe(4401)
  })

  it('outlives every time-out of HTTP', async () => {
    const timeouts = { readMs: 200, writeMs: 200, idleMs: 200 }
    const server = await testServer(onTestFinished, { timeouts })
    const socket = await attach(server, await server.session())
    await socket.frame('attached')
    const slow = performance.now()
    await until(() => performance.now() - slow > 1_500)
    server.runtime.last().prints('still here')
    await until(() => socket.output.toString() === 'still here')
  })

  it('that breaks off in the middle of anything leaves nothing behind', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    for (let i = 0; i < 50; i++) {
      const ws = new WebSocket(`ws://${server.host}/ws/${id}`, [SUBPROTOCOL], {
        headers: { 'X-Session-Token': await server.token() },
      })
      const socket = watch(server, ws)
      if (i % 2) ws.once('open', () => ws.terminate())
      else setImmediate(() => ws.terminate())
      await socket.whenClosed()
    }
    await until(async () => {
      const metrics = await (await fetch(`${server.url}/metrics`)).text()
      return /conductor_connections 0\n/.test(metrics) && /conductor_viewers 0\n/.test(metrics)
    })
  })
})
