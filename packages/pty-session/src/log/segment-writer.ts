import { crc32 } from 'node:zlib'
import type { TerminalSize } from '../types.ts'
import { closeQuietly, type LogFs, removeQuietly, writeAll } from './log-fs.ts'
import { BLOCK_BYTES, indexPath, outPath } from './log-layout.ts'
import { encodeOutput, encodeResize, RECORD_BYTES } from './log-record.ts'

/** An index may take this much and an eighth of its segment's bytes; then it becomes coarser. */
const INDEX_FLOOR_BYTES = 64 * 1024
const INDEX_SHARE = 1 / 8

/** The one segment that grows. Writing throws what the system says: call `rewind` then. */
export interface SegmentWriter {
  readonly number: number
  /** The log's offset behind the last byte that fits in here. */
  readonly end: number
  readonly outFd: number
  /** Writes a piece of at most 128 KiB that comes at `offset` of the log: the bytes, then their record. */
  output(bytes: Uint8Array, at: number, length: number, offset: number, timeMs: number): void
  /** A size replaces one at the same offset: nothing was said in between. */
  resize(size: TerminalSize, offset: number, timeMs: number): void
  /** Writes another record. */
  note(record: Buffer): void
  /** Whether the index has used up its share: then what is only nice to know is left out. */
  isFull(offset: number): boolean
  sync(): void
  /** Remembers where we are. */
  mark(): void
  /** Forgets what came after `mark`: it will be written over. */
  rewind(): void
  close(): void
  /** Closes and removes both files. */
  discard(): void
}

/** @param keptBytes How much of a dead writer's index counts, to go on behind it (default: a new segment). */
export function openSegment(
  fs: LogFs,
  dir: string,
  number: number,
  segmentBytes: number,
  keptBytes?: number,
): SegmentWriter {
  const paths = { out: outPath(dir, number), index: indexPath(dir, number) }
  const start = number * segmentBytes
  const how = keptBytes === undefined ? 'create' : 'modify'
  const outFd = fs.open(paths.out, how)
  const indexFd = openOrUndo()
  // The index's length and its last record, as far as the next may be merged into it. Two objects
  // for life, because an append must not allocate.
  const last = {
    indexEnd: keptBytes ?? 0,
    type: 'other' as 'output' | 'resize' | 'other',
    offset: start,
    timeMs: 0,
    length: 0,
    crc: 0,
    cols: 0,
    rows: 0,
  }
  const marked = { ...last }
  /** The last record was written over since `mark`. */
  let replaced = false
  /** The last record on the disk may not be `last`: a write over it failed, or is forgotten. */
  let doubtful = false

  function openOrUndo(): number {
    try {
      return fs.open(paths.index, how)
    } catch (error) {
      closeQuietly(fs, outFd)
      if (keptBytes === undefined) removeQuietly(fs, paths.out)
      throw error
    }
  }

  function put(record: Buffer): void {
    writeAll(fs, indexFd, record, 0, RECORD_BYTES, last.indexEnd)
    last.indexEnd += RECORD_BYTES
  }

  function putOverLast(record: Buffer): void {
    replaced = true
    writeAll(fs, indexFd, record, 0, RECORD_BYTES, last.indexEnd - RECORD_BYTES)
    doubtful = false
  }

  function settle(): void {
    if (!doubtful) return
    putOverLast(
      last.type === 'resize'
        ? encodeResize(last.offset, last.timeMs, last)
        : encodeOutput(last.offset, last.timeMs, last.length, last.crc),
    )
  }

  function isFull(offset: number): boolean {
    return last.indexEnd > INDEX_FLOOR_BYTES + (offset - start) * INDEX_SHARE
  }

  return {
    number,
    end: start + segmentBytes,
    outFd,
    output(bytes, at, length, offset, timeMs) {
      settle()
      const piece = length === bytes.length ? bytes : bytes.subarray(at, at + length)
      writeAll(fs, outFd, bytes, at, length, offset - start)
      if (last.type === 'output' && isFull(offset) && last.length + length <= BLOCK_BYTES) {
        // A program that dribbles would make an index of many times its output. So the last record
        // is extended in its place; what gets lost is the time of each single byte.
        const crc = crc32(piece, last.crc)
        putOverLast(encodeOutput(last.offset, last.timeMs, last.length + length, crc))
        last.length += length
        last.crc = crc
        return
      }
      const crc = crc32(piece)
      put(encodeOutput(offset, timeMs, length, crc))
      last.type = 'output'
      last.offset = offset
      last.timeMs = timeMs
      last.length = length
      last.crc = crc
    },
    resize({ cols, rows }, offset, timeMs) {
      settle()
      const record = encodeResize(offset, timeMs, { cols, rows })
      if (last.type === 'resize' && last.offset === offset) putOverLast(record)
      else put(record)
      Object.assign(last, { type: 'resize', offset, timeMs, cols, rows })
    },
    note(record) {
      // Not for `record` to be lost in: every record is encoded in the same bytes.
      if (doubtful) {
        const kept = Buffer.from(record)
        settle()
        put(kept)
      } else put(record)
      last.type = 'other'
    },
    isFull,
    sync() {
      fs.sync(outFd)
      fs.sync(indexFd)
    },
    mark() {
      replaced = false
      Object.assign(marked, last)
    },
    rewind() {
      if (replaced) doubtful = true
      Object.assign(last, marked)
    },
    close() {
      closeQuietly(fs, outFd)
      closeQuietly(fs, indexFd)
    },
    discard() {
      closeQuietly(fs, outFd)
      closeQuietly(fs, indexFd)
      // The index first: bytes without a record count for nothing.
      removeQuietly(fs, paths.index)
      removeQuietly(fs, paths.out)
    },
  }
}
