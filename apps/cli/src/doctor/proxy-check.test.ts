import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import { type Answer, checkProxy, type Way } from './proxy-check.ts'
import { wayTo } from './proxy-way.ts'

const OK: Answer = { status: 200, text: '{"status":"ok"}' }
const OUTSIDE: Answer = {
  ...{ status: 404, text: '{"error":"not found: below /x/","code":"OUTSIDE_BASE_PATH"}' },
}

/** What is answered through a proxy in order, below `base`. */
function answers(base: string, over: Readonly<Record<string, Answer>> = {}): Way['get'] {
  const usual: Readonly<Record<string, Answer>> = {
    '/api/health': OK,
    '/': { status: 200, text: '<html>' },
    '/terminal': { status: 303, text: '', location: `${base}/` },
    '/healthz': { status: 403, text: '{"code":"NOT_LOOPBACK"}' },
  }
  return async (path) => ({ ...usual, ...over })[path] ?? OUTSIDE
}

const good: Way = {
  get: answers(''),
  upgrade: async () => ({ closeCode: 4401 }),
  linger: async () => ({ stream: { kind: 'stayed' }, socket: { kind: 'stayed' } }),
}

/** What is not well, in short. */
async function complaints(over: Partial<Way>, site = 'https://c.example'): Promise<string[]> {
  const found = await checkProxy({ ...good, ...over }, site)
  for (const { level, why, fix } of found)
    expect([why, fix].filter(Boolean)).toHaveLength(level === 'pass' ? 0 : 2)
  return found
    .filter(({ level }) => level !== 'pass')
    .map(({ level, check, text, fix }) => `${level} ${check}: ${text}; ${fix}`)
}

describe('a proxy', () => {
  it('that passes everything on is well, below a path too', async () => {
    expect(await checkProxy(good, 'https://c.example')).toHaveLength(5)
    expect(await complaints({})).toEqual([])
    const below = { get: answers('/tools/c') }
    expect(await complaints(below, 'https://c.example/tools/c')).toEqual([])
  })

  it.each<[string, Partial<Way>, RegExp]>([
    ['has no server', { get: () => Promise.reject(new Error('refused')) }, /no answer .* refused/],
    ['has another server', { get: async () => ({ status: 502, text: '' }) }, /answers 502/],
    [
      'has a name that the server does not know',
      { get: async () => ({ status: 403, text: '{"code":"WRONG_HOST"}' }) },
      /AI_CONDUCTOR_ALLOWED_ORIGINS=https:\/\/c.example,/,
    ],
    [
      'leads to a server that is below a path',
      { get: answers('', { '/': OUTSIDE }) },
      /the server is elsewhere: .*\/x\/.*without AI_CONDUCTOR_BASE_PATH/,
    ],
    [
      'drops X-Forwarded-For',
      { get: answers('', { '/healthz': { status: 200, text: '{"pid":1}' } }) },
      /^fail proxy: X-Forwarded-For: not set/,
    ],
    ['strips Upgrade', { upgrade: async () => ({ status: 426 }) }, /answered 426.*\$http_upgrade/],
    ['breaks WebSockets off', { upgrade: async () => ({ closeCode: 1006 }) }, /closed with 1006/],
    ['fails at WebSockets', { upgrade: async () => ({ error: 'hang up' }) }, /\(hang up\)/],
    [
      'changes the Host of WebSockets',
      { upgrade: async () => ({ status: 403 }) },
      /Host \$http_host/,
    ],
    ['cannot be tried without a login', { linger: async () => undefined }, /^warn .*not tried/],
    [
      'buffers events',
      { linger: async () => ({ stream: { kind: 'held back' }, socket: { kind: 'stayed' } }) },
      /event stream: held back.*proxy_buffering off/,
    ],
    [
      'closes an idle stream',
      {
        linger: async () => ({
          ...{ stream: { kind: 'closed', afterMs: 5_010 }, socket: { kind: 'stayed' } },
        }),
      },
      /event stream: closed after 5.0 s.*proxy_read_timeout/,
    ],
    [
      'closes an idle WebSocket',
      {
        linger: async () => ({
          ...{ stream: { kind: 'stayed' }, socket: { kind: 'closed', afterMs: 2_000 } },
        }),
      },
      /idle WebSocket: closed after 2.0 s/,
    ],
  ])('that %s is told, and nothing else', async (_, over, expected) => {
    expect(await complaints(over)).toEqual([expect.stringMatching(expected)])
  })

  it.each<[string, Way['get'], RegExp]>([
    [
      'the server knows no path',
      async () => ({ status: 404, text: '{"error":"not found"}' }),
      /not below \/tools.*AI_CONDUCTOR_BASE_PATH=\/tools,/,
    ],
    [
      'the server is below another',
      async () => OUTSIDE,
      /not below \/tools: .*\/x\/.*AI_CONDUCTOR_BASE_PATH=\/tools,/,
    ],
    [
      'the proxy takes it away',
      answers('/tools', { '/': OUTSIDE }),
      /takes \/tools away.*no slash/,
    ],
    ['both do', answers(''), /sends browsers to \/, not to \/tools\/.*BASE_PATH=\/tools,/],
  ])('below a path, when %s, says so', async (_, get, expected) => {
    expect(await complaints({ get }, 'https://c.example/tools')).toEqual([
      expect.stringMatching(expected),
    ])
  })

  it('is not asked for X-Forwarded-For where there is none', async () => {
    const get = answers('', { '/healthz': { status: 200, text: '{"pid":1}' } })
    const found = await checkProxy({ ...good, get }, 'http://127.0.0.1:1', { isProxy: false })
    expect(found.map(({ level }) => level)).toEqual(['pass', 'pass', 'pass', 'pass'])
  })
})

describe('the way to a real server', () => {
  /** One that lets in, and does with event streams what the test says. */
  async function site(events: RequestListener, onSocket: (end: () => void) => void) {
    const asked: string[] = []
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      if (request.url === '/c/api/login') response.end('{"token":"t"}')
      else if (request.url === '/c/api/events') events(request, response)
      else response.writeHead(303, { location: '/c/' }).end('text')
    })
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (ws) => onSocket(() => ws.close()))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      sockets.close()
      server.closeAllConnections()
      server.close()
    })
    // Of a server that listens on TCP.
    const { port } = server.address() as AddressInfo
    return { asked, url: `http://127.0.0.1:${port}/c` }
  }

  it('tells what stays from what is held back and what is closed', async () => {
    const flowing = await site(
      (_, response) => response.write(': here\n\n'),
      () => {},
    )
    const kept = await wayTo(flowing.url, 'secret', 300).linger()
    expect(kept).toEqual({ stream: { kind: 'stayed' }, socket: { kind: 'stayed' } })
    expect(flowing.asked).toContain('POST /c/api/logout')

    const impatient = await site(
      (_, response) => response.end(': here\n\n'),
      (end) => end(),
    )
    expect(await wayTo(impatient.url, 'secret', 5_000).linger()).toMatchObject({
      stream: { kind: 'closed', afterMs: expect.any(Number) },
      socket: { kind: 'closed', afterMs: expect.any(Number) },
    })

    const buffering = await site(
      () => {},
      () => {},
    )
    expect((await wayTo(buffering.url, 'secret', 300).linger())?.stream).toEqual({
      kind: 'held back',
    })
  })

  it('gives the password to this machine, or over https, and to nobody else', async () => {
    const { asked, url } = await site(
      () => {},
      () => {},
    )
    expect(await wayTo(url, undefined).linger()).toBeUndefined()
    // The same server, by a name that may be anybody's.
    expect(await wayTo(url.replace('127.0.0.1', '0.0.0.0'), 'secret').linger()).toBeUndefined()
    expect(asked).toEqual([])
    expect(await wayTo(url, undefined).get('/terminal')).toEqual({
      ...{ status: 303, text: 'text', location: '/c/' },
    })
  })
})
