import { fakeClock } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeLog } from '../log/log-testing.ts'
import { PtySessionError } from '../pty-session-error.ts'
import type { Viewer } from '../types.ts'
import { createViewers } from './viewers.ts'
import { byteAt, fakeSession, fakeSink, fakeTurns } from './viewers-testing.ts'

const KIB = 1024

function room(options: { readonly hosted?: boolean } = {}) {
  const session = fakeSession(options)
  const clock = fakeClock()
  const turns = fakeTurns()
  const viewers = createViewers(session, { clock, nextTurn: turns.nextTurn })
  return { session, clock, turns, viewers }
}

describe('a viewer', () => {
  it('is sent what there is, then what comes, then the exit', () => {
    const { session, turns, viewers } = room()
    session.grow(100 * KIB)
    const sink = fakeSink(10)
    const viewer = viewers.attach({ sink, from: 10 })
    expect(sink.blocks).toBe(0)
    turns.settle()
    expect(sink.next).toBe(100 * KIB)
    session.grow(5)
    expect(sink.next).toBe(100 * KIB + 5)
    session.exitNow(0)
    expect(sink.said).toEqual(['size 80x24 none', 'exit 0'])
    expect(viewer.offset).toBe(100 * KIB + 5)
    expect(viewers.count).toBe(0)
  })

  it('gets an echo in the very call that tells of it, in one block', () => {
    const { session, turns, viewers } = room()
    const sink = fakeSink()
    viewers.attach({ sink, from: 0 })
    turns.settle()
    session.grow(1)
    expect(sink).toMatchObject({ next: 1, blocks: 1 })
  })

  it('lets the others have a turn after 256 KiB', () => {
    const { session, turns, viewers } = room()
    session.grow(1_000 * KIB)
    const sinks = [fakeSink(), fakeSink()]
    for (const sink of sinks) viewers.attach({ sink, from: 0 })
    turns.pass()
    expect(sinks.map((sink) => sink.bytes)).toEqual([256 * KIB, 256 * KIB])
    // News must not bring it more than its turn.
    session.grow(1)
    expect(sinks[0]?.bytes).toBe(256 * KIB)
    turns.settle()
    expect(sinks.map((sink) => sink.bytes)).toEqual([1_000 * KIB + 1, 1_000 * KIB + 1])
  })

  it('that does not keep up waits for itself alone, and is told the exit after all the rest', () => {
    const { session, turns, viewers } = room()
    const slow = fakeSink()
    const quick = fakeSink()
    slow.takes = () => false
    const viewer = viewers.attach({ sink: slow, from: 0 })
    viewers.attach({ sink: quick, from: 0 })
    turns.settle()
    for (let i = 0; i < 10; i++) session.grow(64 * KIB)
    session.exitNow(1)
    expect(slow.blocks).toBe(1)
    expect(quick.said.at(-1)).toBe('exit 1')
    for (let i = 2; i <= 10; i++) {
      viewer.resume()
      expect(slow).toMatchObject({ blocks: i, next: i * 64 * KIB })
    }
    expect(slow.said).toEqual(['size 80x24 none'])
    viewer.resume()
    expect(slow.said.at(-1)).toBe('exit 1')
    viewer.resume()
    expect(slow.said.filter((each) => each === 'exit 1')).toHaveLength(1)
  })

  it('may resume, repeat and close from within its output', () => {
    const { session, turns, viewers } = room()
    session.grow(300 * KIB)
    const sink = fakeSink()
    let viewer: Viewer | undefined
    sink.takes = () => {
      viewer?.resume()
      if (sink.blocks === 4) viewer?.close()
      return false
    }
    viewer = viewers.attach({ sink, from: 0 })
    turns.settle()
    session.grow(1)
    expect(sink).toMatchObject({ blocks: 4, said: ['size 80x24 none'] })
    expect(viewers.count).toBe(0)
  })

  it('is sent again what it asks for again, but nothing that it has not reached', () => {
    const { session, turns, viewers } = room()
    session.grow(1_000)
    const got: number[] = []
    const sink = { ...fakeSink(), output: ({ offset }: { offset: number }) => got.push(offset) > 0 }
    const viewer = viewers.attach({ sink, from: 0 })
    turns.settle()
    viewer.repeat(400)
    viewer.repeat(5_000)
    viewer.repeat(-1)
    viewer.repeat(Number.NaN)
    expect(got).toEqual([0, 400])
    expect(viewer.offset).toBe(1_000)
  })

  it('sees a gap where the cap has dropped bytes, and goes on behind it', () => {
    const { session, turns, viewers } = room()
    session.grow(1_000)
    session.evict(600)
    const sink = fakeSink()
    viewers.attach({ sink, from: 0 })
    turns.settle()
    expect(sink).toMatchObject({ said: ['size 80x24 none', 'gap 0 600'], bytes: 400, next: 1_000 })
  })

  it('is told the end of a session that had ended before it came', () => {
    const { session, turns, viewers } = room()
    session.grow(10)
    session.exitNow(3)
    const sink = fakeSink()
    viewers.attach({ sink, from: 0 })
    turns.settle()
    expect(sink).toMatchObject({ bytes: 10, said: ['size 80x24 none', 'exit 3'] })
    const late = fakeSink(10)
    viewers.attach({ sink: late, from: 10 })
    turns.settle()
    expect(late.said.at(-1)).toBe('exit 3')
  })

  it('is told the exit only when the log has been read up to it', () => {
    const { session, turns, viewers } = room()
    const sink = fakeSink()
    viewers.attach({ sink, from: 0 })
    turns.settle()
    session.become({ name: 'exited', exit: { code: 0, signal: undefined, offset: 50 } })
    expect(sink.said).not.toContain('exit 0')
    session.grow(50)
    expect(sink).toMatchObject({ bytes: 50 })
    expect(sink.said.at(-1)).toBe('exit 0')
  })

  it('is told what stalls the session, and that it is lost after all that is left of it', () => {
    const { session, turns, viewers } = room()
    session.become({ name: 'stalled', reason: 'disk full' })
    const sink = fakeSink()
    sink.takes = () => false
    const viewer = viewers.attach({ sink, from: 0 })
    turns.settle()
    session.become({ name: 'running' })
    session.grow(10)
    session.tell({ type: 'notice', code: 'LINE_TOO_LONG', text: 'x' })
    session.become({ name: 'lost', reason: 'gone' })
    expect(sink.said.at(-1)).toBe('notice LINE_TOO_LONG')
    viewer.resume()
    expect(sink.said).toEqual([
      'state stalled',
      'size 80x24 none',
      'state running',
      'notice LINE_TOO_LONG',
      'lost gone',
    ])
  })

  it('hears once that the log cannot be read, and goes on when it can', () => {
    const { session, clock, turns, viewers } = room()
    session.grow(10)
    session.readError = new PtySessionError('LOG_UNREADABLE', 'EMFILE')
    const sink = fakeSink()
    viewers.attach({ sink, from: 0 })
    turns.settle()
    session.grow(10)
    clock.advance(5_000)
    expect(sink.said).toEqual(['size 80x24 none', 'notice LOG_UNREADABLE'])
    session.readError = undefined
    clock.advance(1_000)
    expect(sink.next).toBe(20)
    expect(clock.pending).toBe(0)
    session.readError = new PtySessionError('LOG_UNREADABLE', 'EIO')
    session.grow(1)
    expect(sink.said).toHaveLength(3)
    viewers.close()
    expect(clock.pending).toBe(0)
  })

  it('asks nothing more of a log that was closed', () => {
    const { session, clock, turns, viewers } = room()
    const sink = fakeSink()
    viewers.attach({ sink, from: 0 })
    turns.settle()
    session.readError = new PtySessionError('LOG_CLOSED', 'closed')
    session.grow(1)
    expect(clock.pending).toBe(0)
    expect(sink.said).toEqual(['size 80x24 none'])
  })

  it('must begin at an offset', () => {
    const { viewers } = room()
    for (const from of [-1, 0.5, Number.NaN])
      expect(() => viewers.attach({ sink: fakeSink(), from })).toThrow('BAD_OPTION')
    expect(viewers.count).toBe(0)
  })

  it('sees every byte once and in order, whatever happens in whatever order', () => {
    const bytes = fc.integer({ min: 1, max: 150 * KIB })
    const who = fc.nat(2)
    const step = fc.oneof(
      fc.record({ grow: bytes }),
      fc.record({ keep: fc.integer({ min: 0, max: 200 * KIB }) }),
      fc.record({ pause: who }),
      fc.record({ resume: who }),
      fc.record({ attach: who }),
      fc.constant('turn' as const),
      fc.constant('unreadable' as const),
      fc.constant('second' as const),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const { session, clock, turns, viewers } = room()
        const seats = new Map<number, { sink: ReturnType<typeof fakeSink>; viewer: Viewer }>()
        let dropped = 0
        const come = (name: number) => {
          if (seats.has(name)) return
          const from = Math.floor(session.log.end / 2)
          const sink = fakeSink(from)
          seats.set(name, { sink, viewer: viewers.attach({ sink, from }) })
        }
        for (const each of steps) {
          if (each === 'turn') turns.pass()
          else if (each === 'second') {
            session.readError = undefined
            clock.advance(1_000)
          } else if (each === 'unreadable') session.readError = new Error('EIO')
          else if ('grow' in each) session.grow(each.grow)
          else if ('keep' in each) {
            dropped = Math.max(dropped, session.log.end - each.keep)
            session.evict(dropped)
          } else if ('attach' in each) come(each.attach)
          else if ('pause' in each) {
            const seat = seats.get(each.pause)
            if (seat) seat.sink.takes = () => false
          } else {
            const seat = seats.get(each.resume)
            if (!seat) continue
            seat.sink.takes = () => true
            seat.viewer.resume()
          }
        }
        session.exitNow(0)
        session.readError = undefined
        clock.advance(1_000)
        for (const { sink, viewer } of seats.values()) {
          // The sink itself throws on a repeated, missing or wrong byte.
          sink.takes = () => true
          viewer.resume()
        }
        turns.settle()
        for (const { sink } of seats.values()) {
          expect(sink.next).toBe(session.log.end)
          expect(sink.said.at(-1)).toBe('exit 0')
          for (const word of sink.said) {
            const [kind, , to] = word.split(' ')
            if (kind === 'gap') expect(Number(to)).toBeLessThanOrEqual(session.log.start)
          }
          const gapBytes = sink.said
            .filter((word) => word.startsWith('gap'))
            .map((word) => word.split(' ').map(Number))
            .reduce((sum, [, from = 0, to = 0]) => sum + to - from, 0)
          if (session.log.start === 0) expect(gapBytes).toBe(0)
        }
        expect(viewers.count).toBe(0)
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 200 },
    )
  })
})

describe('the size', () => {
  const size = (cols: number) => ({ cols, rows: 24 })

  it('follows its owner, and everybody is told what is news to them', () => {
    const { session, turns, viewers } = room()
    const [a, b] = [fakeSink(), fakeSink()]
    const first = viewers.attach({ sink: a, from: 0, size: size(200) })
    turns.settle()
    const second = viewers.attach({ sink: b, from: 0, size: size(40) })
    turns.settle()
    expect(a.said).toEqual(['size 200x24 you'])
    expect(b.said).toEqual(['size 200x24 other'])
    second.typed()
    second.typed()
    expect(a.said.at(-1)).toBe('size 40x24 other')
    expect(b.said.at(-1)).toBe('size 40x24 you')
    first.resize(size(201), false)
    expect(session.resizes).toEqual([size(200), size(40)])
    first.resize(size(202), true)
    expect(session.resizes.at(-1)).toEqual(size(202))
    first.close()
    first.close()
    expect(session.resizes.at(-1)).toEqual(size(40))
    expect(b.said.at(-1)).toBe('size 40x24 you')
    expect(b.said).toHaveLength(4)
  })

  it('is asked for once, however long a host takes', () => {
    const { session, turns, viewers } = room({ hosted: true })
    const sink = fakeSink()
    const viewer = viewers.attach({ sink, from: 0, size: size(100) })
    turns.settle()
    viewer.typed()
    viewer.resize(size(100), true)
    expect(session.resizes).toEqual([size(100)])
    expect(sink.said).toEqual(['size 80x24 you'])
    session.tell({ type: 'resized', size: size(100) })
    expect(sink.said.at(-1)).toBe('size 100x24 you')
  })

  it('is asked for again when the host could not hear it', () => {
    const { session, turns, viewers } = room({ hosted: true })
    viewers.attach({ sink: fakeSink(), from: 0, size: size(80) })
    turns.settle()
    session.become({ name: 'unreachable', reason: 'x' })
    viewers.attach({ sink: fakeSink(), from: 0, size: size(90) }).typed()
    session.become({ name: 'running' })
    expect(session.resizes).toEqual([size(90), size(90)])
  })

  it('stays when the last viewer leaves, and when all are forgotten', () => {
    const { session, turns, viewers } = room()
    viewers.attach({ sink: fakeSink(), from: 0, size: size(90) }).close()
    viewers.attach({ sink: fakeSink(), from: 0, size: size(91) })
    turns.settle()
    viewers.close()
    expect(session).toMatchObject({ size: size(91), listeners: 0 })
    expect(viewers.count).toBe(0)
  })
})

describe('viewers of a real log', () => {
  it('see what was written, at their own pace', async () => {
    const log = makeLog(onTestFinished, { maxBytes: 64 * KIB })
    const session = Object.defineProperty(fakeSession(), 'log', { value: log })
    const viewers = createViewers(session)
    onTestFinished(() => viewers.close())
    const sink = fakeSink()
    const done = new Promise((resolve) => {
      sink.takes = () => {
        if (sink.next === log.end) resolve(undefined)
        return true
      }
    })
    for (let at = 0; at < 50 * KIB; at = log.end) {
      const piece = Buffer.from(Array.from({ length: 999 }, (_, i) => byteAt(at + i)))
      log.append(piece)
    }
    viewers.attach({ sink, from: 0 })
    await done
    expect(sink.bytes).toBe(log.end)
  })
})
