import { describe, expect, it } from 'vitest'
import { scripted } from './testing/scripted.ts'

describe('attaching', () => {
  it('says hello and attach at once, without waiting for an answer', () => {
    const { connection, sent } = scripted({ session: 's1' })
    connection.opens()
    const size = { cols: 80, rows: 24 }
    expect(sent()).toEqual([
      { type: 'hello', version: 1, clientId: 'me' },
      { type: 'attach', channel: 1, session: 's1', epoch: '', have: 0, ...size, mode: 'driver' },
    ])
  })

  it('goes on after a drop from the offset it has, with the size it now has', () => {
    const { connection, session, attach, output, sent, text } = scripted()
    attach({ end: 3 })
    output(0, 'abc')
    session.resize(100, 30)
    connection.drops()
    sent()
    connection.opens()
    expect(sent()[1]).toMatchObject({ epoch: 'e1', have: 3, cols: 100, rows: 30 })
    attach({ from: 3, end: 5 })
    output(3, 'de')
    expect(text()).toBe('abcde')
  })

  it('begins where an earlier client stopped', () => {
    const { connection, sent, attach, output, text } = scripted({
      resume: { epoch: 'e1', offset: 7 },
    })
    connection.opens()
    expect(sent()[1]).toMatchObject({ epoch: 'e1', have: 7 })
    attach({ from: 7, end: 8 })
    output(7, 'h')
    expect(text()).toBe('h')
  })

  it('tells name, mode and size', () => {
    const { attach, say, events } = scripted()
    attach()
    say({ type: 'size', channel: 1, cols: 90, rows: 20, owner: 'other' })
    expect(events).toContainEqual({
      type: 'attached',
      answers: 'viewer',
      epoch: 'e1',
      name: 'zsh',
      mode: 'driver',
      cols: 80,
      rows: 24,
    })
    expect(events.at(-1)).toEqual({ type: 'size', cols: 90, rows: 20, owner: 'other' })
  })

  it('carries several sessions over one connection, each by its channel', async () => {
    const { client, connection, attach, output, say, sent, session, text } = scripted()
    const other: string[] = []
    const second = client.attach({ session: 'b', onOutput: ({ bytes }) => other.push(`${bytes}`) })
    connection.opens()
    expect(sent().map((frame) => ('channel' in frame ? frame.channel : 0))).toEqual([0, 1, 2])
    attach()
    attachSecond()
    output(0, 'a')
    say({ type: 'output', channel: 2, offset: 0, bytes: Uint8Array.of(98) })
    expect([text(), other]).toEqual(['a', ['98']])

    await second.close()
    expect(sent()).toContainEqual({ type: 'detach', channel: 2 })
    expect(connection.state.name).toBe('open')
    say({ type: 'output', channel: 2, offset: 1, bytes: Uint8Array.of(99) }) // was on its way
    expect([other.length, connection.abandoned]).toEqual([1, []])

    await session.close()
    expect(connection.state.name).toBe('idle')

    function attachSecond(): void {
      const place = { channel: 2, epoch: 'e2', from: 0, end: 0, inputSeq: 0 }
      say({ type: 'attached', ...place, cols: 80, rows: 24, mode: 'driver', name: 'b' })
    }
  })

  it('tells its colours once there is a connection, and again on the next', () => {
    const { session, attach, connection, sent } = scripted()
    const colors = { foreground: '#000000', background: '#ffffff', cursor: '#ff0000' }
    const told = () => sent().filter(({ type }) => type === 'colors')
    session.setColors(colors)
    expect(told()).toEqual([])
    attach()
    expect(told()).toEqual([{ type: 'colors', channel: 1, ...colors }])
    session.setColors({ ...colors, cursor: '#00ff00' })
    expect(told()).toHaveLength(1)
    connection.drops()
    attach()
    expect(told()).toMatchObject([{ cursor: '#00ff00' }])
  })

  it('takes a session once, and none after close', async () => {
    const { client } = scripted({ session: 'a' })
    const again = { session: 'a', onOutput: () => undefined }
    expect(() => client.attach(again)).toThrow('[session-client/ALREADY_ATTACHED]')
    await client.close()
    await client.close()
    expect(() => client.attach(again)).toThrow('[session-client/CLOSED]')
  })

  it('refuses a size that is none', () => {
    const { session } = scripted()
    expect(() => scripted({ cols: -1 })).toThrow('[session-client/BAD_OPTION] cols is -1')
    expect(() => session.resize(Number.NaN, 24)).toThrow('[session-client/BAD_OPTION]')
  })
})

describe('the end', () => {
  it('is complete when every byte up to the final offset is here', () => {
    const { attach, output, say, events, session, connection } = scripted()
    attach()
    output(0, 'bye')
    say({ type: 'exit', channel: 1, offset: 3, code: 7, signal: '' })
    const exit = { code: 7, signal: undefined, complete: true }
    expect(events).toContainEqual({ type: 'exit', ...exit })
    expect(session.status).toEqual({ name: 'ended', exit })
    expect(connection.state.name).toBe('idle')
    expect(session.type('x')).toBe(false)
  })

  it('says so when bytes are missing', () => {
    const { attach, say, session } = scripted()
    attach()
    say({ type: 'exit', channel: 1, offset: 3, code: undefined, signal: 'SIGKILL' })
    const exit = { code: undefined, signal: 'SIGKILL', complete: false }
    expect(session.status).toEqual({ name: 'ended', exit })
  })

  it('by close() tells nothing more, and detaches', async () => {
    const { attach, connection, output, sent, session, events, outputs } = scripted()
    attach()
    sent()
    await session.close()
    await session.close()
    expect(sent()).toEqual([{ type: 'detach', channel: 1 }])
    expect(session.status.name).toBe('closed')
    const told = events.length
    output(0, 'x')
    connection.drops()
    session.reconnect()
    expect([events.length, outputs.length]).toEqual([told, 0])
  })
})

describe('the status', () => {
  it('follows the connection and the replay', () => {
    const { attach, connection, output, session, events } = scripted()
    expect(session.status).toEqual({ name: 'connecting' })
    attach({ end: 2 })
    output(0, 'ab')
    connection.drops(5_000)
    connection.becomes({ name: 'connecting', attempt: 1, attempts: 20 })
    connection.opens()
    attach({ from: 2, end: 2 })
    connection.drops(6_000)
    connection.becomes({ name: 'stopped' })
    session.reconnect()
    const told = events.flatMap((event) => (event.type === 'status' ? [event.status] : []))
    const retry = { name: 'reconnecting', attempt: 1, attempts: 20 }
    expect(told).toEqual([
      { name: 'replaying', end: 2 },
      { name: 'live' },
      { ...retry, retryAtMs: 5_000 },
      { ...retry, retryAtMs: undefined },
      { name: 'live' },
      { ...retry, retryAtMs: 6_000 },
      { name: 'stopped' },
      { ...retry, retryAtMs: undefined },
    ])
  })

  it('is refused when the server says a final no, until somebody asks again', () => {
    const { attach, connection, say, sent, session } = scripted()
    attach()
    say({ type: 'refused', channel: 1, code: 4404, reason: 'no session x' })
    expect(session.status).toMatchObject({ name: 'refused', code: 4404, reason: 'no session x' })
    expect(connection.state.name).toBe('idle')
    session.reconnect()
    connection.opens()
    expect(sent().at(-1)).toMatchObject({ type: 'attach' })
    attach()
    expect(session.status.name).toBe('live')
  })

  it('is refused when the connection is closed with a final code', () => {
    const { attach, connection, session } = scripted()
    attach()
    connection.becomes({ name: 'refused', code: 4401, reason: 'logged out' })
    expect(session.status).toMatchObject({ name: 'refused', code: 4401 })
    session.reconnect()
    attach()
    expect(session.status.name).toBe('live')
  })

  it('asks again by itself after a no for now', () => {
    const { attach, clock, client, connection, say, sent, session } = scripted()
    client.attach({ session: 'other', onOutput: () => undefined })
    attach()
    sent()
    say({ type: 'refused', channel: 1, code: 4408, reason: 'later' })
    expect(session.status.name).toBe('reconnecting')
    clock.advance(1_999)
    expect(sent()).toEqual([])
    clock.advance(1)
    expect(sent()).toMatchObject([{ type: 'attach', channel: 3 }])
    expect(connection.abandoned).toEqual([])
  })

  it('can be answered from within the event that tells it', () => {
    const { attach, connection, say, sent, session } = scripted()
    session.subscribe((event) => {
      if (event.type === 'status' && event.status.name === 'refused') session.reconnect()
    })
    attach()
    say({ type: 'refused', channel: 1, code: 4401, reason: '' })
    if (connection.state.name !== 'open') connection.opens()
    expect(sent().at(-1)).toMatchObject({ type: 'attach' })
  })
})

describe('a size', () => {
  it('is told when it changes, and claims when asked to', () => {
    const { attach, sent, session } = scripted()
    session.resize(90, 30)
    attach()
    expect(sent()[1]).toMatchObject({ type: 'attach', cols: 90, rows: 30 })
    session.resize(91, 31)
    session.resize(92, 32, { claim: true })
    expect(sent()).toEqual([
      { type: 'resize', channel: 1, cols: 91, rows: 31, claim: false },
      { type: 'resize', channel: 1, cols: 92, rows: 32, claim: true },
    ])
  })
})

describe('a server that breaks the protocol', () => {
  const attached = { type: 'attached', channel: 1, epoch: 'e1', inputSeq: 0 } as const
  const size = { cols: 80, rows: 24, mode: 'driver', name: '' } as const
  const bytes = Uint8Array.of(1)
  const welcome = {
    type: 'welcome',
    version: 1,
    serverId: 's',
    silenceMs: 1,
    windowBytes: 1,
  } as const

  it.each([
    ['a text message', (s: ReturnType<typeof scripted>) => s.connection.says('hello')],
    ['garbage', (s) => s.connection.says(Uint8Array.of(0x7f))],
    ['an empty frame', (s) => s.connection.says(new ArrayBuffer(0))],
    ['a second welcome', (s) => s.say(welcome)],
    ['a channel that never was', (s) => s.say({ type: 'output', channel: 9, offset: 0, bytes })],
    ['attached twice', (s) => s.say({ ...attached, ...size, from: 0, end: 0 })],
    ['input accepted that was never sent', (s) => s.say({ type: 'accepted', channel: 1, seq: 1 })],
  ] satisfies [string, (s: ReturnType<typeof scripted>) => void][])(
    '(%s) loses the connection with 4400, and the client comes back',
    (_, breakIt) => {
      const script = scripted()
      script.attach()
      breakIt(script)
      expect(script.connection.abandoned).toMatchObject([{ code: 4400 }])
      script.attach()
      expect(script.session.status.name).toBe('live')
    },
  )

  it.each([
    ['anything before welcome', { ...attached, ...size, from: 0, end: 0 }],
    ['from behind the end', { ...attached, ...size, from: 5, end: 4 }],
    ['output before attached', { type: 'output', channel: 1, offset: 0, bytes }],
  ] as const)('(%s at the handshake) does, too', (name, frame) => {
    const { connection, say } = scripted()
    connection.opens()
    if (!name.startsWith('anything')) say(welcome)
    say(frame)
    expect(connection.abandoned).toMatchObject([{ code: 4400 }])
  })

  it('may send frames of a later version and notices, and is answered its pings', () => {
    const { attach, connection, events, say, sent } = scripted()
    attach()
    sent()
    connection.says(Uint8Array.of(0x80, 1, 2, 3))
    say({ type: 'pong', time: 1 }, { type: 'ping', time: 42 })
    say({ type: 'notice', channel: 1, code: 'LINE_TOO_LONG', text: 'Cut.' })
    expect(sent()).toEqual([{ type: 'pong', time: 42 }])
    expect(events.at(-1)).toEqual({ type: 'notice', code: 'LINE_TOO_LONG', text: 'Cut.' })
    expect(connection.abandoned).toEqual([])
  })
})
