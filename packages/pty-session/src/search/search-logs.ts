import { type LogFollower, openLogReader } from '../log/log-reader.ts'
import { isPtySessionError } from '../pty-session-error.ts'
import { compileQuery, type SearchQuery } from './query.ts'
import { createRepeats } from './repeats.ts'
import {
  createSearchBuffers,
  type LineHit,
  type LogSearchStep,
  searchBackwards,
} from './search-log.ts'

/** The history of one session: the logs of its programs, one after the other. */
export interface SearchedHistory {
  /** Opaque: names it in hits. */
  readonly id: string
  /** The folders of its logs, oldest first. Those without a log are passed over. */
  readonly logDirs: readonly string[]
  /** What lies between two logs, in bytes: offsets count it (default: 0). */
  readonly betweenBytes?: number | undefined
  /** Only what lies before this offset (default: all). */
  readonly before?: number | undefined
}

export interface SearchOptions {
  readonly histories: readonly SearchedHistory[]
  readonly query: SearchQuery
  /** Only what was written before this date, in milliseconds since 1970 (default: all). */
  readonly beforeMs?: number | undefined
  /** At most so many hits (default: 100). */
  readonly limit?: number | undefined
  /** How long it may take, in milliseconds; what is left then is named in the end (default: no limit). */
  readonly withinMs?: number | undefined
}

export interface SearchHit extends Omit<LineHit, 'before'> {
  readonly id: string
  /** When it was written, in milliseconds since 1970; `undefined` when that is not known any more. */
  readonly timeMs: number | undefined
}

export type SearchEvent =
  | ({ readonly type: 'hit' } & SearchHit)
  | { readonly type: 'progress'; readonly searchedBytes: number; readonly totalBytes: number }
  | ({ readonly type: 'end' } & SearchEnd)

export interface SearchEnd {
  readonly hits: number
  /** Lines left out because they say again what a hit less than two seconds later says. */
  readonly repeats: number
  readonly searchedBytes: number
  readonly totalBytes: number
  /** Where each history is to be searched on, where that was not done to its beginning; empty when all was searched. */
  readonly rest: readonly { readonly id: string; readonly before: number }[]
  /** What is not kept any more, as offsets. */
  readonly gaps: readonly { readonly id: string; readonly from: number; readonly to: number }[]
  /** Histories that could not be read, or not to their beginning. */
  readonly unreadable: readonly { readonly id: string; readonly reason: string }[]
}

interface Part {
  readonly log: LogFollower
  /** The offset of its first byte in the history. */
  readonly base: number
}

/** How far one history is. */
interface Cursor {
  readonly id: string
  /** What is still to be searched, oldest first; the last one is being searched. */
  readonly parts: Part[]
  steps: Generator<LogSearchStep, void> | undefined
  /** All before it is still to be searched: an offset of the history. */
  before: number
  /** When that was written. */
  timeMs: number
}

/**
 * Searches what sessions have said, the latest output first, whichever session it is of: windows of
 * a quarter of a megabyte are taken in the order of their dates. Works as you go, and is synchronous
 * between two events: for a program with other things to do there is `searchInWorker`.
 *
 * The last event is always `end`. A log that is written, evicted or removed meanwhile is no error.
 *
 * @param now Milliseconds of a clock that runs evenly.
 * @throws PtySessionError `BAD_OPTION` when the query cannot be understood.
 */
export function* searchLogs(
  options: SearchOptions,
  now: () => number,
): Generator<SearchEvent, void> {
  const { histories, query, beforeMs, limit = 100, withinMs = Number.POSITIVE_INFINITY } = options
  const matcher = compileQuery(query)
  const buffers = createSearchBuffers()
  const repeats = createRepeats()
  const gaps: { id: string; from: number; to: number }[] = []
  const unreadable: { id: string; reason: string }[] = []
  const cursors = new Set<Cursor>()
  const deadlineMs = now() + withinMs
  let hits = 0
  let searchedBytes = 0
  let totalBytes = 0

  function open(history: SearchedHistory): void {
    const { id, logDirs, betweenBytes = 0, before = Number.POSITIVE_INFINITY } = history
    const parts: Part[] = []
    let base = 0
    for (const dir of logDirs) {
      const log = openIfThere(dir)
      if (!log) continue
      if (log.start > 0) gaps.push({ id, from: base, to: base + log.start })
      parts.push({ log, base })
      base += log.end + betweenBytes
    }
    const cursor: Cursor = { id, parts, steps: undefined, before, timeMs: 0 }
    cursors.add(cursor)
    // Once the cap has taken from the last log, those before it are not part of the history any more.
    const last = parts.at(-1)
    if (last && last.log.start > 0)
      for (const part of parts.splice(0, parts.length - 1)) close(part)
    for (const { log, base } of parts)
      totalBytes += Math.max(0, endOf(log, base, before) - log.start)
    goOn(cursor)
  }

  function endOf(log: LogFollower, base: number, before: number): number {
    const end = Math.min(log.end, before - base)
    return beforeMs === undefined ? end : Math.min(end, log.offsetAt(beforeMs))
  }

  /** To the log before, when one is done; the cursor goes when none is left. */
  function goOn(cursor: Cursor): void {
    for (let part = cursor.parts.at(-1); part; part = cursor.parts.at(-1)) {
      const { log, base } = part
      const to = endOf(log, base, cursor.before)
      if (to > log.start) {
        cursor.steps = searchBackwards({ log, to, matcher, buffers })
        moveTo(cursor, part, to)
        return
      }
      cursor.parts.pop()
      close(part)
    }
    cursors.delete(cursor)
  }

  function moveTo(cursor: Cursor, { log, base }: Part, offset: number): void {
    cursor.before = base + offset
    cursor.timeMs = log.timeAt(Math.max(offset - 1, log.start)) ?? cursor.timeMs
  }

  /** Searches one window of a history. */
  function* window(cursor: Cursor): Generator<SearchEvent, void> {
    const part = cursor.parts.at(-1)
    if (!part) return
    const { log, base } = part
    for (;;) {
      const { value: step } = cursor.steps?.next() ?? {}
      if (!step) {
        cursor.parts.pop()
        close(part)
        return goOn(cursor)
      }
      if (step.type === 'gap') {
        gaps.push({ id: cursor.id, from: base + step.from, to: base + step.to })
      } else if (step.type === 'searched') {
        searchedBytes += step.bytes
        return moveTo(cursor, part, step.from)
      } else {
        const { before, ...hit } = step.hit
        cursor.before = base + before
        const timeMs = log.timeAt(hit.offset)
        if (repeats.isRepeat(cursor.id, hit.text, timeMs)) continue
        hits++
        yield { type: 'hit', ...hit, id: cursor.id, offset: base + hit.offset, timeMs }
        if (hits >= limit) return
      }
    }
  }

  /** One history that cannot be read keeps nobody from searching the others. */
  function* guarded(cursor: Cursor): Generator<SearchEvent, void> {
    try {
      yield* window(cursor)
    } catch (error) {
      giveUp(cursor, error)
    }
  }

  function giveUp(cursor: Pick<Cursor, 'id' | 'parts'>, error: unknown): void {
    if (!isPtySessionError(error)) throw error
    unreadable.push({ id: cursor.id, reason: error.message })
    for (const part of cursor.parts) close(part)
    for (const each of cursors) if (each.id === cursor.id) cursors.delete(each)
  }

  try {
    for (const history of histories) {
      try {
        open(history)
      } catch (error) {
        giveUp({ id: history.id, parts: [] }, error)
      }
    }
    while (cursors.size > 0 && hits < limit && now() < deadlineMs) {
      let latest: Cursor | undefined
      for (const each of cursors) if (!latest || each.timeMs > latest.timeMs) latest = each
      if (latest) yield* guarded(latest)
      yield { type: 'progress', searchedBytes, totalBytes }
    }
    const rest = [...cursors].map(({ id, before }) => ({ id, before }))
    const { count } = repeats
    yield { type: 'end', hits, repeats: count, searchedBytes, totalBytes, rest, gaps, unreadable }
  } finally {
    for (const { parts } of cursors) for (const part of parts) close(part)
  }
}

function close({ log }: Part): void {
  log.close()
}

function openIfThere(dir: string): LogFollower | undefined {
  try {
    return openLogReader(dir)
  } catch (error) {
    if (isPtySessionError(error, 'LOG_CORRUPT')) return undefined
    throw error
  }
}
