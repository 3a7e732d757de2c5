import { decodeClientFrame, encodeServerFrame, type ServerFrame } from '@conductor/protocol'
import { type FakeSocket, fakeClock, fakeWebSockets } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { attachSession, createSessionClient, type SessionClientOptions } from './session-client.ts'

type SentFrame = Exclude<ServerFrame, { type: 'unknown' }>

/** The socket is dialled after its address was asked for, which takes a few turns of the microtasks. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
}

async function setup(options: Partial<SessionClientOptions> = {}) {
  const clock = fakeClock()
  const { WebSocket, sockets, last } = fakeWebSockets()
  const outputs: string[] = []
  const url = 'ws://here/ws/s1'
  const session = attachSession({
    url,
    WebSocket,
    clock,
    onOutput: ({ bytes }) => outputs.push(Buffer.from(bytes).toString()),
    ...options,
  })
  await settled()
  const pass = async (ms: number) => {
    clock.advance(ms)
    await settled()
  }
  return { clock, sockets, last, outputs, session, pass }
}

function say(socket: FakeSocket, ...frames: SentFrame[]): void {
  // As a browser hands it over: an ArrayBuffer of just this message.
  for (const frame of frames) socket.says(encodeServerFrame(frame).slice().buffer)
}

function greet(socket: FakeSocket, epoch = 'e1', silenceMs = 30_000): void {
  socket.opens('conductor.v1')
  const size = { cols: 80, rows: 24, mode: 'driver', name: '' } as const
  say(
    socket,
    { type: 'welcome', version: 1, serverId: 's', silenceMs, windowBytes: 1_000_000 },
    { type: 'attached', channel: 1, epoch, from: 0, end: 0, inputSeq: 0, ...size },
  )
}

const sentTypes = ({ sent }: FakeSocket) =>
  sent.map((data) => decodeClientFrame(data as Uint8Array).type)

describe('attachSession over a WebSocket', () => {
  it('offers the protocol, and a token beside it but never in the address', async () => {
    let asked = 0
    const { last, pass } = await setup({ token: async () => `token${++asked}` })
    expect(last().url).toBe('ws://here/ws/s1')
    expect(last().args[0]).toEqual(['conductor.v1', 'conductor.token.token1'])
    last().drops()
    await pass(1_000)
    expect(last().args[0]).toEqual(['conductor.v1', 'conductor.token.token2'])
  })

  it('speaks first, in binary, and hears ArrayBuffers', async () => {
    const { last, outputs, session } = await setup()
    expect(last().binaryType).toBe('arraybuffer')
    greet(last())
    say(last(), { type: 'output', channel: 1, offset: 0, bytes: Uint8Array.of(104, 105) })
    expect(sentTypes(last())).toEqual(['hello', 'attach'])
    expect([outputs, session.status.name]).toEqual([['hi'], 'live'])
  })

  it('comes back after a drop, counting attempts, and the count begins anew once attached', async () => {
    const { sockets, last, pass, session, clock } = await setup()
    greet(last())
    for (let round = 0; round < 2; round++) {
      last().drops()
      const retry = { name: 'reconnecting', attempts: 20 }
      expect(session.status).toEqual({ ...retry, attempt: 1, retryAtMs: clock.date() + 1_000 })
      await pass(1_000)
      expect(session.status).toEqual({ ...retry, attempt: 1, retryAtMs: undefined })
      last().drops()
      expect(session.status).toMatchObject({ ...retry, attempt: 2 })
      await pass(2_000)
      greet(last())
      expect(session.status).toEqual({ name: 'live' })
    }
    expect(sockets).toHaveLength(5)
  })

  it('stops after the last attempt, holds no timer then, and tries again when asked', async () => {
    const { clock, last, pass, session, sockets } = await setup()
    for (let retry = 0; retry < 20; retry++) {
      last().drops()
      await pass(Math.min(30_000, 1_000 * 2 ** retry))
    }
    last().drops()
    expect(session.status).toEqual({ name: 'stopped' })
    expect([sockets.length, clock.pending]).toEqual([21, 0])
    session.reconnect()
    await settled()
    greet(last())
    expect(session.status).toEqual({ name: 'live' })
  })

  it('does not wait any longer when asked', async () => {
    const { last, session, sockets } = await setup()
    last().drops()
    session.reconnect()
    await settled()
    expect(sockets).toHaveLength(2)
    session.reconnect()
    await settled()
    expect(sockets).toHaveLength(2)
  })

  it('takes 4401 for final, and 1000 without an exit for a drop', async () => {
    const { last, pass, session, sockets } = await setup()
    greet(last())
    last().drops(1000)
    await pass(1_000)
    expect(sockets).toHaveLength(2)
    greet(last())
    last().drops(4401, 'logged out')
    expect(session.status).toMatchObject({ name: 'refused', code: 4401, reason: 'logged out' })
    await pass(3_600_000)
    expect(sockets).toHaveLength(2)
    session.reconnect()
    await settled()
    greet(last())
    expect(session.status.name).toBe('live')
  })

  it('closes with 4400 after a bad frame, hears that socket no more, and dials again', async () => {
    const { last, outputs, pass, session, sockets } = await setup()
    greet(last())
    const broken = last()
    broken.says('text')
    expect(broken.closedWith).toMatchObject({ code: 4400 })
    say(broken, { type: 'output', channel: 1, offset: 0, bytes: Uint8Array.of(104) })
    await pass(1_000)
    broken.drops(4400)
    expect(sockets).toHaveLength(2)
    greet(last())
    expect([outputs, session.status.name]).toEqual([[], 'live'])
  })

  it('pings as often as the welcome says, and dials again when nothing answers', async () => {
    const { last, pass, session, sockets } = await setup()
    greet(last(), 'e1', 3_000)
    await pass(1_000)
    expect(sentTypes(last())).toEqual(['hello', 'attach', 'ping'])
    say(last(), { type: 'pong', time: 0 })
    await pass(2_999)
    expect(sockets).toHaveLength(1)
    await pass(1)
    expect(sockets).toHaveLength(2)
    expect(sockets[0]?.closedWith).toBeDefined()
    greet(last())
    expect(session.status.name).toBe('live')
  })

  it('gives up a server that accepts and says nothing', async () => {
    const { last, pass, sockets } = await setup()
    last().opens()
    await pass(10_000)
    expect(sockets).toHaveLength(2)
  })

  it('hangs up after the exit, and holds nothing', async () => {
    const { clock, last, session } = await setup()
    greet(last())
    say(last(), { type: 'exit', channel: 1, offset: 0, code: 0, signal: '' })
    expect(last().closedWith).toMatchObject({ code: 1000 })
    last().drops(1000)
    expect([session.status.name, clock.pending]).toEqual(['ended', 0])
  })

  it('ends with close(): detached, hung up, no timer', async () => {
    const { clock, last, session } = await setup()
    greet(last())
    await session.close()
    expect(sentTypes(last()).at(-1)).toBe('detach')
    expect([last().alive, clock.pending, session.status.name]).toEqual([false, 0, 'closed'])
  })

  it('names itself at random, or as it is told', () => {
    const { WebSocket } = fakeWebSockets()
    const url = 'ws://here/'
    const name = () => createSessionClient({ url, WebSocket }).clientId
    expect(name()).toMatch(/^[0-9a-f]{32}$/)
    expect(name()).not.toBe(name())
    expect(createSessionClient({ url, WebSocket, random: () => 0.5 }).clientId).toBe(
      '80'.repeat(16),
    )
    expect(createSessionClient({ url, WebSocket, clientId: 'kept' }).clientId).toBe('kept')
  })

  it.each([
    [{ clientId: '' }, 'clientId.length is 0'],
    [{ staleInputMs: -1 }, 'staleInputMs is -1'],
    [{ maxPendingBytes: 0.5 }, 'maxPendingBytes is 0.5'],
  ])('refuses %o', (bad, text) => {
    const { WebSocket } = fakeWebSockets()
    const options = { url: 'ws://here/', WebSocket, ...bad }
    expect(() => createSessionClient(options)).toThrow(`[session-client/BAD_OPTION] ${text}`)
  })
})
