import { crc32 } from 'node:zlib'
import { closeQuietly, isMissing, type LogFs, readUpTo } from './log-fs.ts'
import { BLOCK_BYTES, indexPath, outPath, segmentNumbers } from './log-layout.ts'
import type { LogMeta } from './log-meta.ts'
import { decodeRecord, type LogRecord, RECORD_BYTES } from './log-record.ts'

/** Read at a time from an index, in bytes: a multiple of the record's size. */
const CHUNK_BYTES = 64 * 1024

/** What counts of a log on the disk. Whatever else is there was never told to anybody. */
export interface LogScan {
  readonly start: number
  readonly end: number
  /** The segments that hold `start` to `end`, in order; the last one may be without a byte. */
  readonly segments: readonly number[]
  /** How much of the last segment counts. */
  readonly last: SegmentScan | undefined
}

export interface SegmentScan {
  /** The log's offset behind the last good byte. */
  readonly end: number
  readonly indexBytes: number
}

/**
 * `last`: bytes are checked backwards from the end, until a record's are right. Cheap, and
 * enough after a process has died. `all`: every byte of the last segment is, for after a power cut.
 */
export type Thoroughness = 'last' | 'all'

/**
 * Finds the latest run of whole segments and the end of the last one. Only what the system says is
 * thrown: no content of any file is an error.
 */
export function scanLog(
  fs: LogFs,
  dir: string,
  { segmentBytes }: LogMeta,
  thoroughness: Thoroughness,
): LogScan {
  const numbers = segmentNumbers(fs.list(dir), segmentBytes)
  let best: LogScan | undefined
  while (numbers.length > 0) {
    const segments = popRun(fs, dir, numbers, segmentBytes)
    const number = segments.at(-1) ?? 0
    const last = scanSegment(fs, dir, number, segmentBytes, thoroughness)
    const start = (segments[0] ?? 0) * segmentBytes
    const scan = { start, end: last.end, segments, last }
    if (scan.end > start) return scan
    // Nothing in it: perhaps a stray name, perhaps a writer that had just begun.
    best ??= scan
  }
  return best ?? { start: 0, end: 0, segments: [], last: undefined }
}

/** Takes the last segments off `numbers`, as many as follow each other with all their bytes. */
function popRun(fs: LogFs, dir: string, numbers: number[], segmentBytes: number): number[] {
  const run: number[] = []
  for (let number = numbers.pop(); number !== undefined; number = numbers.pop()) {
    run.unshift(number)
    const before = numbers.at(-1)
    if (before !== number - 1 || outSize(fs, dir, before) < segmentBytes) break
  }
  return run
}

/** How far the records of one segment, and the bytes they vouch for, are good. */
function scanSegment(
  fs: LogFs,
  dir: string,
  number: number,
  segmentBytes: number,
  thoroughness: Thoroughness,
): SegmentScan {
  const start = number * segmentBytes
  let end = start
  let indexBytes = 0
  const check = openCheck(fs, dir, number, start)
  try {
    const outputs: { readonly record: LogRecord & { type: 'output' }; readonly at: number }[] = []
    for (const record of segmentRecords(fs, dir, number, segmentBytes)) {
      if (record.type === 'output') {
        if (thoroughness === 'all' && !check.isGood(record)) break
        outputs.push({ record, at: indexBytes })
        end = record.offset + record.length
      }
      indexBytes += RECORD_BYTES
    }
    if (thoroughness === 'last') {
      for (let last = outputs.pop(); last && !check.isGood(last.record); last = outputs.pop()) {
        end = last.record.offset
        indexBytes = last.at
      }
    }
    return { end, indexBytes }
  } finally {
    check.close()
  }
}

/** Compares bytes with their record's checksum. */
function openCheck(fs: LogFs, dir: string, number: number, start: number) {
  const fd = openIfThere(fs, outPath(dir, number))
  let buffer: Buffer | undefined
  return {
    isGood({ offset, length, crc32: expected }: LogRecord & { type: 'output' }): boolean {
      if (fd === undefined) return false
      buffer ??= Buffer.allocUnsafeSlow(BLOCK_BYTES)
      const got = readUpTo(fs, fd, buffer, 0, length, offset - start)
      return got === length && crc32(buffer.subarray(0, length)) === expected
    },
    close() {
      if (fd !== undefined) closeQuietly(fs, fd)
    },
  }
}

/** The records of one segment in order, up to the first that is torn or does not fit the ones before. */
export function* segmentRecords(
  fs: LogFs,
  dir: string,
  number: number,
  segmentBytes: number,
): Generator<LogRecord, void, undefined> {
  const fd = openIfThere(fs, indexPath(dir, number))
  if (fd === undefined) return
  try {
    const wholeBytes = Math.ceil(fs.size(fd) / RECORD_BYTES) * RECORD_BYTES
    const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, wholeBytes))
    const segmentEnd = (number + 1) * segmentBytes
    let end = number * segmentBytes
    for (let position = 0; buffer.length > 0; position += buffer.length) {
      const got = readUpTo(fs, fd, buffer, 0, buffer.length, position)
      for (let at = 0; at + RECORD_BYTES <= got; at += RECORD_BYTES) {
        const record = decodeRecord(buffer, at)
        if (!record || record.offset !== end) return
        if (record.type === 'output') {
          end += record.length
          if (record.length === 0 || record.length > BLOCK_BYTES || end > segmentEnd) return
        }
        yield record
      }
      if (got < buffer.length) return
    }
  } finally {
    closeQuietly(fs, fd)
  }
}

function outSize(fs: LogFs, dir: string, number: number): number {
  const fd = openIfThere(fs, outPath(dir, number))
  if (fd === undefined) return 0
  try {
    return fs.size(fd)
  } finally {
    closeQuietly(fs, fd)
  }
}

function openIfThere(fs: LogFs, path: string): number | undefined {
  try {
    return fs.open(path, 'read')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}
