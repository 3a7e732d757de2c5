import { join } from 'node:path'
import { PtySessionError } from '../pty-session-error.ts'
import { closeQuietly, isMissing, type LogFs, nodeLogFs, removeQuietly } from './log-fs.ts'
import { indexPath, META_FILE, outPath, segmentNumbers } from './log-layout.ts'
import { messageOf, readMeta } from './log-meta.ts'
import { scanLog } from './log-scan.ts'

/** What is left of a log. */
export interface LogRepair {
  readonly start: number
  readonly end: number
  /** Bytes of files that were cut off or removed, because nothing vouches for them. */
  readonly droppedBytes: number
}

/**
 * Makes the log of a dead writer whole again: torn records, bytes without a record, bytes that differ
 * from their record's checksum and segments behind a hole are removed from the disk. Every byte of
 * the last segment is read for it. Doing it twice changes nothing more.
 *
 * Never call it for a log that is being written. No content of any file makes it fail.
 *
 * @throws PtySessionError `LOG_CORRUPT` when there is no log to repair; `LOG_UNWRITABLE`.
 */
export function repairSessionLog(
  dir: string,
  options: { readonly fs?: LogFs | undefined } = {},
): LogRepair {
  const { fs = nodeLogFs } = options
  const meta = readMeta(fs, dir)
  try {
    removeQuietly(fs, `${join(dir, META_FILE)}.tmp`)
    const { start, end, segments, last } = scanLog(fs, dir, meta, 'all')
    let droppedBytes = 0
    for (const number of segmentNumbers(fs.list(dir), meta.segmentBytes)) {
      if (segments.includes(number)) continue
      for (const path of [indexPath(dir, number), outPath(dir, number)]) {
        droppedBytes += cut(fs, path, 0)
        removeQuietly(fs, path)
      }
    }
    const number = segments.at(-1)
    if (number !== undefined && last) {
      droppedBytes += cut(fs, indexPath(dir, number), last.indexBytes)
      droppedBytes += cut(fs, outPath(dir, number), last.end - number * meta.segmentBytes)
    }
    return { start, end, droppedBytes }
  } catch (cause) {
    throw new PtySessionError('LOG_UNWRITABLE', `cannot repair ${dir}: ${messageOf(cause)}`, {
      cause,
    })
  }
}

/** Shortens a file if it is longer. Returns by how much. */
function cut(fs: LogFs, path: string, sizeBytes: number): number {
  let fd: number
  try {
    fd = fs.open(path, 'modify')
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
  try {
    const extra = fs.size(fd) - sizeBytes
    if (extra <= 0) return 0
    fs.truncate(fd, sizeBytes)
    return extra
  } finally {
    closeQuietly(fs, fd)
  }
}
