import type { ClientFrame } from '@conductor/protocol'
import { describe, expect, it } from 'vitest'
import { type Scripted, scripted } from './testing/scripted.ts'

const KIB = 1024

/** The inputs among what was sent, as `[seq, text or length]`. */
function inputs(frames: readonly ClientFrame[]): (readonly [number, string | number])[] {
  return frames.flatMap((frame) => {
    if (frame.type !== 'input') return []
    const text = Buffer.from(frame.bytes).toString('latin1')
    return [[frame.seq, text.length > 100 ? text.length : text] as const]
  })
}

function accept(script: Scripted, seq: number): void {
  script.say({ type: 'accepted', channel: 1, seq })
}

describe('typing', () => {
  it('is numbered from 1 and sent at once', () => {
    const { attach, session, sent } = scripted()
    attach()
    sent()
    expect(session.type('l')).toBe(true)
    session.type(Uint8Array.of(0xff, 0x73))
    session.type('')
    expect(inputs(sent())).toEqual([
      [1, 'l'],
      [2, '\xffs'],
    ])
  })

  it('goes on with the numbers of an earlier client of the same name', () => {
    const { attach, session, sent } = scripted()
    session.type('x')
    attach({ inputSeq: 41 })
    expect(inputs(sent())).toEqual([[42, 'x']])
  })

  it('in large pieces is split at 64 KiB, of which at most 256 KiB are on their way', () => {
    const script = scripted()
    const { attach, session, sent } = script
    attach()
    sent()
    session.type(new Uint8Array(400 * KIB))
    const sizes = () => inputs(sent()).map(([seq, size]) => [seq, Number(size) / KIB])
    expect(sizes()).toEqual([
      [1, 64],
      [2, 64],
      [3, 64],
      [4, 64],
    ])
    accept(script, 1)
    expect(sizes()).toEqual([[5, 64]])
    accept(script, 5)
    expect(sizes()).toEqual([
      [6, 64],
      [7, 16],
    ])
  })

  it('without a connection waits, keys gathered into few frames, and goes out in order', () => {
    const { attach, session, sent } = scripted()
    for (let i = 0; i < 5_000; i++) session.type(String(i % 10))
    expect(session.pending).toEqual({ sizeBytes: 5_000, heldBytes: 0 })
    attach()
    expect(inputs(sent())).toEqual([
      [1, 4_096],
      [2, 904],
    ])
  })

  it('is kept as it was, whatever the caller does with its buffer', () => {
    const { attach, connection, session, sent } = scripted()
    attach()
    const buffer = new Uint8Array(Buffer.from('abc'))
    session.type(buffer)
    buffer.fill(0)
    connection.drops()
    sent()
    attach()
    expect(inputs(sent())).toEqual([[1, 'abc']])
  })

  it('is pending until it is accepted, and can be shown', () => {
    const script = scripted()
    const pending: number[] = []
    const { attach, session } = script
    session.subscribe((event) => {
      if (event.type === 'pending') pending.push(event.pending.sizeBytes)
    })
    attach()
    session.type('ab')
    session.type('cd')
    expect(Buffer.from(session.readPending()).toString()).toBe('abcd')
    expect(Buffer.from(session.readPending(3)).toString()).toBe('abc')
    accept(script, 1)
    accept(script, 2)
    expect(pending).toEqual([2, 4, 2, 0])
  })

  it('over the limit is refused as a whole, and said so', () => {
    const { session, events } = scripted({ maxPendingBytes: 10 })
    expect(session.type('12345678')).toBe(true)
    expect(session.type('abc')).toBe(false)
    expect(session.type('ä'.repeat(6))).toBe(false)
    expect(session.type('90')).toBe(true)
    expect(events).toEqual([
      { type: 'inputRefused', reason: 'full', sizeBytes: 3 },
      { type: 'inputRefused', reason: 'full', sizeBytes: 6 },
    ])
  })

  it('as a viewer is refused, also what was typed before the server said so', () => {
    const viewer = scripted({ mode: 'viewer' })
    expect(viewer.session.type('x')).toBe(false)
    const { attach, session, events, sent } = scripted()
    session.type('abc')
    attach({ mode: 'viewer' })
    expect(session.type('d')).toBe(false)
    expect(events.filter(({ type }) => type === 'inputRefused')).toEqual([
      { type: 'inputRefused', reason: 'readOnly', sizeBytes: 3 },
      { type: 'inputRefused', reason: 'readOnly', sizeBytes: 1 },
    ])
    expect([inputs(sent()), session.pending.sizeBytes]).toEqual([[], 0])
  })
})

describe('after a drop', () => {
  it('what was not accepted is sent again, with the same numbers and the same bytes', () => {
    const script = scripted()
    const { attach, connection, session, sent } = script
    attach()
    for (const key of 'abc') session.type(key)
    accept(script, 1)
    connection.drops()
    session.type('d')
    sent()
    attach({ inputSeq: 2 })
    expect(inputs(sent())).toEqual([
      [3, 'c'],
      [4, 'd'],
    ])
  })

  it('nothing is gathered into a frame that may be on its way', () => {
    const { attach, connection, session, sent } = scripted()
    attach()
    session.type('a')
    connection.drops()
    session.type('b')
    session.type('c')
    sent()
    attach()
    expect(inputs(sent())).toEqual([
      [1, 'a'],
      [2, 'bc'],
    ])
  })

  it('of at most 30 s typing goes out by itself, however long it had been pending before', () => {
    const { attach, connection, clock, session, sent, events } = scripted()
    attach()
    session.type('long paste')
    clock.advance(3_600_000)
    connection.drops()
    clock.advance(30_000)
    sent()
    attach()
    expect(inputs(sent())).toEqual([[1, 'long paste']])
    expect(events.filter(({ type }) => type === 'staleInput')).toEqual([])
  })

  it.each([
    ['over 30 s', (script: Scripted) => script.clock.advance(30_001)],
    ['that the machine slept through', (script: Scripted) => script.clock.suspend(3_600_000)],
    [
      'of several failed attempts together over 30 s',
      (script: Scripted) => {
        for (let attempt = 0; attempt < 4; attempt++) {
          script.clock.advance(8_000)
          script.connection.opens()
          script.connection.drops()
        }
      },
    ],
  ])('%s typing is held back until somebody decides', (_, pass) => {
    const script = scripted()
    const { attach, connection, session, sent, events } = script
    attach()
    session.type('rm -rf x')
    connection.drops()
    session.type('\r')
    pass(script)
    sent()
    attach()
    session.type('later')
    expect(inputs(sent())).toEqual([])
    expect(events.at(-2)).toEqual({ type: 'staleInput', reason: 'waited', sizeBytes: 9 })
    expect(session.pending).toEqual({ sizeBytes: 14, heldBytes: 9 })
    session.sendHeld()
    expect(inputs(sent())).toEqual([
      [1, 'rm -rf x'],
      [2, '\r'],
      [3, 'later'],
    ])
  })

  it('what is discarded uses its number up, so that a late first sending cannot take another’s place', () => {
    const { attach, connection, clock, session, sent } = scripted()
    attach()
    session.type('a')
    session.type('b')
    connection.drops()
    session.type('never sent')
    clock.advance(40_000)
    sent()
    attach({ inputSeq: 1 })
    session.type('new')
    session.discardHeld()
    expect(inputs(sent())).toEqual([
      [2, ''],
      [3, 'new'],
    ])
    expect(session.pending).toEqual({ sizeBytes: 3, heldBytes: 0 })
  })

  it('held typing stays held over another drop, less what has arrived after all', () => {
    const { attach, connection, clock, session, sent } = scripted()
    attach()
    session.type('a')
    session.type('b')
    connection.drops()
    clock.advance(40_000)
    attach()
    connection.drops()
    attach({ inputSeq: 1 })
    expect(session.pending).toEqual({ sizeBytes: 1, heldBytes: 1 })
    sent()
    session.sendHeld()
    expect(inputs(sent())).toEqual([[2, 'b']])
  })

  it('that all of it survived, nothing is held', () => {
    const { attach, connection, clock, session, events } = scripted()
    attach()
    session.type('a')
    connection.drops()
    clock.advance(40_000)
    attach({ inputSeq: 1 })
    expect(session.pending).toEqual({ sizeBytes: 0, heldBytes: 0 })
    expect(events.filter(({ type }) => type === 'staleInput')).toEqual([])
  })

  it('typing for a program that is gone is held, and numbered anew for the next', () => {
    const { attach, connection, session, sent, events } = scripted()
    attach()
    session.type('a')
    session.type('b')
    connection.drops()
    sent()
    attach({ epoch: 'e2' })
    expect(inputs(sent())).toEqual([])
    expect(events).toContainEqual({ type: 'staleInput', reason: 'relaunched', sizeBytes: 2 })
    session.sendHeld()
    expect(inputs(sent())).toEqual([
      [1, 'a'],
      [2, 'b'],
    ])
  })

  it('typing is held as uncertain when the host has forgotten our numbers', () => {
    const script = scripted()
    const { attach, connection, session, sent, events } = script
    attach()
    session.type('a')
    session.type('b')
    accept(script, 1)
    connection.drops()
    sent()
    attach({ inputSeq: 0 })
    expect(events).toContainEqual({ type: 'staleInput', reason: 'uncertain', sizeBytes: 1 })
    session.discardHeld()
    session.type('c')
    expect(inputs(sent())).toEqual([[1, 'c']])
  })
})
