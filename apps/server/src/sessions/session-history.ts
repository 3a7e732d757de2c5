import {
  isPtySessionError,
  type LogFollower,
  type LogRecord,
  openLogReader,
  type TerminalSize,
} from '@conductor/pty-session'
import { RESTART_MARK } from './chained-log.ts'

/** Offsets are those of the session, over all its programs, as `chainLogs` counts them. Times are dates. */
export type HistoryEvent =
  /** The first event: the terminal when the range begins. `timeMs` is that of the event which follows. */
  | { readonly type: 'begin'; readonly timeMs: number | undefined; readonly size: TerminalSize }
  | Exclude<LogRecord, { readonly type: 'output' }>
  | Omit<Extract<LogRecord, { readonly type: 'output' }>, 'crc32'>
  /** Another program takes over, after a mark of `RESTART_MARK.length` bytes at `offset`. */
  | { readonly type: 'restart'; readonly timeMs: number; readonly offset: number }

/** What is on the disk of one session, read without disturbing anybody. Its end is where it ended when it was opened. */
export interface SessionHistory {
  readonly epoch: string
  readonly start: number
  readonly end: number
  /** When it began and when something happened last, as far as it is kept. */
  readonly startMs: number | undefined
  readonly endMs: number | undefined
  /** What happened from `from` to `to`, in order; output is cut there. Read as you go. */
  events(from?: number, to?: number): Generator<HistoryEvent, void, undefined>
  /** The bytes of an output event. @throws Error when the cap dropped them meanwhile. */
  bytes(offset: number, length: number): Buffer
  close(): void
}

interface Part {
  readonly log: LogFollower
  readonly base: number
}

const DEFAULT_SIZE: TerminalSize = { cols: 80, rows: 24 }

/**
 * @param logFolders Of all programs of the session, oldest first. Those without a log are passed over.
 * @returns `undefined` when there is no log at all.
 * @throws PtySessionError `LOG_UNREADABLE`
 */
export function openHistory(logFolders: readonly string[]): SessionHistory | undefined {
  const all: Part[] = []
  let base = 0
  for (const folder of logFolders) {
    const log = openIfThere(folder)
    if (!log) continue
    all.push({ log, base })
    base += log.end + RESTART_MARK.length
  }
  const last = all.at(-1)
  if (!last) return undefined
  // Once the cap has taken from the last log, those before it are not part of the history any more.
  const parts = last.log.start > 0 ? [last] : all
  const first = parts[0] ?? last
  const start = first.base + first.log.start
  const end = last.base + last.log.end

  function* events(from = start, to = end): Generator<HistoryEvent, void, undefined> {
    let size: TerminalSize | undefined
    let hasBegun = false
    for (const { log, base } of parts) {
      if (base + log.end < from) continue
      const restartMs = beginOf(log)
      if (base > from && log !== first.log && restartMs !== undefined) {
        const offset = base - RESTART_MARK.length
        if (offset >= to) break
        if (!hasBegun) yield { type: 'begin', timeMs: restartMs, size: size ?? DEFAULT_SIZE }
        hasBegun = true
        yield { type: 'restart', timeMs: restartMs, offset }
      }
      for (const record of log.records(from - base)) {
        const event = within(record, base, from, to)
        if (record.type === 'resize') size = record.size
        if (event === 'before') continue
        if (event === 'behind') break
        if (!hasBegun) yield { type: 'begin', timeMs: event.timeMs, size: size ?? DEFAULT_SIZE }
        hasBegun = true
        yield event
      }
    }
    if (!hasBegun) yield { type: 'begin', timeMs: undefined, size: size ?? DEFAULT_SIZE }
  }

  return {
    epoch: last.log.epoch,
    start,
    end,
    startMs: beginOf(first.log),
    endMs: last.log.timeAt(last.log.end),
    events,
    bytes(offset, length) {
      const part = parts.findLast((each) => each.base <= offset) ?? first
      return bytesOf(part.log, offset - part.base, length)
    },
    close() {
      for (const { log } of all) log.close()
    },
  }
}

/** The part of a record that lies in a range. What takes no room counts at both of its ends. */
function within(
  record: LogRecord,
  base: number,
  from: number,
  to: number,
): Exclude<HistoryEvent, { type: 'begin' | 'restart' }> | 'before' | 'behind' {
  const offset = base + record.offset
  if (offset > to || (offset === to && record.type === 'output')) return 'behind'
  if (record.type !== 'output') return offset < from ? 'before' : { ...record, offset }
  const begin = Math.max(offset, from)
  const length = Math.min(offset + record.length, to) - begin
  return length <= 0 ? 'before' : { type: 'output', timeMs: record.timeMs, offset: begin, length }
}

/** Before the first byte comes the size. */
function beginOf(log: LogFollower): number | undefined {
  const [first] = log.records()
  return first?.timeMs
}

function openIfThere(folder: string): LogFollower | undefined {
  try {
    return openLogReader(folder)
  } catch (error) {
    if (isPtySessionError(error, 'LOG_CORRUPT')) return undefined
    throw error
  }
}

function bytesOf(log: LogFollower, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let at = 0; at < length; ) {
    const read = log.read(offset + at)
    // A recording with a hole would look whole.
    if (read.kind !== 'bytes') throw new Error('the history was dropped while it was read')
    const taken = Math.min(read.end - read.start, length - at)
    read.buffer.copy(bytes, at, read.start, read.start + taken)
    read.release()
    at += taken
  }
  return bytes
}
