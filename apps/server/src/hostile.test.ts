import { connect } from 'node:net'
import { encodeClientFrame, SUBPROTOCOL } from '@conductor/protocol'
import { fakeClock, seeded, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type TestServer, testServer } from './testing/test-server.ts'
import { attach, openSocket } from './testing/test-socket.ts'
import { createConductorBridge } from './ws/conductor-bridge.ts'
import type { MessageSocket } from './ws/message-socket.ts'

const SEED = 20_261_121

/** Bytes that are often nearly a frame: a known code, then anything. */
function garbage(random: () => number): Buffer {
  const length = Math.floor(random() ** 3 * 200)
  const bytes = Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))
  if (length > 0 && random() < 0.8) bytes[0] = Math.floor(random() * 0x0b)
  return bytes
}

async function stillServes(server: TestServer): Promise<void> {
  const viewer = await attach(server, await server.session())
  await viewer.frame('attached')
  server.runtime.last().prints('fine')
  await until(() => viewer.output.toString() === 'fine')
}

describe('100,000 frames of garbage', () => {
  it(`over real sockets close each connection with 4400 and do nothing else (seed ${SEED})`, async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const random = seeded(SEED)
    const token = await server.token()
    const codes = new Map<number, number>()

    async function connection(frames: number): Promise<void> {
      const ws = new WebSocket(`ws://${server.host}/ws/${id}`, [SUBPROTOCOL], {
        headers: { 'X-Session-Token': token },
      })
      const closed = new Promise<number>((resolve) => ws.once('close', resolve))
      ws.on('error', () => {})
      await new Promise((resolve) => ws.once('open', resolve))
      if (random() < 0.5) ws.send(encodeClientFrame({ type: 'hello', version: 1, clientId: 'g' }))
      for (let i = 0; i < frames; i++) ws.send(garbage(random), { binary: random() < 0.95 })
      const code = await closed
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }

    for (let round = 0; round < 25; round++)
      await Promise.all(Array.from({ length: 8 }, () => connection(500)))
    // 1007: text that is not UTF-8, which WebSocket itself refuses. 4404: a fine `attach` to nowhere.
    expect(
      [...codes.keys()].every((code) => [1007, 4400, 4404].includes(code)),
      String([...codes]),
    ).toBe(true)
    expect(server.runtime.last().typed).toHaveLength(0)
    await stillServes(server)
  })

  it(`each as the first thing after hello, never throw and never allocate beyond themselves (seed ${SEED})`, () => {
    const random = seeded(SEED)
    const clock = fakeClock()
    const closes: number[] = []
    const socket: MessageSocket = {
      bufferedAmount: 0,
      send: () => {},
      ping: () => {},
      close: (code) => void closes.push(code),
      terminate: () => {},
      pause: () => {},
      resume: () => {},
    }
    for (let i = 0; i < 100_000; i++) {
      const bridge = createConductorBridge({
        socket,
        sessionId: undefined,
        find: () => ({ kind: 'missing' }),
        serverId: 's',
        silenceMs: 25_000,
        clock,
      })
      bridge.receive(
        Buffer.from(encodeClientFrame({ type: 'hello', version: 1, clientId: 'c' })),
        true,
      )
      bridge.receive(garbage(random), true)
      bridge.closed()
    }
    expect(new Set(closes)).toEqual(new Set([4400]))
    expect(closes.length).toBeGreaterThan(50_000)
    expect(clock.pending).toBe(0)
  })
})

describe('what breaks WebSocket itself', () => {
  it('a message of 1 MiB + 1 closes the socket; one of 1 MiB is read', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const large = await openSocket(server, `/ws/${id}`, { protocols: [] })
    large.ws.send(Buffer.alloc(1024 * 1024, 'a'))
    await until(() => server.runtime.last().typed.length === 1024 * 1024)
    large.ws.send(Buffer.alloc(1024 * 1024 + 1))
    expect(await large.whenClosed()).toBe(1009)
    expect(server.runtime.last().typed).toHaveLength(1024 * 1024)
    await stillServes(server)
  })

  it('a broken frame, a broken handshake and a broken request harm nobody', async () => {
    const server = await testServer(onTestFinished)
    const id = await server.session()
    const token = await server.token()
    const handshake = [
      `GET /ws/${id} HTTP/1.1`,
      `Host: ${server.host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      `X-Session-Token: ${token}`,
      '',
      '',
    ].join('\r\n')
    for (const text of [
      `${handshake}\xff\xff\xff\xff\xff`,
      handshake.replace('Key: AAAA', 'Key: !'),
      handshake.replace('Version: 13', 'Version: 99'),
      'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
      'GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n',
      '\x16\x03\x01 this is TLS',
      `GET /${'a'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
    ]) {
      const socket = connect(server.port, '127.0.0.1')
      const over = new Promise((resolve) => socket.once('close', resolve))
      socket.on('error', () => {})
      socket.on('data', () => {})
      socket.write(Buffer.from(text, 'latin1'))
      socket.end()
      await over
    }
    await stillServes(server)
  })

  it('a request that never comes to its end is cut off', async () => {
    const timeouts = { readMs: 300, writeMs: 5_000, idleMs: 5_000 }
    const server = await testServer(onTestFinished, { timeouts })
    const socket = connect(server.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (data) => {
      answer += data.toString()
    })
    const over = new Promise((resolve) => socket.once('close', resolve))
    socket.write('POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Le')
    await over
    expect(answer).toContain('408')
  })
})
