import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { OUTPUT_HEADROOM } from '@conductor/protocol'
import { fakeClock, temporaryFolder, until } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { faultyFs } from './faulty-fs.ts'
import { openLogReader } from './log-reader.ts'
import { makeLog, outputFrom, readAll } from './log-testing.ts'
import { createSessionLog, type SessionLog, type SessionLogOptions } from './session-log.ts'

const KIB = 1024

const newLog = (options: Partial<SessionLogOptions> = {}) => makeLog(onTestFinished, options)

describe('createSessionLog', () => {
  it('gives back what was appended, from any offset', () => {
    const log = newLog()
    for (let at = 0; at < 300 * KIB; at = log.end)
      expect(log.append(outputFrom(at, 7_001))).toEqual({ ok: true })
    for (const from of [0, 1, 131_071, 131_072, 140_000, log.end - 1, log.end])
      expect(readAll(log, from).equals(outputFrom(from, log.end - from))).toBe(true)
  })

  it('reads blocks that end at multiples of 128 KiB, with room for a header before them', () => {
    const log = newLog()
    log.append(outputFrom(0, 200 * KIB))
    const block = log.read(100)
    if (block.kind !== 'bytes') throw new Error(block.kind)
    expect(block.start).toBe(OUTPUT_HEADROOM)
    expect(block.end - block.start).toBe(128 * KIB - 100)
    expect(log.read(128 * KIB)).toMatchObject({
      offset: 128 * KIB,
      end: OUTPUT_HEADROOM + 72 * KIB,
    })
  })

  it('reads once for all viewers, and again when there is more', () => {
    const log = newLog()
    log.append(outputFrom(0, 100))
    const first = log.read(0)
    expect(log.read(0)).toBe(first)
    log.append(outputFrom(100, 100))
    expect(log.read(0)).toMatchObject({ end: OUTPUT_HEADROOM + 200 })
  })

  it('allocates for a small read only what it needs', () => {
    const log = newLog()
    log.append(outputFrom(0, 5))
    expect(log.read(0)).toMatchObject({ buffer: { length: OUTPUT_HEADROOM + 5 } })
  })

  it('keeps everything to its owner', () => {
    const log = newLog()
    expect(statSync(log.dir).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(log.dir))
      expect(statSync(join(log.dir, name)).mode & 0o777).toBe(0o600)
  })

  it('refuses a folder that holds a log already, and values out of range', () => {
    const { dir } = newLog()
    const code = (options: Partial<SessionLogOptions>) => {
      try {
        createSessionLog({ dir: join(dir, 'x'), epoch: 'e', ...options })
      } catch (error) {
        return error
      }
      return undefined
    }
    expect(code({ dir })).toMatchObject({ code: 'LOG_IN_USE' })
    expect(code({ epoch: '' })).toMatchObject({ code: 'BAD_OPTION' })
    expect(code({ maxBytes: 64 * KIB - 1 })).toMatchObject({ code: 'BAD_OPTION' })
    expect(code({ segmentBytes: 1.5 })).toMatchObject({ code: 'BAD_OPTION' })
    expect(code({ dir: join(dir, 'meta.json', 'x') })).toMatchObject({ code: 'LOG_UNWRITABLE' })
  })

  it('keeps at least the cap and at most one segment more, whatever the pieces', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 80 }),
        fc.array(fc.integer({ min: 1, max: 90 * KIB }), { maxLength: 40, size: 'max' }),
        (segmentKib, lengths) => {
          const segmentBytes = segmentKib * KIB
          const log = newLog({ maxBytes: 64 * KIB, segmentBytes })
          for (const length of lengths) {
            log.append(outputFrom(log.end, length))
            const kept = log.end - log.start
            expect(kept).toBeLessThan(64 * KIB + segmentBytes)
            expect(kept).toBeGreaterThanOrEqual(Math.min(log.end, 64 * KIB))
          }
          expect(readAll(log).equals(outputFrom(log.start, log.end - log.start))).toBe(true)
          if (log.start > 0)
            expect(log.read(log.start - 1)).toEqual({
              kind: 'gap',
              from: log.start - 1,
              to: log.start,
            })
          const onDisk = readdirSync(log.dir).filter((name) => name.endsWith('.out')).length
          expect(onDisk).toBe(Math.ceil(log.end / segmentBytes || 1) - log.start / segmentBytes)
          log.close()
        },
      ),
      { numRuns: 40, endOnFailure: true },
    )
  })

  it('does not let the index outgrow the output of a program that dribbles', () => {
    const log = newLog({ maxBytes: 64 * KIB, segmentBytes: 64 * KIB })
    for (let i = 0; i < 20_000; i++) {
      log.append(outputFrom(log.end, 1))
      log.recordInput({ clientId: 'c', seq: i + 1, length: 1 })
    }
    expect(statSync(join(log.dir, '0000000000.idx')).size).toBeLessThan(64 * KIB + 20_000 / 8 + 64)
    const reader = openLogReader(log.dir)
    expect(readAll(reader).equals(outputFrom(0, 20_000))).toBe(true)
    reader.close()
  })

  it('remembers sizes, typing and the exit in their order', () => {
    const clock = fakeClock()
    const log = newLog({ clock })
    log.recordResize({ cols: 80, rows: 24 })
    log.recordResize({ cols: 90, rows: 30 })
    log.append(outputFrom(0, 10))
    clock.advance(1_500)
    log.recordInput({ clientId: 'someone', seq: 1, length: 3 })
    log.append(outputFrom(10, 5))
    log.recordExit({ code: undefined, signal: 'SIGKILL' })
    expect(log.lastExit).toEqual({ code: undefined, signal: 'SIGKILL', offset: 15 })
    const reader = openLogReader(log.dir)
    onTestFinished(() => reader.close())
    const records = [...reader.records()]
    expect(records).toMatchObject([
      { type: 'resize', offset: 0, size: { cols: 90, rows: 30 } },
      { type: 'output', offset: 0, length: 10 },
      { type: 'input', offset: 10, seq: 1, length: 3 },
      { type: 'output', offset: 10, length: 5 },
      { type: 'exit', offset: 15, signal: 'SIGKILL' },
    ])
    expect((records[3]?.timeMs ?? 0) - (records[1]?.timeMs ?? 0)).toBe(1_500)
  })

  it('begins every segment with the size, so that each can be replayed alone', () => {
    const log = newLog({ maxBytes: 64 * KIB, segmentBytes: 16 * KIB })
    log.recordResize({ cols: 100, rows: 40 })
    for (let i = 0; i < 20; i++) log.append(outputFrom(log.end, 8 * KIB))
    const reader = openLogReader(log.dir)
    onTestFinished(() => reader.close())
    expect(reader.start).toBeGreaterThan(0)
    const [first] = reader.records()
    expect(first).toMatchObject({
      type: 'resize',
      offset: reader.start,
      size: { cols: 100, rows: 40 },
    })
  })

  it('holds two descriptors while it is open and none after', () => {
    const fs = faultyFs()
    const log = newLog({ fs, maxBytes: 64 * KIB })
    for (let i = 0; i < 30; i++) log.append(outputFrom(log.end, 10 * KIB))
    expect(fs.openFds.size).toBe(2)
    readAll(log)
    expect(fs.openFds.size).toBeLessThanOrEqual(4)
    log.close()
    log.close()
    expect(fs.openFds.size).toBe(0)
    expect(log.append(outputFrom(0, 1))).toMatchObject({ ok: false, error: { code: 'LOG_CLOSED' } })
    expect(() => log.read(log.start)).toThrow('LOG_CLOSED')
  })

  it('takes every number that the date, the exit and the sizes may have', () => {
    const clock = { ...fakeClock(), date: () => -1 }
    const log = newLog({ clock })
    expect(log.append(outputFrom(0, 1))).toEqual({ ok: true })
    expect(log.recordResize({ cols: 10_000, rows: 10_000 })).toEqual({ ok: true })
    expect(log.recordExit({ code: 0xc0000005, signal: undefined })).toEqual({ ok: true })
    const reader = openLogReader(log.dir)
    onTestFinished(() => reader.close())
    expect(reader.examine().exit).toEqual({ code: 0xc0000005, signal: undefined, offset: 1 })
  })
})

describe('a disk that fails', () => {
  /** Appends over segment ends, with everything else that is recorded, and retries what fails. */
  function story(log: SessionLog): void {
    const insist = (write: () => { readonly ok: boolean }) => {
      for (let tries = 0; !write().ok; tries++) if (tries > 3) throw new Error('never succeeds')
    }
    log.recordResize({ cols: 80, rows: 24 })
    for (const length of [100, 3_000, 1, 5_000, 2_000]) {
      const before = log.end
      const piece = outputFrom(log.end, length)
      insist(() => {
        const result = log.append(piece)
        if (!result.ok) {
          expect(log.end).toBe(before)
          expect(result.error).toMatchObject({ code: 'LOG_UNWRITABLE' })
          expect(readAll(log).equals(outputFrom(log.start, before - log.start))).toBe(true)
        }
        return result
      })
    }
    insist(() => log.recordExit({ code: 7, signal: undefined }))
  }

  for (const how of ['ENOSPC', 'short'])
    for (const fsync of ['never', 'always'] as const)
      it(`leaves the log whole at whichever call it fails, with ${how}, fsync ${fsync}`, () => {
        const rehearsal = faultyFs()
        const options = { maxBytes: 64 * KIB, segmentBytes: 2 * KIB, fsync }
        const first = newLog({ ...options, fs: rehearsal })
        rehearsal.failAt(-1, '')
        story(first)
        const total = rehearsal.calls
        expect(total).toBeGreaterThan(30)
        for (let call = 0; call < total; call++) {
          const fs = faultyFs()
          const log = newLog({ ...options, fs })
          fs.failAt(call, how)
          story(log)
          fs.failAt(-1, '')
          const reader = openLogReader(log.dir)
          expect(readAll(reader).equals(outputFrom(0, log.end))).toBe(true)
          expect(reader.examine()).toMatchObject({ end: 10_101, exit: { code: 7, offset: 10_101 } })
          const sizes = [...reader.records()].filter((record) => record.type === 'resize')
          expect(sizes.map((record) => record.offset)).toEqual([0, 2_048, 4_096, 6_144, 8_192])
          reader.close()
          log.close()
          expect(fs.openFds.size).toBe(0)
        }
      })

  it('never loses a byte that was told, also when its record was being extended', () => {
    const fs = faultyFs()
    const log = newLog({ fs, maxBytes: 64 * KIB, segmentBytes: 64 * KIB })
    for (let i = 0; i < 3_000; i++) log.append(outputFrom(log.end, 1))
    const told = log.end
    // The bytes are written, half of the extended record is, and then somebody resizes.
    fs.failAt(1, 'short')
    expect(log.append(outputFrom(told, 1))).toMatchObject({ ok: false })
    fs.failAt(-1, '')
    expect(log.recordResize({ cols: 1, rows: 1 })).toEqual({ ok: true })
    const reader = openLogReader(log.dir)
    onTestFinished(() => reader.close())
    expect(reader.end).toBe(told)
    expect(log.append(outputFrom(told, 1))).toEqual({ ok: true })
    reader.examine()
    expect(readAll(reader).equals(outputFrom(0, told + 1))).toBe(true)
  })

  it('says what is wrong when a log cannot be begun, and leaves nothing behind that hinders the next try', () => {
    for (let call = 0; ; call++) {
      const fs = faultyFs()
      const dir = join(temporaryFolder(onTestFinished), 'log')
      fs.failAt(call, 'EMFILE')
      try {
        createSessionLog({ dir, epoch: 'e', fs, fsync: 'always' }).close()
        if (fs.calls <= call) return
        fs.failAt(-1, '')
      } catch (error) {
        expect(error).toMatchObject({ code: 'LOG_UNWRITABLE', cause: { code: 'EMFILE' } })
        fs.failAt(-1, '')
        createSessionLog({ dir, epoch: 'e', fs }).close()
      }
      expect(fs.openFds.size).toBe(0)
    }
  })

  it('goes on when an old segment cannot be removed, and removes it later', () => {
    const fs = faultyFs()
    const troubles: unknown[] = []
    const log = newLog({
      fs,
      maxBytes: 64 * KIB,
      segmentBytes: 16 * KIB,
      onTrouble: (error) => troubles.push(error),
    })
    fs.failAll('remove', 'EBUSY')
    for (let i = 0; i < 10; i++) log.append(outputFrom(log.end, 16 * KIB))
    expect(troubles).not.toHaveLength(0)
    expect(log.start).toBeGreaterThan(0)
    fs.failAll(undefined)
    log.append(outputFrom(log.end, 16 * KIB))
    expect(readdirSync(log.dir).filter((name) => name.endsWith('.out'))).toHaveLength(4)
  })

  it('reads again when a read has failed', () => {
    const fs = faultyFs()
    const log = newLog({ fs, maxBytes: 64 * KIB, segmentBytes: 16 * KIB })
    log.append(outputFrom(0, 40 * KIB))
    for (const [kind, code] of [
      ['open', 'EMFILE'],
      ['read', 'EIO'],
    ] as const) {
      fs.failAll(kind, code)
      expect(() => log.read(0)).toThrow(/LOG_UNREADABLE\] cannot read .*\.out: E/)
      fs.failAll(undefined)
    }
    expect(readAll(log).equals(outputFrom(0, 40 * KIB))).toBe(true)
  })
})

describe('fsync', () => {
  it('never asks the disk with `never`', () => {
    const fs = faultyFs()
    fs.failAll('sync')
    const log = newLog({ fs })
    expect(log.append(outputFrom(0, 10))).toEqual({ ok: true })
    log.close()
  })

  it('asks before anybody is told with `always`', () => {
    const fs = faultyFs()
    const log = newLog({ fs, fsync: 'always' })
    fs.failAll('sync')
    expect(log.append(outputFrom(0, 10))).toMatchObject({ ok: false })
    expect(log.end).toBe(0)
    fs.failAll(undefined)
    expect(log.append(outputFrom(0, 10))).toEqual({ ok: true })
    expect(log.end).toBe(10)
  })

  it('asks at most every second with `interval`, and once more at the end', async () => {
    const synced: string[] = []
    const fs = {
      ...faultyFs(),
      syncLater: async (path: string) => void synced.push(path.slice(-14)),
    }
    const clock = fakeClock()
    const log = newLog({ fs, fsync: 'interval', clock })
    log.append(outputFrom(0, 10))
    log.append(outputFrom(10, 10))
    clock.advance(999)
    expect(synced).toEqual([])
    clock.advance(1)
    await until(() => synced.length === 2)
    expect(synced).toEqual(['0000000000.out', '0000000000.idx'])
    expect(clock.pending).toBe(0)
    log.append(outputFrom(20, 10))
    log.close()
    expect(clock.pending).toBe(0)
    expect(readFileSync(join(log.dir, '0000000000.out')).equals(outputFrom(0, 30))).toBe(true)
  })
})
