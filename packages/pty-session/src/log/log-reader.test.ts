import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isPtySessionError } from '../pty-session-error.ts'
import { faultyFs } from './faulty-fs.ts'
import { type LogFollower, openLogReader } from './log-reader.ts'
import { makeLog, outputFrom, readAll } from './log-testing.ts'
import { sharedReadFiles } from './read-files.ts'
import { repairSessionLog } from './repair-session-log.ts'
import type { SessionLogOptions } from './session-log.ts'

const KIB = 1024

const newLog = (options: Partial<SessionLogOptions> = {}) => makeLog(onTestFinished, options)

function follow(dir: string): LogFollower {
  const reader = openLogReader(dir)
  onTestFinished(() => reader.close())
  return reader
}

function copyTo(from: string, to: string): string {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to)
  for (const name of readdirSync(from)) copyFileSync(join(from, name), join(to, name))
  return to
}

function flipByte(path: string, at: number): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] ?? 0) ^ 0x41
  writeFileSync(path, bytes)
}

describe('openLogReader', () => {
  it('follows a writer as far as it is told', () => {
    const log = newLog()
    log.append(outputFrom(0, 100))
    const reader = follow(log.dir)
    expect(reader).toMatchObject({ epoch: 'e1', start: 0, end: 100 })
    log.append(outputFrom(100, 100))
    expect(reader.read(100)).toEqual({ kind: 'end' })
    reader.grew(log.start, log.end)
    expect(readAll(reader).equals(outputFrom(0, 200))).toBe(true)
    reader.grew(0, 50)
    expect(reader.end).toBe(200)
  })

  it('shows the same bytes as the writer, however the two take turns', () => {
    const step = fc.oneof(
      fc.record({ append: fc.integer({ min: 1, max: 40 * KIB }) }),
      fc.record({ read: fc.integer({ min: 0, max: 300 * KIB }) }),
      fc.constant('told' as const),
      fc.constant('examine' as const),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(4, 16, 60),
        fc.array(step, { maxLength: 60, size: 'max' }),
        (segmentKib, steps) => {
          const log = newLog({ maxBytes: 64 * KIB, segmentBytes: segmentKib * KIB })
          const reader = openLogReader(log.dir)
          for (const each of steps) {
            if (each === 'told') reader.grew(log.start, log.end)
            else if (each === 'examine')
              expect(reader.examine()).toMatchObject({ start: log.start, end: log.end })
            else if ('append' in each) log.append(outputFrom(log.end, each.append))
            else {
              const read = reader.read(each.read)
              if (read.kind === 'bytes') {
                const got = read.buffer.subarray(read.start, read.end)
                expect(got.equals(outputFrom(each.read, got.length))).toBe(true)
              } else if (read.kind === 'gap') {
                expect(read.from).toBe(each.read)
                expect(read.to).toBe(reader.start)
                expect(read.to).toBeLessThanOrEqual(log.start)
              } else expect(each.read).toBeGreaterThanOrEqual(reader.end)
            }
          }
          reader.close()
          log.close()
        },
      ),
      { numRuns: 100 },
    )
  })

  it('reports a gap when the cap was faster than the news of it', () => {
    const log = newLog({ maxBytes: 64 * KIB, segmentBytes: 16 * KIB })
    log.append(outputFrom(0, 20 * KIB))
    const reader = follow(log.dir)
    log.append(outputFrom(20 * KIB, 150 * KIB))
    expect(log.start).toBe(96 * KIB)
    expect(reader.read(5)).toEqual({ kind: 'gap', from: 5, to: 20 * KIB })
    expect(reader.read(20 * KIB)).toEqual({ kind: 'end' })
    reader.grew(0, log.end)
    expect(reader.read(20 * KIB)).toEqual({ kind: 'gap', from: 20 * KIB, to: log.start })
    expect(readAll(reader).length).toBe(log.end - log.start)
  })

  it('reports one gap to the end when the whole log was removed', () => {
    const log = newLog()
    log.append(outputFrom(0, 1_000))
    const reader = follow(log.dir)
    rmSync(log.dir, { recursive: true })
    expect(reader.read(0)).toEqual({ kind: 'gap', from: 0, to: 1_000 })
    expect(reader.read(1_000)).toEqual({ kind: 'end' })
  })

  it('finds after its death what the writer did not tell any more', () => {
    const log = newLog()
    const reader = follow(log.dir)
    log.append(outputFrom(0, 100))
    log.recordExit({ code: 3, signal: undefined })
    expect(reader.examine()).toEqual({
      start: 0,
      end: 100,
      exit: { code: 3, signal: undefined, offset: 100 },
    })
    expect(readAll(reader).length).toBe(100)
  })

  it('finds an exit that came right at the end of a segment', () => {
    const log = newLog({ maxBytes: 64 * KIB, segmentBytes: 16 * KIB })
    log.append(outputFrom(0, 32 * KIB))
    log.recordExit({ code: 0, signal: undefined })
    expect(follow(log.dir).examine().exit).toMatchObject({ offset: 32 * KIB })
  })

  it('says so when there is no log, and what to do', () => {
    const dir = temporaryFolder(onTestFinished)
    expect(() => openLogReader(dir)).toThrow(/LOG_CORRUPT\] .*meta\.json is missing.*\.out files/)
    for (const [text, fact] of [
      ['', 'is not JSON'],
      ['null', 'is not an object'],
      ['{"v":1,"epoch":"e","segmentBytes":4096}', 'has a wrong checksum'],
    ] as const) {
      writeFileSync(join(dir, 'meta.json'), text)
      expect(() => openLogReader(dir)).toThrow(fact)
      expect(() => repairSessionLog(dir)).toThrow(fact)
    }
  })

  it('does not follow a link out of its folder', () => {
    const log = newLog()
    log.append(outputFrom(0, 10))
    const secret = join(temporaryFolder(onTestFinished), 'secret')
    writeFileSync(secret, 'x'.repeat(100))
    rmSync(join(log.dir, '0000000000.out'))
    symlinkSync(secret, join(log.dir, '0000000000.out'))
    expect(() => openLogReader(log.dir)).toThrow('LOG_UNREADABLE')
  })

  it('opens nothing while nobody reads, and few files however many logs are read', () => {
    const before = sharedReadFiles.openCount
    const readers = Array.from({ length: 100 }, (_, i) => {
      const log = newLog()
      log.append(outputFrom(0, 1_000 + i))
      log.close()
      return follow(log.dir)
    })
    expect(sharedReadFiles.openCount).toBe(before)
    for (let round = 0; round < 2; round++)
      for (const reader of readers) expect(readAll(reader).length).toBe(reader.end)
    expect(sharedReadFiles.openCount).toBeLessThanOrEqual(64)
    for (const reader of readers) reader.close()
    expect(sharedReadFiles.openCount).toBe(before)
    expect(() => readers[0]?.read(0)).toThrow('LOG_CLOSED')
    expect(() => readers[0]?.examine()).toThrow('LOG_CLOSED')
  })

  it('gives up its own open files before it fails for want of descriptors', () => {
    const log = newLog({ maxBytes: 64 * KIB, segmentBytes: 4 * KIB })
    log.append(outputFrom(0, 60 * KIB))
    const fs = faultyFs()
    const reader = openLogReader(log.dir, { fs })
    onTestFinished(() => reader.close())
    reader.read(0)
    expect(fs.openFds.size).toBe(1)
    fs.failAt(0, 'EMFILE')
    expect(reader.read(4 * KIB)).toMatchObject({ kind: 'bytes' })
    expect(fs.openFds.size).toBe(1)
    reader.close()
    expect(fs.openFds.size).toBe(0)
  })

  it('reads no more than the last bytes when it opens', () => {
    const log = newLog()
    for (let i = 0; i < 40; i++) log.append(outputFrom(log.end, 64 * KIB))
    const fs = faultyFs()
    let readBytes = 0
    const counting = {
      ...fs,
      read(fd: number, buffer: Buffer, at: number, length: number, position: number) {
        const got = fs.read(fd, buffer, at, length, position)
        readBytes += got
        return got
      },
    }
    openLogReader(log.dir, { fs: counting }).close()
    expect(readBytes).toBeLessThan(70 * KIB)
  })

  it('can be left in the middle of the records', () => {
    const log = newLog()
    for (let i = 0; i < 10; i++) log.append(outputFrom(log.end, 10))
    const fs = faultyFs()
    const reader = openLogReader(log.dir, { fs })
    onTestFinished(() => reader.close())
    for (const record of reader.records()) if (record.offset === 50) break
    expect(fs.openFds.size).toBe(0)
  })
})

interface Damage {
  readonly name: string
  readonly what: string
  readonly at: number
  readonly other: string
}

describe('a torn log', () => {
  /** A small log over two segments whose ends of pieces are known. */
  function smallLog() {
    const log = newLog({ maxBytes: 64 * KIB, segmentBytes: 1 * KIB })
    log.append(outputFrom(0, 1_040))
    const ends = [1_024, 1_040]
    for (const length of [1, 40, 7, 60, 30]) {
      log.recordInput({ clientId: 'c', seq: ends.length, length: 1 })
      log.append(outputFrom(log.end, length))
      ends.push(log.end)
    }
    log.recordExit({ code: 1, signal: undefined })
    log.close()
    return { dir: log.dir, ends, end: log.end, copy: `${log.dir}-copy` }
  }

  function checkWhole(dir: string, end: number, exited: boolean): void {
    const before = openLogReader(dir)
    expect(before.examine()).toMatchObject({ start: 0, end })
    expect(before.examine().exit !== undefined).toBe(exited)
    expect(readAll(before).equals(outputFrom(0, end))).toBe(true)
    before.close()
    expect(repairSessionLog(dir)).toMatchObject({ start: 0, end })
    expect(repairSessionLog(dir)).toEqual({ start: 0, end, droppedBytes: 0 })
    expect(statSync(join(dir, '0000000001.out')).size).toBe(end - KIB)
    const after = openLogReader(dir)
    expect(after.examine().exit !== undefined).toBe(exited)
    expect(readAll(after).equals(outputFrom(0, end))).toBe(true)
    after.close()
  }

  it('loses no more than the torn record, at whichever byte the index ends', () => {
    const { dir, copy, ends, end } = smallLog()
    const index = '0000000001.idx'
    const size = statSync(join(dir, index)).size
    const records = [...follow(dir).records()].filter(({ offset }) => offset >= KIB)
    for (let cut = 0; cut <= size; cut++) {
      truncateSync(join(copyTo(dir, copy), index), cut)
      const kept = records.slice(0, Math.floor(cut / 32))
      const outputs = kept.filter((record) => record.type === 'output').length
      checkWhole(copy, ends[outputs] ?? end, cut === size)
    }
  })

  it('loses no more than the torn piece, at whichever byte the output ends', () => {
    const { dir, copy, ends, end } = smallLog()
    for (let cut = 0; cut <= end - KIB; cut++) {
      truncateSync(join(copyTo(dir, copy), '0000000001.out'), cut)
      const whole = ends.findLast((each) => each - KIB <= cut) ?? KIB
      checkWhole(copy, whole, cut === end - KIB)
    }
  })

  it('does not show bytes that no record vouches for', () => {
    const { dir, copy, end } = smallLog()
    const out = join(copyTo(dir, copy), '0000000001.out')
    writeFileSync(out, Buffer.concat([readFileSync(out), Buffer.from('never told')]))
    checkWhole(copy, end, true)
  })

  it('cuts where bytes differ from what was written: the last ones at once, all by repair', () => {
    const { dir, copy, ends } = smallLog()
    const last = ends.at(-2) ?? 0
    flipByte(join(copyTo(dir, copy), '0000000001.out'), last - KIB)
    checkWhole(copy, last, false)
    const middle = ends[3] ?? 0
    flipByte(join(copyTo(dir, copy), '0000000001.out'), middle - KIB)
    expect(repairSessionLog(copy)).toMatchObject({ end: middle })
    checkWhole(copy, middle, false)
  })

  it('begins behind a hole', () => {
    const log = newLog({ maxBytes: 64 * KIB, segmentBytes: 1 * KIB })
    log.append(outputFrom(0, 5_000))
    log.close()
    truncateSync(join(log.dir, '0000000002.out'), 1_000)
    expect(follow(log.dir)).toMatchObject({ start: 3 * KIB, end: 5_000 })
    expect(repairSessionLog(log.dir)).toMatchObject({ start: 3 * KIB, end: 5_000 })
    expect(readdirSync(log.dir)).toHaveLength(5)
  })

  it('is not led astray by names that are not ours', () => {
    const { dir, end } = smallLog()
    for (const name of ['9999999999.out', '00000000007.idx', 'x.out', '1.idx', 'meta.json.tmp'])
      writeFileSync(join(dir, name), 'garbage')
    checkWhole(dir, end, true)
  })

  it('shows only bytes that were written, whatever happens to its files', () => {
    const { dir, copy, end } = smallLog()
    const names = readdirSync(dir)
    const damage: fc.Arbitrary<Damage> = fc.record({
      name: fc.constantFrom(...names),
      what: fc.constantFrom('flip', 'cut', 'zero', 'append', 'remove', 'swap'),
      at: fc.nat(1_100),
      other: fc.constantFrom(...names),
    })
    function hurt({ name, what, at, other }: Damage) {
      const path = join(copy, name)
      if (what === 'remove') return rmSync(path, { force: true })
      if (!readdirSync(copy).includes(name)) return writeFileSync(path, 'new')
      const bytes = readFileSync(path)
      if (what === 'flip' && at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
      if (what === 'zero') bytes.fill(0, at)
      if (what === 'cut') return truncateSync(path, Math.min(at, bytes.length))
      if (what === 'append') return writeFileSync(path, Buffer.concat([bytes, bytes]))
      if (what === 'swap' && readdirSync(copy).includes(other))
        return copyFileSync(join(copy, other), path)
      writeFileSync(path, bytes)
    }
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (damages) => {
        copyTo(dir, copy)
        for (const each of damages) hurt(each)
        try {
          const before = openLogReader(copy)
          for (const _ of before.records());
          readAll(before)
          before.close()
          const repaired = repairSessionLog(copy)
          expect(repaired.end).toBeLessThanOrEqual(end)
          const after = openLogReader(copy)
          expect(after).toMatchObject({ start: repaired.start, end: repaired.end })
          // Only the last segment's bytes are checked; the others are all there, and that is that.
          const from = Math.max(after.start, Math.floor(after.end / KIB) * KIB)
          expect(readAll(after, from).equals(outputFrom(from, after.end - from))).toBe(true)
          for (const record of after.records())
            expect(record.offset).toBeGreaterThanOrEqual(after.start)
          after.close()
        } catch (error) {
          if (!isPtySessionError(error, 'LOG_CORRUPT')) throw error
        }
      }),
      { numRuns: 500 },
    )
  })
})
