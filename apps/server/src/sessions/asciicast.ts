import { constants } from 'node:os'
import { isPtySessionError, type LogFollower, openLogReader } from '@conductor/pty-session'
import { RESTART_MARK } from './chained-log.ts'

export const ASCIICAST_FORMATS = ['asciicast-v2', 'asciicast-v3'] as const
export type AsciicastFormat = (typeof ASCIICAST_FORMATS)[number]

export interface AsciicastOptions {
  readonly format: AsciicastFormat
  /** The logs of a session, oldest first. Those that are not there are passed over. */
  readonly logFolders: readonly string[]
  readonly title: string
}

/** Players cut longer pauses down to this, in seconds: a shell may wait for days. */
const LONGEST_PAUSE_S = 2

type LogEvent = ReturnType<LogFollower['records']> extends Iterable<infer R> ? R : never
type Code = 'o' | 'r' | 'm' | 'x'

/**
 * A recording of all that is kept of a session, line by line, with the times that its logs have.
 *
 * The times are those of the reads, to the millisecond; where a program dribbles for long, the log puts
 * several reads into one record, and they come at the time of the first. Bytes that are no UTF-8 are
 * replaced, because the formats are JSON. Input is not in it: logs do not keep what was typed.
 *
 * @throws PtySessionError `LOG_UNREADABLE`
 * @see https://docs.asciinema.org/manual/asciicast/v2/
 * @see https://docs.asciinema.org/manual/asciicast/v3/
 */
export function* asciicast(options: AsciicastOptions): Generator<string, void, undefined> {
  const { format, title } = options
  const isV3 = format === 'asciicast-v3'
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let startMs: number | undefined
  let lastMs = 0
  let size = '80x24'

  function header(timeMs: number, first: LogEvent): string {
    const { cols, rows } = first.type === 'resize' ? first.size : { cols: 80, rows: 24 }
    size = `${cols}x${rows}`
    const timestamp = Math.floor(timeMs / 1_000)
    const more = { timestamp, idle_time_limit: LONGEST_PAUSE_S, title }
    return line(
      isV3
        ? { version: 3, term: { cols, rows, type: 'xterm-256color' }, ...more }
        : { version: 2, width: cols, height: rows, ...more, env: { TERM: 'xterm-256color' } },
    )
  }

  /** v2 counts from the beginning, v3 from the event before. A clock that was set back stands still. */
  function event(timeMs: number, code: Code, data: string): string {
    const atMs = Math.max(timeMs, lastMs)
    const ms = isV3 ? atMs - lastMs : atMs - (startMs ?? atMs)
    lastMs = atMs
    return line([ms / 1_000, code, data])
  }

  function* eventsOf(log: LogFollower, isLast: boolean): Generator<string, void, undefined> {
    for (const record of log.records()) {
      const { timeMs } = record
      if (startMs === undefined) {
        startMs = timeMs
        lastMs = timeMs
        yield header(timeMs, record)
        if (record.offset > 0) yield event(timeMs, 'm', `${record.offset} bytes are no longer kept`)
      }
      if (record.type === 'output') {
        const text = decoder.decode(bytesOf(log, record.offset, record.length), { stream: true })
        if (text) yield event(timeMs, 'o', text)
      } else if (record.type === 'resize') {
        const next = `${record.size.cols}x${record.size.rows}`
        if (next !== size) yield event(timeMs, 'r', next)
        size = next
      } else if (record.type === 'exit' && isV3 && isLast)
        yield event(timeMs, 'x', String(statusOf(record)))
    }
  }

  for (const [index, folder] of options.logFolders.entries()) {
    const log = openIfThere(folder)
    if (!log) continue
    try {
      if (startMs !== undefined) {
        const rest = decoder.decode()
        yield event(lastMs, 'o', rest + RESTART_MARK.toString())
        yield event(lastMs, 'm', `started again (${index + 1})`)
      }
      yield* eventsOf(log, index === options.logFolders.length - 1)
    } finally {
      log.close()
    }
  }
  const rest = decoder.decode()
  if (rest) yield event(lastMs, 'o', rest)
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}

function openIfThere(folder: string): LogFollower | undefined {
  try {
    return openLogReader(folder)
  } catch (error) {
    if (isPtySessionError(error, 'LOG_CORRUPT')) return undefined
    throw error
  }
}

/** @throws Error when the cap drops them meanwhile: a recording with a hole would look whole. */
function bytesOf(log: LogFollower, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let at = 0; at < length; ) {
    const read = log.read(offset + at)
    if (read.kind !== 'bytes') throw new Error('the history was dropped while it was read')
    const taken = Math.min(read.end - read.start, length - at)
    read.buffer.copy(bytes, at, read.start, read.start + taken)
    read.release()
    at += taken
  }
  return bytes
}

/** As a shell would say it. */
function statusOf({
  code,
  signal,
}: {
  code: number | undefined
  signal: string | undefined
}): number {
  if (code !== undefined) return code
  const signals: Readonly<Record<string, number>> = constants.signals
  return 128 + (signals[signal ?? ''] ?? 0)
}
