import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { PtySessionError } from '../pty-session-error.ts'
import { closeQuietly, isMissing, type LogFs, readUpTo, writeAll } from './log-fs.ts'
import { META_FILE } from './log-layout.ts'

/** What never changes about a log. */
export interface LogMeta {
  readonly epoch: string
  readonly segmentBytes: number
}

const VERSION = 1

/** No meta.json of ours is longer, in bytes. */
const LONGEST_META = 4096

/** The smallest and the largest segment that is believed, in bytes. */
export const SEGMENT_BYTES_RANGE: readonly [number, number] = [1024, 2 ** 30]

/**
 * Written under another name first: it is there whole or not at all. The name itself is the caller's
 * to force to the disk.
 */
export function writeMeta(fs: LogFs, dir: string, meta: LogMeta, durable: boolean): void {
  const fields = { v: VERSION, ...meta }
  const text = Buffer.from(
    `${JSON.stringify({ ...fields, crc32: crc32(JSON.stringify(fields)) })}\n`,
  )
  const path = join(dir, META_FILE)
  const fd = fs.open(`${path}.tmp`, 'create')
  try {
    writeAll(fs, fd, text, 0, text.length, 0)
    if (durable) fs.sync(fd)
  } finally {
    closeQuietly(fs, fd)
  }
  fs.rename(`${path}.tmp`, path)
}

/** @throws PtySessionError `LOG_CORRUPT`: there is none, or not one of ours. `LOG_UNREADABLE`. */
export function readMeta(fs: LogFs, dir: string): LogMeta {
  const text = readText(fs, dir)
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch (cause) {
    throw corrupt(dir, 'is not JSON', cause)
  }
  if (typeof fields !== 'object' || fields === null) throw corrupt(dir, 'is not an object')
  const { crc32: check, ...rest } = fields as Record<string, unknown>
  if (check !== crc32(JSON.stringify(rest))) throw corrupt(dir, 'has a wrong checksum')
  const { v, epoch, segmentBytes } = rest
  if (v !== VERSION) throw corrupt(dir, `is of version ${v}, and this program knows ${VERSION}`)
  const [smallest, largest] = SEGMENT_BYTES_RANGE
  if (typeof epoch !== 'string' || typeof segmentBytes !== 'number')
    throw corrupt(dir, 'lacks epoch or segmentBytes')
  if (!(Number.isInteger(segmentBytes) && segmentBytes >= smallest && segmentBytes <= largest))
    throw corrupt(dir, `has segments of ${segmentBytes} bytes`)
  return { epoch, segmentBytes }
}

function readText(fs: LogFs, dir: string): string {
  const path = join(dir, META_FILE)
  try {
    const fd = fs.open(path, 'read')
    try {
      const bytes = Buffer.alloc(LONGEST_META)
      return bytes.toString('utf8', 0, readUpTo(fs, fd, bytes, 0, bytes.length, 0))
    } finally {
      closeQuietly(fs, fd)
    }
  } catch (cause) {
    if (isMissing(cause)) throw corrupt(dir, 'is missing', cause)
    throw new PtySessionError('LOG_UNREADABLE', `cannot read ${path}: ${messageOf(cause)}`, {
      cause,
    })
  }
}

function corrupt(dir: string, fact: string, cause?: unknown): PtySessionError {
  return new PtySessionError(
    'LOG_CORRUPT',
    `${join(dir, META_FILE)} ${fact}: without it the output cannot be placed. ` +
      'The bytes themselves are in the .out files beside it, in the order of their names.',
    cause === undefined ? {} : { cause },
  )
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
