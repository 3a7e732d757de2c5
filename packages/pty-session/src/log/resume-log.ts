import type { LogFs } from './log-fs.ts'
import { readMeta } from './log-meta.ts'
import { openLogReader } from './log-reader.ts'
import { scanLog } from './log-scan.ts'
import { repairSessionLog } from './repair-session-log.ts'

/** Where the next writer of a log goes on. */
export interface LogResumption {
  readonly epoch: string
  readonly segmentBytes: number
  readonly start: number
  readonly end: number
  /** The segment that `end` lies in, or ends. */
  readonly segment: number
  /** How much of its index counts; `undefined` when there is no such file yet. */
  readonly indexBytes: number | undefined
}

/**
 * Repairs the log of a dead writer, and says where to go on. There is only one writer of a log at a
 * time: that the other one is dead, the caller has proved.
 *
 * @throws PtySessionError `LOG_CORRUPT`, `LOG_UNREADABLE`, `LOG_UNWRITABLE`
 */
export function resumeLog(fs: LogFs, dir: string): LogResumption {
  repairSessionLog(dir, { fs })
  const meta = readMeta(fs, dir)
  const { start, end, segments, last } = scanLog(fs, dir, meta, 'last')
  return { ...meta, start, end, segment: segments.at(-1) ?? 0, indexBytes: last?.indexBytes }
}

/** The last input of every client that the log knows, by the CRC-32 of its id. */
export function recordedInputs(dir: string): Map<number, number> {
  const last = new Map<number, number>()
  const log = openLogReader(dir)
  try {
    for (const record of log.records())
      if (record.type === 'input') last.set(record.clientCrc32, record.seq)
  } finally {
    log.close()
  }
  return last
}
