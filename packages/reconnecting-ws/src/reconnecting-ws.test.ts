import { fakeWebSockets } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { createReconnectingWs } from './reconnecting-ws.ts'
import { settle, setup } from './testing/setup.ts'

const DROPPED = 1006

describe('createReconnectingWs', () => {
  it('connects at once, and is open when the socket is', async () => {
    const { ws, sockets, opens, heard } = await setup()
    expect(sockets).toHaveLength(1)
    expect(ws.readyState).toBe(ws.CONNECTING)
    await opens()
    expect(ws.readyState).toBe(ws.OPEN)
    expect(ws.url).toBe('ws://host/')
    expect(heard).toEqual(['open'])
  })

  it('waits for reconnect() when told not to connect by itself', async () => {
    const { ws, sockets, state } = await setup({ autoConnect: false })
    state('idle')
    expect(sockets).toHaveLength(0)
    ws.reconnect()
    state('connecting')
  })

  it('comes back after a drop, and says open again', async () => {
    const { sockets, last, opens, pass, heard, path, state } = await setup()
    await opens()
    last().drops()
    expect(state('waiting')).toMatchObject({ attempt: 1, attempts: 20, code: DROPPED })
    await pass(999)
    expect(sockets).toHaveLength(1)
    await pass(1)
    expect(sockets).toHaveLength(2)
    await opens()
    expect(heard).toEqual(['open', 'open'])
    expect(path).toEqual(['open', 'waiting', 'connecting', 'open'])
  })

  it('waits 1, 2, 4, 8, 16, 30 and again 30 seconds, twenty times, and then stops', async () => {
    const { clock, last, pass, state, heard, waits } = await setup()
    last().drops()
    while (state('waiting').attempt < 20) {
      await pass(waits.at(-1) ?? 0)
      last().drops()
    }
    await pass(30_000)
    last().drops()
    await settle()
    expect(waits.map((ms) => ms / 1_000)).toEqual([1, 2, 4, 8, 16, ...Array(15).fill(30)])
    expect(state('stopped')).toMatchObject({ reason: 'exhausted', code: DROPPED })
    expect(heard).toEqual(['error', 'close 1006 (not clean)'])
    expect(clock.pending).toBe(0)
  })

  it('tells when the next try is, in the time that people use', async () => {
    const { ws, clock, last } = await setup()
    expect(ws.nextRetryAt).toBeUndefined()
    last().drops()
    expect(ws.nextRetryAt).toBe(clock.date() + 1_000)
  })

  it('tries again at once and from scratch when asked to, also after it has stopped', async () => {
    const { ws, last, pass, state, sockets, opens } = await setup({ schedule: () => undefined })
    last().drops()
    expect(state('stopped').reason).toBe('exhausted')
    expect(ws.readyState).toBe(ws.CLOSED)
    await pass(60_000)
    expect(sockets).toHaveLength(1)
    ws.reconnect()
    expect(state('connecting').attempt).toBe(0)
    await settle()
    await opens()
    expect(ws.readyState).toBe(ws.OPEN)
  })

  it('replaces an open connection when asked to reconnect', async () => {
    const { ws, sockets, opens, state } = await setup()
    await opens()
    ws.reconnect()
    await settle()
    state('connecting')
    expect(sockets.map((socket) => socket.alive)).toEqual([false, true])
  })

  it('gives up a try that takes longer than connectWithinMs', async () => {
    const { sockets, pass, state } = await setup({ connectWithinMs: 3_000 })
    await pass(2_999)
    state('connecting')
    await pass(1)
    expect(state('waiting')).toMatchObject({ attempt: 1, code: DROPPED, text: 'no answer' })
    expect(sockets[0]?.alive).toBe(false)
  })

  it('does not hear a socket that it has given up', async () => {
    const { sockets, last, pass, heard, state } = await setup()
    await pass(5_000)
    await pass(1_000)
    sockets[0]?.opens()
    sockets[0]?.says('late')
    sockets[0]?.drops(4401)
    expect(sockets[0]?.onmessage).toBeNull()
    expect(last()).not.toBe(sockets[0])
    state('connecting')
    expect(heard).toEqual([])
  })

  it('counts on after a connection that did not last, and from 1 after one that did', async () => {
    const { last, opens, pass, state } = await setup()
    await opens()
    await pass(4_999)
    last().drops()
    expect(state('waiting').attempt).toBe(1)
    await pass(1_000)
    await opens()
    await pass(4_999)
    last().drops()
    expect(state('waiting').attempt).toBe(2)
    await pass(2_000)
    await opens()
    await pass(5_000)
    last().drops()
    expect(state('waiting').attempt).toBe(1)
  })

  it('forgives failed tries at once when the connection is confirmed', async () => {
    const { ws, last, opens, pass, state } = await setup({ minUptimeMs: Number.POSITIVE_INFINITY })
    last().drops()
    await pass(1_000)
    await opens()
    await pass(60_000)
    last().drops()
    expect(state('waiting').attempt).toBe(2)
    await pass(2_000)
    await opens()
    ws.confirm()
    last().drops()
    expect(state('waiting').attempt).toBe(1)
  })

  it.each([4400, 4401, 4403, 4404, 4409, 3500, 3999])(
    'stops at the close code %i',
    async (code) => {
      const { clock, last, opens, state, heard } = await setup()
      await opens()
      last().drops(code, 'no')
      await settle()
      expect(state('stopped')).toMatchObject({ reason: 'final', code, text: 'no' })
      expect(heard).toEqual(['open', `close ${code} no`])
      expect(clock.pending).toBe(0)
    },
  )

  it.each([1000, 1001, 1006, 1008, 1012, 4408, 4429])('retries after %i', async (code) => {
    const { last, opens, state } = await setup()
    await opens()
    last().drops(code)
    expect(state('waiting').code).toBe(code)
  })

  it('takes 1000 for the end when told that it is', async () => {
    const { last, opens, state, heard } = await setup({ isFinal: (code) => code === 1000 })
    await opens()
    last().drops(1000, 'bye')
    await settle()
    expect(state('stopped').reason).toBe('final')
    expect(heard).toEqual(['open', 'close 1000 bye'])
  })
})

describe('close()', () => {
  it('says so to the peer, and close to the page, later and once', async () => {
    const { ws, last, opens, heard, clock, state } = await setup()
    await opens()
    ws.close(4000, 'enough')
    ws.close(4001, 'again')
    expect(heard).toEqual(['open'])
    expect(ws.readyState).toBe(ws.CLOSED)
    await settle()
    expect(heard).toEqual(['open', 'close 4000 enough'])
    expect(last().closedWith).toEqual({ code: 4000, reason: 'enough' })
    state('closed')
    expect(clock.pending).toBe(0)
  })

  it('ends a wait, a try, and a stop for good', async () => {
    for (const before of ['waiting', 'connecting', 'stopped']) {
      const { ws, last, pass, clock, sockets } = await setup()
      if (before !== 'connecting') last().drops(before === 'stopped' ? 4404 : DROPPED)
      expect(ws.state.name).toBe(before)
      ws.close()
      ws.reconnect()
      await pass(60_000)
      expect(ws.state.name).toBe('closed')
      expect(clock.pending).toBe(0)
      expect(sockets.filter((socket) => socket.alive)).toEqual([])
    }
  })

  it('does not say close twice, when it had stopped before', async () => {
    const { ws, last, heard } = await setup()
    last().drops(4404)
    await settle()
    ws.close()
    await settle()
    expect(heard).toEqual(['close 4404 '])
  })

  it('lets the connection refuse a code, and stays open then', async () => {
    const { ws, opens } = await setup()
    await opens()
    expect(() => ws.close(1001)).toThrow('1001')
    expect(ws.readyState).toBe(ws.OPEN)
  })

  it('takes no notice of a socket that closes afterwards', async () => {
    const { ws, last, opens, heard } = await setup()
    await opens()
    ws.close()
    last().drops(4401)
    await settle()
    expect(heard).toEqual(['open', 'close 1005 '])
  })
})

describe('options', () => {
  const fakes = fakeWebSockets()
  const make = (options: object) =>
    createReconnectingWs({ url: 'ws://host/', WebSocket: fakes.WebSocket, ...options })

  it.each([
    [{ connectWithinMs: -1 }, 'connectWithinMs is -1'],
    [{ maxQueuedBytes: Number.NaN }, 'maxQueuedBytes is NaN'],
    [{ minUptimeMs: '5s' }, 'minUptimeMs is 5s'],
    [{ ping: { everyMs: 10, silenceMs: 10, make: () => '' } }, 'silenceMs is 10'],
  ])('that make no sense are refused: %o', (options, text) => {
    expect(() => make(options)).toThrow(`[reconnecting-ws/BAD_OPTION] ${text}`)
  })

  it('without a WebSocket are refused where the platform has none', () => {
    const real = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
    Object.defineProperty(globalThis, 'WebSocket', { value: undefined, configurable: true })
    try {
      expect(() => make({ WebSocket: undefined })).toThrow('NO_WEBSOCKET')
    } finally {
      if (real) Object.defineProperty(globalThis, 'WebSocket', real)
      else Reflect.deleteProperty(globalThis, 'WebSocket')
    }
  })
})
