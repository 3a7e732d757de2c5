import { closeQuietly, isMissing, type LogFs, readUpTo } from './log-fs.ts'
import { indexPath } from './log-layout.ts'
import { decodeRecord, type LogRecord, RECORD_BYTES } from './log-record.ts'

export interface LogTimesOptions {
  readonly fs: LogFs
  readonly dir: string
  readonly segmentBytes: number
}

/** When which byte was written, looked up by halves in the index of its segment. */
export interface LogTimes {
  timeAt(offset: number): number | undefined
  /** Between `start` and `end`. */
  offsetAt(timeMs: number, start: number, end: number): number
}

/** Throws what the system says. A segment that is gone is no error. */
export function createLogTimes({ fs, dir, segmentBytes }: LogTimesOptions): LogTimes {
  /** The last record of a segment for which `holds`, which it does for all before it. */
  function lastRecord(
    segment: number,
    holds: (record: LogRecord) => boolean,
  ): LogRecord | undefined {
    const fd = openIndex(segment)
    if (fd === undefined) return undefined
    try {
      const buffer = Buffer.alloc(RECORD_BYTES)
      let found: LogRecord | undefined
      let low = 0
      for (let high = Math.floor(fs.size(fd) / RECORD_BYTES); low < high; ) {
        const middle = (low + high) >> 1
        const got = readUpTo(fs, fd, buffer, 0, RECORD_BYTES, middle * RECORD_BYTES)
        const record = got === RECORD_BYTES ? decodeRecord(buffer, 0) : undefined
        // What is torn lies behind all that counts.
        if (record && holds(record)) {
          found = record
          low = middle + 1
        } else high = middle
      }
      return found
    } finally {
      closeQuietly(fs, fd)
    }
  }

  function openIndex(segment: number): number | undefined {
    try {
      return fs.open(indexPath(dir, segment), 'read')
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  function timeAt(offset: number): number | undefined {
    const segment = Math.floor(offset / segmentBytes)
    const found = lastRecord(segment, (record) => record.offset <= offset)
    // At the very end of a full segment nothing has happened in the next one.
    if (found || offset !== segment * segmentBytes || segment === 0) return found?.timeMs
    return lastRecord(segment - 1, () => true)?.timeMs
  }

  return {
    timeAt,
    offsetAt(timeMs, start, end) {
      let low = Math.floor(start / segmentBytes)
      for (let high = Math.floor(end / segmentBytes); low < high; ) {
        const middle = (low + high + 1) >> 1
        const begun = timeAt(middle * segmentBytes)
        if (begun !== undefined && begun < timeMs) low = middle
        else high = middle - 1
      }
      const last = lastRecord(low, (record) => record.timeMs < timeMs)
      const offset = last?.type === 'output' ? last.offset + last.length : last?.offset
      return Math.min(Math.max(offset ?? start, start), end)
    },
  }
}
