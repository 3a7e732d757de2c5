import { constants } from 'node:os'
import type { TerminalSize } from '@conductor/pty-session'
import { RESTART_MARK } from './chained-log.ts'
import type { SessionHistory } from './session-history.ts'

export const ASCIICAST_FORMATS = ['asciicast-v2', 'asciicast-v3'] as const
export type AsciicastFormat = (typeof ASCIICAST_FORMATS)[number]

export interface AsciicastOptions {
  /**
   * `replay` is version 2 for a player that knows offsets: each event ends with its own, and the
   * header says `startMs` (the date of time 0), `from`, `to` and `epoch`.
   */
  readonly format: AsciicastFormat | 'replay'
  readonly history: SessionHistory
  readonly title: string
  /** Offsets (default: all that is kept). */
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** Players cut longer pauses down to this, in seconds: a shell may wait for days. */
const LONGEST_PAUSE_S = 2

type Code = 'o' | 'r' | 'm' | 'x'

/**
 * A recording of what is kept of a session, line by line, with the times that its logs have. The
 * history is closed at the end. A step that says nothing new is an empty text.
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
  const { format, history, title } = options
  const to = Math.min(options.to ?? history.end, history.end)
  const from = Math.min(Math.max(options.from ?? 0, history.start), to)
  const isV3 = format === 'asciicast-v3'
  const isReplay = format === 'replay'
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let startMs = 0
  let lastMs = 0
  let size = ''
  let programs = 1
  let exit: { readonly timeMs: number; readonly status: number } | undefined

  function header(timeMs: number | undefined, { cols, rows }: TerminalSize): string {
    size = sizeText({ cols, rows })
    startMs = timeMs ?? 0
    lastMs = startMs
    const timestamp = timeMs === undefined ? {} : { timestamp: Math.floor(timeMs / 1_000) }
    const more = { ...timestamp, idle_time_limit: LONGEST_PAUSE_S, title }
    if (isV3) return line({ version: 3, term: { cols, rows, type: 'xterm-256color' }, ...more })
    const { epoch } = history
    return line({
      version: 2,
      width: cols,
      height: rows,
      ...more,
      env: { TERM: 'xterm-256color' },
      ...(isReplay && { startMs: timeMs, from, to, epoch }),
    })
  }

  /** v2 counts from the beginning, v3 from the event before. A clock that was set back stands still. */
  function event(timeMs: number, code: Code, data: string, offset: number): string {
    const atMs = Math.max(timeMs, lastMs)
    const seconds = (isV3 ? atMs - lastMs : atMs - startMs) / 1_000
    lastMs = atMs
    return line(isReplay ? [seconds, code, data, offset] : [seconds, code, data])
  }

  try {
    for (const each of history.events(from, to)) {
      switch (each.type) {
        case 'begin':
          yield header(each.timeMs, each.size)
          if (from > 0 && !options.from)
            yield event(startMs, 'm', `${from} bytes are no longer kept`, from)
          break
        case 'output': {
          const { timeMs, offset, length } = each
          const text = decoder.decode(history.bytes(offset, length), { stream: true })
          yield text && event(timeMs, 'o', text, offset)
          break
        }
        case 'resize': {
          const next = sizeText(each.size)
          yield next === size ? '' : event(each.timeMs, 'r', next, each.offset)
          size = next
          break
        }
        case 'restart': {
          const { timeMs, offset } = each
          yield event(timeMs, 'o', decoder.decode() + RESTART_MARK.toString(), offset)
          yield event(timeMs, 'm', `started again (${++programs})`, offset)
          exit = undefined
          break
        }
        case 'exit':
          exit = { timeMs: each.timeMs, status: statusOf(each) }
          break
        case 'input':
          yield ''
      }
    }
    const rest = decoder.decode()
    if (rest) yield event(lastMs, 'o', rest, to)
    // Only in version 3, and only as the last word.
    if (exit && isV3) yield event(exit.timeMs, 'x', String(exit.status), to)
  } finally {
    history.close()
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`
}

function sizeText({ cols, rows }: TerminalSize): string {
  return `${cols}x${rows}`
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
