import { PtySessionError } from '../pty-session-error.ts'
import type { LogReader, SessionExit } from '../types.ts'
import { type LogFs, nodeLogFs } from './log-fs.ts'
import { messageOf, readMeta } from './log-meta.ts'
import { createLogReads } from './log-reads.ts'
import type { LogRecord } from './log-record.ts'
import { type LogScan, scanLog, segmentRecords } from './log-scan.ts'
import { createLogTimes } from './log-times.ts'
import { closedError } from './session-log.ts'

/** The history of a pty that another process writes, or wrote. */
export interface LogFollower extends LogReader {
  /** The writer told how far it is. What was told before and is overtaken changes nothing. */
  grew(start: number, end: number): void
  /**
   * Looks on the disk how far the writer is and whether it recorded an exit, and goes on to there.
   * For when it is dead: what it did last, it may not have told any more. Reads the last index.
   *
   * @throws PtySessionError `LOG_UNREADABLE`
   */
  examine(): {
    readonly start: number
    readonly end: number
    readonly exit: SessionExit | undefined
  }
  /**
   * What happened from `start` to `end`, in order, read as you go: all of the segments (of 4 MiB, as a
   * rule) that hold `from` or come later. Each begins with the size that the terminal had then.
   *
   * @param from An offset (default: `start`).
   * @throws PtySessionError `LOG_UNREADABLE`
   */
  records(from?: number): Iterable<LogRecord>
  /**
   * When the byte at `offset` was written, in milliseconds since 1970; at `end`, when something
   * happened last. `undefined` when that is not known any more. Reads some ten records.
   *
   * @throws PtySessionError `LOG_UNREADABLE`
   */
  timeAt(offset: number): number | undefined
  /**
   * The offset before which lies what was written before `timeMs`. Where the machine's clock was set
   * back, one of those that fit. Reads some ten records.
   *
   * @throws PtySessionError `LOG_UNREADABLE`
   */
  offsetAt(timeMs: number): number
}

/**
 * Opens a log for reading, whether it is still being written or not, and changes nothing about it.
 *
 * Reads the last segment's index and checks the last bytes against it: what a dying writer left torn
 * is not shown. Holds no descriptor while nobody reads, and some hundred bytes.
 *
 * @throws PtySessionError `LOG_CORRUPT` when there is no log; `LOG_UNREADABLE` when it may be tried again.
 */
export function openLogReader(
  dir: string,
  options: { readonly fs?: LogFs | undefined } = {},
): LogFollower {
  const { fs = nodeLogFs } = options
  const meta = readMeta(fs, dir)
  const { epoch, segmentBytes } = meta
  const reads = createLogReads({ fs, dir, segmentBytes })
  const times = createLogTimes({ fs, dir, segmentBytes })
  let closed = false
  look()

  function look(): LogScan {
    return readable(() => {
      const scan = scanLog(fs, dir, meta, 'last')
      grew(scan.start, scan.end)
      return scan
    })
  }

  /** The program ends once, after all it said: its exit lies in the last index. */
  function findExit({ segments }: LogScan): SessionExit | undefined {
    const number = segments.at(-1)
    if (number === undefined) return undefined
    return readable(() => {
      for (const record of segmentRecords(fs, dir, number, segmentBytes)) {
        if (recordEnd(record) > reads.end) break
        if (record.type === 'exit')
          return { code: record.code, signal: record.signal, offset: record.offset }
      }
      return undefined
    })
  }

  function grew(start: number, end: number): void {
    reads.end = Math.max(reads.end, end)
    reads.start = Math.min(Math.max(reads.start, start), reads.end)
  }

  function* records(from = reads.start): Generator<LogRecord, void, undefined> {
    const last = Math.floor(reads.end / segmentBytes)
    const first = Math.floor(Math.min(Math.max(from, reads.start), reads.end) / segmentBytes)
    for (let number = first; number <= last; number++) {
      const segment = segmentRecords(fs, dir, number, segmentBytes)
      try {
        for (;;) {
          const { value } = readable(() => segment.next())
          if (!value || recordEnd(value) > reads.end) break
          yield value
        }
      } finally {
        segment.return()
      }
    }
  }

  function readable<T>(run: () => T): T {
    if (closed) throw closedError(dir)
    try {
      return run()
    } catch (cause) {
      throw new PtySessionError('LOG_UNREADABLE', `cannot read ${dir}: ${messageOf(cause)}`, {
        cause,
      })
    }
  }

  return {
    epoch,
    get start() {
      return reads.start
    },
    get end() {
      return reads.end
    },
    read(offset) {
      if (closed) throw closedError(dir)
      return reads.read(offset)
    },
    grew,
    examine() {
      const exit = findExit(look())
      return { start: reads.start, end: reads.end, exit }
    },
    records,
    timeAt: (offset) => readable(() => times.timeAt(offset)),
    offsetAt: (timeMs) => readable(() => times.offsetAt(timeMs, reads.start, reads.end)),
    close() {
      closed = true
      reads.release()
    },
  }
}

function recordEnd(record: LogRecord): number {
  return record.type === 'output' ? record.offset + record.length : record.offset
}
