import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fakeClock } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openLogReader } from './log-reader.ts'
import { makeLog, outputFrom } from './log-testing.ts'

/** A log over several segments: 300 bytes each second, with other things between. */
function setup() {
  const clock = fakeClock()
  const log = makeLog(onTestFinished, { clock, segmentBytes: 1024 })
  const begun = clock.date()
  const written: { readonly from: number; readonly to: number; readonly timeMs: number }[] = []
  for (let i = 0; i < 40; i++) {
    log.recordInput({ clientId: 'c', seq: i + 1, length: 1 })
    log.append(outputFrom(log.end, 300))
    written.push({ from: log.end - 300, to: log.end, timeMs: clock.date() })
    clock.advance(1_000)
    if (i % 7 === 0) log.recordResize({ cols: 80 + i, rows: 24 })
  }
  log.recordExit({ code: 0, signal: undefined })
  const reader = openLogReader(log.dir)
  onTestFinished(() => reader.close())
  return { log, reader, clock, begun, written }
}

describe('the time of an offset', () => {
  it('is the one of the write that brought it', () => {
    const { reader, written } = setup()
    for (const { from, to, timeMs } of written) {
      expect(reader.timeAt(from)).toBe(timeMs)
      expect(reader.timeAt(to - 1)).toBe(timeMs)
    }
  })

  it('is at the end that of what happened last', () => {
    const { reader, clock } = setup()
    expect(reader.timeAt(reader.end)).toBe(clock.date())
  })

  it('is not known of what is gone', () => {
    const { log, reader } = setup()
    rmSync(join(log.dir, '0000000000.idx'))
    expect(reader.timeAt(5)).toBeUndefined()
  })
})

describe('the offset of a time', () => {
  it('has all before it that was written before', () => {
    const { reader, written, begun } = setup()
    for (const { from, to, timeMs } of written) {
      expect(reader.offsetAt(timeMs)).toBe(from)
      expect(reader.offsetAt(timeMs + 1)).toBe(to)
    }
    expect(reader.offsetAt(begun - 1)).toBe(0)
    expect(reader.offsetAt(begun + 1e9)).toBe(reader.end)
  })
})

describe('records from an offset on', () => {
  it('begin with the size of its segment, and leave out the segments before', () => {
    const { reader } = setup()
    const all = [...reader.records()]
    const some = [...reader.records(5_000)]
    expect(some[0]).toMatchObject({ type: 'resize', offset: 4_096 })
    expect(all.slice(-some.length)).toEqual(some)
    expect([...reader.records(reader.end + 1)].at(-1)).toMatchObject({ type: 'exit' })
  })
})
