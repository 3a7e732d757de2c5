import { once } from 'node:events'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isProcessManagerError, type ProcessManagerError } from '../process-manager-error.ts'
import { removeLog } from './log-files.ts'
import type { LogPiece } from './log-store.ts'
import { openProcessLog, type ProcessLog, type ProcessLogOptions } from './process-log.ts'
import { firstWrongByte, memoryFolder, readAll, startWriter } from './testing/log-writer.ts'

const MIB = 1024 * 1024
/** The smallest part. */
const PART = 64 * 1024

function freshFolder(): string {
  return join(temporaryFolder(onTestFinished), 'web')
}

function open(options: Partial<ProcessLogOptions> = {}): ProcessLog {
  const log = openProcessLog({ folder: freshFolder(), ...options })
  onTestFinished(() => log.close())
  return log
}

function put(log: ProcessLog, text: string | Buffer): void {
  writeSync(log.fd, Buffer.from(text))
}

/** Records from the first one on, as the writer would write them. */
function putRecords(log: ProcessLog, totalBytes: number): void {
  let { endOffset } = log.size()
  for (; totalBytes > 0; totalBytes -= 128, endOffset += 128) {
    put(log, `${String(endOffset / 128).padStart(127, '.')}\n`)
  }
}

function diskBytes(path: string): number {
  return statSync(path).blocks * 512
}

function partsOf(log: ProcessLog): string[] {
  return readdirSync(join(log.path, '..')).filter((name) => /\d{16}$/.test(name))
}

/** Collects what a follower sees, until the test ends. */
function collect(pieces: AsyncIterable<LogPiece>): { pieces: LogPiece[]; ended: Promise<void> } {
  const seen: LogPiece[] = []
  const ended = (async () => {
    for await (const piece of pieces) seen.push(piece)
  })()
  return { pieces: seen, ended }
}

describe('a log', () => {
  it('is the output of the daemon, byte by byte, and private', async () => {
    const log = open()
    await once(startWriter(log, onTestFinished, { totalBytes: 1_280, blockBytes: 1_280 }), 'exit')
    expect(log.size()).toEqual({ startOffset: 0, endOffset: 1_280 })
    expect(firstWrongByte(0, readAll(log).bytes)).toBe(-1)
    expect(statSync(log.path).mode & 0o777).toBe(0o600)
    expect(statSync(join(log.path, '..')).mode & 0o777).toBe(0o700)
  })

  const floods = [
    { where: 'on disk', folderOf: freshFolder },
    { where: 'in memory', folderOf: () => memoryFolder(onTestFinished) },
  ]
  it.for(floods)(
    'keeps to its cap under a flood, without a hole or a repeat, $where',
    async ({ folderOf }, { skip }) => {
      const folder = folderOf()
      if (!folder) return skip()
      const log = open({ folder, maxBytes: 4 * MIB, files: 2 })
      const seen = collect(log.follow({ from: 0 })).pieces
      const totalBytes = 200 * MIB
      await once(startWriter(log, onTestFinished, { totalBytes }), 'exit')
      await until(() => diskBytes(log.path) <= 4 * MIB + PART, { timeoutMs: 20_000 })
      await until(() => partsOf(log).length === 2)
      const { offset, bytes } = readAll(log)
      expect(offset + bytes.length).toBe(totalBytes)
      expect(bytes.length).toBeLessThanOrEqual(3 * 4 * MIB)
      expect(bytes.length).toBeGreaterThanOrEqual(2 * 4 * MIB)
      expect(firstWrongByte(offset, bytes)).toBe(-1)
      // The follower: every byte under its own offset, to the end; jumps only forward.
      await until(() => seen.some((piece) => piece.offset + piece.bytes.length === totalBytes))
      let next = 0
      for (const piece of seen) {
        expect(piece.offset).toBeGreaterThanOrEqual(next)
        expect(firstWrongByte(piece.offset, piece.bytes)).toBe(-1)
        next = piece.offset + piece.bytes.length
      }
    },
  )

  it('has files that are the whole of it, in the order of their names', async () => {
    const log = open({ maxBytes: PART, files: 3, rotation: 'collapse' })
    putRecords(log, 3.5 * PART)
    await until(() => partsOf(log).length === 3)
    await until(() => statSync(log.path).size === PART / 2)
    if (log.rotation !== 'collapse') return
    const folder = join(log.path, '..')
    const all = [...partsOf(log).sort(), 'daemon.log'].map((name) =>
      readFileSync(join(folder, name)),
    )
    expect(firstWrongByte(0, Buffer.concat(all))).toBe(-1)
    expect(Buffer.concat(all).length).toBe(3.5 * PART)
  })

  it('loses nothing of what was written before it is cut', async () => {
    const log = open({ maxBytes: PART, files: 2, rotation: 'truncate' })
    for (const rounds of [1.5, 3, 4.5]) {
      putRecords(log, 1.5 * PART)
      await until(() => statSync(log.path).size === 0)
      await until(() => log.size().endOffset === rounds * PART)
      const { offset, bytes } = readAll(log)
      expect(offset + bytes.length).toBe(rounds * PART)
      expect(firstWrongByte(offset, bytes)).toBe(-1)
    }
    expect(log.rotation).toBe('truncate')
    expect(partsOf(log)).toHaveLength(2)
  })

  it('falls back to what the file system can do', async (test) => {
    const folder = memoryFolder(onTestFinished)
    if (!folder) return test.skip()
    const log = open({ folder, maxBytes: PART, rotation: 'collapse' })
    putRecords(log, 1.5 * PART)
    await until(() => log.rotation === 'punch')
    expect(firstWrongByte(0, readAll(log).bytes)).toBe(-1)
    expect(readAll(log).bytes.length).toBe(1.5 * PART)
  })

  it('keeps its offsets when another manager opens it, while the daemon writes', async () => {
    const folder = freshFolder()
    const options = { folder, maxBytes: MIB, files: 2 }
    const first = open(options)
    const writer = startWriter(first, onTestFinished, { totalBytes: 12 * MIB, pauseMs: 3 })
    await until(() => first.size().startOffset > 0)
    await first.close()
    const second = open(options)
    await until(() => writer.exitCode === 0, { timeoutMs: 15_000 })
    await until(() => diskBytes(second.path) <= MIB + PART)
    const { offset, bytes } = readAll(second)
    expect(offset + bytes.length).toBe(12 * MIB)
    expect(firstWrongByte(offset, bytes)).toBe(-1)
  })

  it('drops a copy that an earlier manager was not able to finish', () => {
    const folder = freshFolder()
    mkdirSync(folder)
    writeFileSync(join(folder, 'daemon.log'), 'one\ntwo\n')
    writeFileSync(join(folder, 'daemon.log.0000000000000000'), 'one\n')
    writeFileSync(join(folder, 'daemon.log.note'), '{"base":0,"front":0,"token":"a"}')
    const log = open({ folder })
    expect(partsOf(log)).toEqual([])
    expect(readAll(log)).toEqual({ offset: 0, bytes: Buffer.from('one\ntwo\n') })
  })

  it('goes on when somebody else has cut it short', async () => {
    const log = open()
    const { pieces } = collect(log.follow({ from: 0 }))
    put(log, 'before\n')
    await until(() => pieces.length === 1)
    truncateSync(log.path, 0)
    await until(() => log.size().startOffset === 7)
    put(log, 'after\n')
    await until(() => pieces.length === 2)
    expect(pieces[1]).toEqual({ offset: 7, bytes: Buffer.from('after\n') })
  })

  it('lets go of a part for which there is no space, and shrinks all the same', async () => {
    const folder = freshFolder()
    const troubles: ProcessManagerError[] = []
    const onTrouble = (trouble: ProcessManagerError) => void troubles.push(trouble)
    const log = open({ folder, maxBytes: PART, onTrouble })
    // Nothing can be written here, as on a full disk.
    mkdirSync(join(folder, 'daemon.log.0000000000065536', 'in the way'), { recursive: true })
    putRecords(log, 3.5 * PART)
    await until(() => diskBytes(log.path) <= PART)
    expect(troubles.every((each) => isProcessManagerError(each, 'UNWRITABLE'))).toBe(true)
    expect(troubles).not.toHaveLength(0)
    expect(log.size().endOffset).toBe(3.5 * PART)
    const afterGap = log.read({ from: PART })
    expect(afterGap.offset).toBe(2 * PART)
    expect(firstWrongByte(afterGap.offset, afterGap.bytes)).toBe(-1)
    expect(log.read({ from: 0, maxBytes: MIB }).bytes.length).toBe(PART)
  })

  it('does not write through a link', () => {
    const folder = temporaryFolder(onTestFinished)
    const victim = join(folder, 'victim')
    writeFileSync(victim, 'mine')
    for (const name of ['daemon.log', 'daemon.log.note']) {
      const own = join(folder, `of-${name}`)
      mkdirSync(own)
      symlinkSync(victim, join(own, name))
      expect(() => openProcessLog({ folder: own })).toThrow('[process-manager/UNWRITABLE]')
    }
    expect(readFileSync(victim, 'utf8')).toBe('mine')
  })

  it('refuses sizes that are none', () => {
    for (const bad of [{ maxBytes: 0 }, { maxBytes: 1.5 }, { files: -1 }, { files: 1_001 }]) {
      expect(() => openProcessLog({ folder: '/nowhere', ...bad })).toThrow(
        '[process-manager/BAD_SPEC] logs.',
      )
    }
  })

  it('is gone with all its parts when it is removed, and nothing else is', async () => {
    const folder = freshFolder()
    const log = open({ folder, maxBytes: PART })
    writeFileSync(join(folder, 'daemon.pid'), '1')
    putRecords(log, 2.5 * PART)
    await until(() => partsOf(log).length === 2)
    await log.close()
    removeLog(folder)
    expect(readdirSync(folder)).toEqual(['daemon.pid'])
    removeLog(join(folder, 'never', 'there'))
  })
})

describe('reading a log', () => {
  it('has the last lines at once, also those before the live file', async () => {
    const log = open({ maxBytes: PART, rotation: 'truncate' })
    expect(log.tail()).toHaveLength(0)
    putRecords(log, 1.5 * PART)
    await until(() => statSync(log.path).size === 0)
    put(log, 'one\ntwo')
    const last = `${String((1.5 * PART) / 128 - 1).padStart(127, '.')}\n`
    expect(String(log.tail({ lines: 3 }))).toBe(`${last}one\ntwo`)
    expect(String(log.tail({ lines: 1 }))).toBe('two')
    put(log, '\n\n')
    expect(String(log.tail({ lines: 2 }))).toBe('two\n\n')
    expect(String(log.tail({ lines: 0 }))).toBe('')
    expect(String(log.tail({ lines: 9, maxBytes: 4 }))).toBe('wo\n\n')
  })

  it('says from where on it can', () => {
    const log = open()
    put(log, 'hello')
    expect(log.read({ from: 1, maxBytes: 3 })).toEqual({ offset: 1, bytes: Buffer.from('ell') })
    expect(log.read({ from: 99 })).toEqual({ offset: 5, bytes: Buffer.alloc(0) })
  })

  it('follows from the end, from some lines before it, and ends with the log or a signal', async () => {
    const log = open()
    put(log, 'one\ntwo\n')
    const abort = new AbortController()
    const fromEnd = collect(log.follow())
    const fromLine = collect(log.follow({ from: { lines: 1 }, signal: abort.signal }))
    put(log, Buffer.from([0xe2, 0x82]))
    await until(() => fromEnd.pieces.length === 1)
    put(log, Buffer.from([0xac]))
    await until(() => fromEnd.pieces.length === 2)
    abort.abort()
    await fromLine.ended
    expect(String(Buffer.concat(fromLine.pieces.map(({ bytes }) => bytes)))).toBe('two\n€')
    expect(fromEnd.pieces).toEqual([
      { offset: 8, bytes: Buffer.from([0xe2, 0x82]) },
      { offset: 10, bytes: Buffer.from([0xac]) },
    ])
    await Promise.all([log.close(), log.close()])
    await fromEnd.ended
  })

  it('hears lines, until it wants no more', async () => {
    const log = open()
    const lines: string[] = []
    const stop = log.watchLines(0, (line) => lines.push(line))
    put(log, 'one\r\ntw')
    await until(() => lines.length === 1)
    put(log, 'o €\nthr')
    await until(() => lines.length === 2)
    stop()
    put(log, 'ee\n')
    const last: string[] = []
    log.watchLines(0, (line) => last.push(line))
    await until(() => last.length === 3)
    expect(lines).toEqual(['one', 'two €'])
    expect(last).toEqual(['one', 'two €', 'three'])
  })

  it('has notes of the manager on lines of their own', () => {
    const log = open()
    put(log, 'half a line')
    log.note('restarted\nagain')
    log.note('stopped')
    expect(String(log.tail())).toMatch(
      /^half a line\n-- \d{4}-\S+Z restarted again\n-- \d{4}-\S+Z stopped\n$/,
    )
  })
})
