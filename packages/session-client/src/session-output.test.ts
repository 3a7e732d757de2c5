import { describe, expect, it } from 'vitest'
import { scripted } from './testing/scripted.ts'
import type { SessionSnapshot } from './types.ts'

describe('output', () => {
  it('is cut where it overlaps what is here, and passed over when all of it is', () => {
    const { attach, output, text } = scripted()
    attach()
    output(0, 'abc')
    output(1, 'bcde')
    output(0, 'abc')
    expect(text()).toBe('abcde')
  })

  it('with a hole is asked for once, and nothing behind the hole is shown before it', () => {
    const { attach, output, sent, text } = scripted()
    attach()
    output(0, 'a')
    sent()
    output(3, 'd')
    output(4, 'e')
    expect(sent()).toEqual([{ type: 'repeat', channel: 1, have: 1 }])
    expect(text()).toBe('a')
    output(1, 'bcde')
    expect(text()).toBe('abcde')
    output(9, 'j')
    expect(sent()).toEqual([{ type: 'repeat', channel: 1, have: 5 }])
  })

  it('with a hole is asked for again on the next connection', () => {
    const { attach, connection, output, sent } = scripted()
    attach()
    output(1, 'b')
    connection.drops()
    attach({ end: 2 })
    sent()
    output(1, 'b')
    expect(sent()).toEqual([{ type: 'repeat', channel: 1, have: 0 }])
  })

  it('that the cap has dropped is a gap, also when it was dropped while we were away', () => {
    const { attach, connection, output, say, events, text } = scripted()
    attach({ from: 10, end: 20 })
    say({ type: 'gap', channel: 1, from: 5, to: 12 })
    output(12, 'x')
    connection.drops()
    attach({ from: 20, end: 20 })
    expect(events.filter(({ type }) => type === 'gap')).toEqual([
      { type: 'gap', from: 0, to: 10 },
      { type: 'gap', from: 10, to: 12 },
      { type: 'gap', from: 13, to: 20 },
    ])
    expect(text()).toBe('x')
  })

  it('of another program comes after a reset, from the beginning', () => {
    const { attach, connection, output, events, session, outputs } = scripted()
    attach()
    output(0, 'old')
    connection.drops()
    attach({ epoch: 'e2', end: 3 })
    output(0, 'new')
    expect(events.filter(({ type }) => type === 'reset')).toHaveLength(1)
    expect(outputs.map(({ offset }) => offset)).toEqual([0, 0])
    expect([session.epoch, session.offset]).toEqual(['e2', 3])
  })

  it('says of every byte whether it is a replay', () => {
    const { attach, output, outputs, events } = scripted()
    attach({ end: 3 })
    output(0, 'ab')
    output(2, 'cde')
    output(5, 'f')
    expect(outputs.map(({ bytes, replay }) => [bytes.length, replay])).toEqual([
      [2, true],
      [1, true],
      [2, false],
      [1, false],
    ])
    const replay = events.filter(({ type }) => type === 'replay')
    expect(replay.map((event) => event.type === 'replay' && event.phase)).toEqual(['begin', 'end'])
  })

  it('ends a replay with a drop, too', () => {
    const { attach, connection, events } = scripted()
    attach({ end: 3 })
    connection.drops()
    expect(events).toContainEqual({ type: 'replay', phase: 'end' })
  })

  it('stops where a listener closes the session', () => {
    const outputs: number[] = []
    const { attach, output, session } = scripted({
      onOutput: ({ bytes }) => {
        outputs.push(bytes.length)
        void session.close()
      },
    })
    attach({ end: 2 })
    output(0, 'abc')
    output(3, 'd')
    expect(outputs).toEqual([2])
  })
})

describe('a snapshot', () => {
  const snapshots: SessionSnapshot[] = []
  const taking = () => {
    snapshots.length = 0
    return scripted({ catchUpBytes: 10, onSnapshot: (each) => void snapshots.push(each) })
  }
  const screen = { type: 'snapshot', channel: 1, cols: 132, rows: 43 } as const
  const bytes = Uint8Array.of(120)

  it('is asked for by those only who take it', () => {
    const { attach, sent } = taking()
    attach()
    expect(sent()).toContainEqual(expect.objectContaining({ type: 'attach', catchUpBytes: 10 }))
    const other = scripted()
    other.attach()
    const [, attached] = other.sent()
    expect(attached).not.toHaveProperty('catchUpBytes')
  })

  it('stands for all output before it, in order with the output, and is no gap', () => {
    const { attach, say, output, outputs, events, session } = taking()
    attach({ end: 2_000 })
    output(0, 'abc')
    say({ ...screen, offset: 2_000, bytes })
    output(2_000, 'x')
    expect(snapshots).toMatchObject([{ offset: 2_000, cols: 132, rows: 43, bytes }])
    expect(outputs.map(({ offset, replay }) => [offset, replay])).toEqual([
      [0, true],
      [2_000, false],
    ])
    expect(events.filter(({ type }) => type === 'gap')).toEqual([])
    expect([session.offset, session.status.name]).toEqual([2_001, 'live'])
  })

  it('of what is here already is passed over', () => {
    const { attach, say, output, session } = taking()
    attach()
    output(0, 'abc')
    say({ ...screen, offset: 3, bytes }, { ...screen, offset: 1, bytes })
    expect([snapshots.length, session.offset]).toEqual([0, 3])
  })

  it('is acknowledged once it is shown', () => {
    const { attach, clock, say, sent } = taking()
    attach({ end: 5_000_000 })
    say({ ...screen, offset: 5_000_000, bytes })
    sent()
    clock.advance(1_000)
    expect(sent()).toEqual([])
    snapshots[0]?.done()
    expect(sent()).toEqual([{ type: 'ack', channel: 1, offset: 5_000_000 }])
  })

  it('fills a hole', () => {
    const { attach, say, output, sent, text } = taking()
    attach()
    output(5, 'f')
    say({ ...screen, offset: 50, bytes })
    output(5, 'fgh')
    output(50, 'z')
    sent()
    expect(text()).toBe('z')
  })

  it('is passed over by those who do not take it', () => {
    const { attach, say, output, text } = scripted()
    attach()
    say({ ...screen, offset: 3, bytes })
    output(0, 'abc')
    expect(text()).toBe('abc')
  })
})

it('tells who answers the queries of the program', () => {
  const { attach, connection, events } = scripted()
  attach()
  connection.drops()
  attach({ answers: 'session' })
  expect(events.filter(({ type }) => type === 'attached')).toMatchObject([
    { answers: 'viewer' },
    { answers: 'session' },
  ])
})

describe('acknowledgement', () => {
  it('follows what was shown: at once for 256 KiB, else within 250 ms', () => {
    const { attach, clock, output, outputs, sent } = scripted()
    attach()
    sent()
    output(0, 'x'.repeat(262_143))
    output(262_143, 'y')
    outputs[0]?.done()
    expect(sent()).toEqual([])
    outputs[1]?.done()
    expect(sent()).toEqual([{ type: 'ack', channel: 1, offset: 262_144 }])
    output(262_144, 'z')
    clock.advance(10_000)
    expect(sent()).toEqual([])
    outputs[2]?.done()
    clock.advance(249)
    expect(sent()).toEqual([])
    clock.advance(1)
    expect(sent()).toEqual([{ type: 'ack', channel: 1, offset: 262_145 }])
  })

  it('never passes a piece that is not shown yet', () => {
    const { attach, clock, output, outputs, sent } = scripted()
    attach()
    output(0, 'ab')
    output(2, 'cd')
    sent()
    outputs[1]?.done()
    clock.advance(250)
    expect(sent()).toEqual([])
    outputs[0]?.done()
    outputs[0]?.done()
    clock.advance(250)
    expect(sent()).toEqual([{ type: 'ack', channel: 1, offset: 4 }])
  })

  it('comes every quarter of a small window', () => {
    const { attach, output, outputs, sent } = scripted({ windowBytes: 40 })
    attach()
    sent()
    output(0, 'x'.repeat(10))
    outputs[0]?.done()
    expect(sent()).toEqual([{ type: 'ack', channel: 1, offset: 10 }])
  })

  it('counts a gap as shown, or the server would wait for it for ever', () => {
    const { attach, clock, say, sent } = scripted()
    attach()
    sent()
    say({ type: 'gap', channel: 1, from: 0, to: 2_000_000 })
    clock.advance(250)
    expect(sent()).toEqual([{ type: 'ack', channel: 1, offset: 2_000_000 }])
  })

  it('of a program that is gone is never sent to the next', () => {
    const { attach, clock, connection, output, outputs, sent } = scripted()
    attach()
    output(0, 'abcdef')
    connection.drops()
    attach({ epoch: 'e2', end: 1 })
    output(0, 'x')
    sent()
    outputs[0]?.done()
    clock.advance(1_000)
    expect(sent()).toEqual([])
    outputs[1]?.done()
    clock.advance(250)
    expect(sent()).toEqual([{ type: 'ack', channel: 1, offset: 1 }])
  })

  it('holds no timer once the session is over', async () => {
    const { attach, clock, output, outputs, session } = scripted()
    attach()
    output(0, 'a')
    outputs[0]?.done()
    expect(clock.pending).toBe(1)
    await session.close()
    expect(clock.pending).toBe(0)
  })
})
