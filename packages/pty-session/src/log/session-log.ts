import { join } from 'node:path'
import { type Clock, systemClock } from '@conductor/machine'
import { PtySessionError } from '../pty-session-error.ts'
import type { FsyncPolicy, LogReader, SessionExit, TerminalSize } from '../types.ts'
import { createIntervalSync } from './interval-sync.ts'
import { type LogFs, nodeLogFs, removeQuietly } from './log-fs.ts'
import { BLOCK_BYTES, indexPath, META_FILE, outPath } from './log-layout.ts'
import { messageOf, SEGMENT_BYTES_RANGE, writeMeta } from './log-meta.ts'
import { createLogReads } from './log-reads.ts'
import { encodeExit, encodeInput } from './log-record.ts'
import type { LogResumption } from './resume-log.ts'
import { openSegment, type SegmentWriter } from './segment-writer.ts'

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024
const LEAST_MAX_BYTES = 64 * 1024
const LARGEST_DEFAULT_SEGMENT_BYTES = 4 * 1024 * 1024
const LONGEST_EPOCH = 64

export interface SessionLogOptions {
  /** Absolute. Made with mode 0700 where it is missing; must not hold a log yet. */
  readonly dir: string
  /** Random per pty, at most 64 characters: offsets of another epoch mean other bytes. */
  readonly epoch: string
  /** At least this much of the latest output is kept, and at most one segment more (default: 64 MiB, at least 64 KiB). */
  readonly maxBytes?: number | undefined
  /** What is dropped at a time (default: a quarter of `maxBytes`, at most 4 MiB). */
  readonly segmentBytes?: number | undefined
  /** Default: `never`. With `always`, `append` waits for the disk; with `interval`, nothing waits. */
  readonly fsync?: FsyncPolicy | undefined
  /** Goes on with a dead writer's log, in its epoch, instead of starting one. */
  readonly resume?: LogResumption | undefined
  readonly clock?: Clock | undefined
  readonly fs?: LogFs | undefined
  /** A failure that harms nothing now: an old segment that stays, a late sync (default: ignored). */
  readonly onTrouble?: ((error: unknown) => void) | undefined
}

/** `error` is `LOG_UNWRITABLE` with the system's error as its cause, or `LOG_CLOSED`. */
export type AppendResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: PtySessionError }

/** The history of one pty while it is being written. There is only one writer of a log, ever. */
export interface SessionLog extends LogReader {
  /** The last recorded exit. */
  readonly lastExit: SessionExit | undefined
  /**
   * Adds output: all of it, or on failure none of it. Then `end` has not moved, nothing is harmed,
   * and the same bytes may be tried again at any time.
   */
  append(bytes: Uint8Array): AppendResult
  /** One that fails is made good with the next `append`. */
  recordResize(size: TerminalSize): AppendResult
  /** That somebody typed, and how much; not what. */
  recordInput(input: {
    readonly clientId: string
    readonly seq: number
    readonly length: number
  }): AppendResult
  recordExit(exit: {
    readonly code: number | undefined
    readonly signal: string | undefined
  }): AppendResult
}

const DONE: AppendResult = { ok: true }

/**
 * Starts the log of a new pty.
 *
 * Bytes are written first, then the record that vouches for them, and only then does `end` move: an
 * offset that anybody was told of can be read again, whatever dies. Both stay in the page cache,
 * which outlives this process; for the machine's own death see `fsync`.
 *
 * Holds two descriptors and some hundred bytes.
 *
 * @throws PtySessionError `BAD_OPTION`; `LOG_IN_USE` when `dir` holds a log; `LOG_UNWRITABLE`.
 */
export function createSessionLog(options: SessionLogOptions): SessionLog {
  const { dir, maxBytes = DEFAULT_MAX_BYTES, fsync = 'never', resume } = options
  const { clock = systemClock, fs = nodeLogFs, onTrouble = () => {} } = options
  const { epoch } = resume ?? options
  const segmentBytes = resume?.segmentBytes ?? options.segmentBytes ?? defaultSegmentBytes(maxBytes)
  check(epoch, maxBytes, segmentBytes)

  let size: TerminalSize | undefined
  /** `size` could not be recorded yet. */
  let sizeOwed = false
  let lastExit: SessionExit | undefined
  let closed = false
  /** The first segment that may still be on the disk. */
  let oldest = resume ? Math.floor(resume.start / segmentBytes) : 0
  let writer = begin()
  const reads = createLogReads({
    fs,
    dir,
    segmentBytes,
    openFd: (segment) => (segment === writer.number ? writer.outFd : undefined),
  })
  if (resume) Object.assign(reads, { start: resume.start, end: resume.end })
  const later = fsync === 'interval' ? createIntervalSync({ fs, clock, onTrouble }) : undefined

  function begin(): SegmentWriter {
    const meta = join(dir, META_FILE)
    try {
      if (resume)
        return openSegment(fs, dir, resume.segment, segmentBytes, resume.indexBytes || undefined)
      fs.makeFolder(dir)
      if (fs.exists(meta))
        throw new PtySessionError(
          'LOG_IN_USE',
          `${dir} holds the log of an earlier pty: give this one a folder of its own`,
        )
      writeMeta(fs, dir, { epoch, segmentBytes }, fsync !== 'never')
    } catch (error) {
      throw error instanceof PtySessionError ? error : unwritable(error)
    }
    let segment: SegmentWriter | undefined
    try {
      segment = openSegment(fs, dir, 0, segmentBytes)
      if (fsync !== 'never') fs.syncFolder(dir)
      return segment
    } catch (error) {
      segment?.discard()
      removeQuietly(fs, meta)
      throw unwritable(error)
    }
  }

  function append(bytes: Uint8Array): AppendResult {
    if (closed) return closedResult()
    const timeMs = stamp()
    const first = writer
    let last = first
    let crossed: SegmentWriter[] | undefined
    first.mark()
    try {
      if (sizeOwed && size) first.resize(size, reads.end, timeMs)
      for (let at = 0; at < bytes.length; ) {
        const offset = reads.end + at
        if (offset === last.end) {
          last = openNext(last)
          crossed ??= []
          crossed.push(last)
        }
        const length = Math.min(bytes.length - at, last.end - offset, BLOCK_BYTES)
        last.output(bytes, at, length, offset, timeMs)
        at += length
      }
      if (fsync === 'always') {
        first.sync()
        for (const each of crossed ?? []) each.sync()
        if (crossed) fs.syncFolder(dir)
      }
    } catch (error) {
      first.rewind()
      for (const each of crossed ?? []) each.discard()
      return { ok: false, error: unwritable(error) }
    }
    touch(first)
    if (crossed) moveOn(crossed)
    sizeOwed = false
    reads.end += bytes.length
    if (reads.end - reads.start >= maxBytes + segmentBytes) evict()
    return DONE
  }

  /** Each segment says the size that it begins with, so that it can be replayed without the ones before. */
  function openNext(before: SegmentWriter): SegmentWriter {
    const next = openSegment(fs, dir, before.number + 1, segmentBytes)
    try {
      if (size) next.resize(size, before.end, stamp())
      return next
    } catch (error) {
      next.discard()
      throw error
    }
  }

  function moveOn(crossed: readonly SegmentWriter[]): void {
    for (const next of crossed) {
      writer.close()
      writer = next
      touch(next)
    }
  }

  function evict(): void {
    while (reads.end - reads.start >= maxBytes + segmentBytes) reads.start += segmentBytes
    for (; oldest * segmentBytes < reads.start; oldest++) {
      // Without its bytes a segment counts for nothing, so they go first.
      const trouble =
        removeQuietly(fs, outPath(dir, oldest)) ?? removeQuietly(fs, indexPath(dir, oldest))
      if (trouble === undefined) continue
      // It will be tried again with the next one that goes.
      onTrouble(trouble)
      return
    }
  }

  function touch(segment: SegmentWriter): void {
    later?.touch(outPath(dir, segment.number))
    later?.touch(indexPath(dir, segment.number))
  }

  function note(write: () => void): AppendResult {
    if (closed) return closedResult()
    writer.mark()
    try {
      write()
      if (fsync === 'always') writer.sync()
    } catch (error) {
      writer.rewind()
      return { ok: false, error: unwritable(error) }
    }
    touch(writer)
    return DONE
  }

  /** A record has 48 bits for the date; a clock that is far off must not stop the log. */
  function stamp(): number {
    return Math.min(Math.max(Math.trunc(clock.date()), 0), 2 ** 48 - 1)
  }

  function unwritable(cause: unknown): PtySessionError {
    return new PtySessionError('LOG_UNWRITABLE', `cannot write to ${dir}: ${messageOf(cause)}`, {
      cause,
    })
  }

  function closedResult(): AppendResult {
    return { ok: false, error: closedError(dir) }
  }

  return {
    epoch,
    get start() {
      return reads.start
    },
    get end() {
      return reads.end
    },
    get lastExit() {
      return lastExit
    },
    append,
    read(offset) {
      if (closed) throw closedError(dir)
      return reads.read(offset)
    },
    recordResize(next) {
      size = next
      const result = note(() => writer.resize(next, reads.end, stamp()))
      sizeOwed = !result.ok
      return result
    },
    recordInput(input) {
      if (!closed && writer.isFull(reads.end)) return DONE
      return note(() => writer.note(encodeInput(reads.end, stamp(), input)))
    },
    recordExit({ code, signal }) {
      const exit = { code, signal, offset: reads.end }
      const result = note(() => writer.note(encodeExit(reads.end, stamp(), exit)))
      if (result.ok) lastExit = exit
      return result
    },
    close() {
      if (closed) return
      closed = true
      later?.close()
      writer.close()
      reads.release()
    },
  }
}

export function closedError(dir: string): PtySessionError {
  return new PtySessionError('LOG_CLOSED', `the log in ${dir} was closed here`)
}

/** Whole pages, so that a segment's last block on the disk is not shared with nothing. */
function defaultSegmentBytes(maxBytes: number): number {
  const quarter = Math.floor(maxBytes / 4 / 4096) * 4096
  return Math.min(quarter, LARGEST_DEFAULT_SEGMENT_BYTES)
}

function check(epoch: string, maxBytes: number, segmentBytes: number): void {
  const bad = (text: string) => new PtySessionError('BAD_OPTION', text)
  if (epoch === '' || epoch.length > LONGEST_EPOCH)
    throw bad(`epoch: ${JSON.stringify(epoch)} does not have 1 to ${LONGEST_EPOCH} characters`)
  if (!(Number.isSafeInteger(maxBytes) && maxBytes >= LEAST_MAX_BYTES))
    throw bad(`maxBytes: ${maxBytes} is not a whole number of at least ${LEAST_MAX_BYTES}`)
  const [smallest, largest] = SEGMENT_BYTES_RANGE
  if (!(Number.isInteger(segmentBytes) && segmentBytes >= smallest && segmentBytes <= largest))
    throw bad(`segmentBytes: ${segmentBytes} is not a whole number from ${smallest} to ${largest}`)
}
