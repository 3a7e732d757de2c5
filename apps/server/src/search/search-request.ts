import { isPtySessionError, type SearchedHistory, type SearchQuery } from '@conductor/pty-session'
import { z } from 'zod'
import { ServerError } from '../server-error.ts'
import { RESTART_MARK } from '../sessions/chained-log.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'

const MOST_HITS = 1_000

export interface SearchParams {
  readonly q?: string | undefined
  readonly regex?: string | undefined
  readonly case?: string | undefined
  readonly before?: string | undefined
  readonly limit?: string | undefined
  /** Any number of ids; none means all. */
  readonly sessions: readonly string[]
}

export interface SearchRequest {
  readonly query: SearchQuery
  readonly histories: readonly SearchedHistory[]
  readonly names: ReadonlyMap<string, string>
  readonly beforeMs: number | undefined
  readonly limit: number
}

/** Where each session is to be searched on. */
const rest = z.record(z.string(), z.int().min(0))

/** @throws ServerError `BAD_FIELD`, `SESSION_NOT_FOUND`. */
export function readSearchRequest(
  params: SearchParams,
  directory: SessionDirectory,
): SearchRequest {
  const { q, sessions } = params
  if (!q) throw bad('q', 'write what to look for')
  const before = params.before === undefined ? {} : readBefore(params.before)
  for (const id of sessions)
    if (!directory.get(id))
      throw new ServerError('SESSION_NOT_FOUND', `session ${id} not found`, { field: 'session' })
  const names = new Map<string, string>()
  const histories = directory.list().flatMap(({ id, name }): SearchedHistory[] => {
    const logDirs = directory.logFoldersOf(id)
    const isWanted = sessions.length === 0 || sessions.includes(id)
    const offset = before.rest?.[id]
    // What is not named in there has been searched, or came later.
    if (!logDirs || !isWanted || (before.rest && offset === undefined)) return []
    names.set(id, name)
    return [{ id, logDirs, betweenBytes: RESTART_MARK.length, before: offset }]
  })
  return {
    query: { text: q, isRegex: flag('regex', params.regex), matchCase: flag('case', params.case) },
    histories,
    names,
    beforeMs: before.timeMs,
    limit: readLimit(params.limit),
  }
}

/** For `before`: goes on where a search has stopped. */
export function writeRest(
  left: readonly { readonly id: string; readonly before: number }[],
): string {
  const places = Object.fromEntries(left.map(({ id, before }) => [id, before]))
  return Buffer.from(JSON.stringify(places)).toString('base64url')
}

function readBefore(text: string): {
  readonly timeMs?: number
  readonly rest?: Readonly<Record<string, number>>
} {
  const timeMs = /^\d{1,15}$/.test(text)
    ? Number(text)
    : isDate(text)
      ? Date.parse(text)
      : Number.NaN
  if (Number.isFinite(timeMs)) return { timeMs }
  try {
    return { rest: rest.parse(JSON.parse(Buffer.from(text, 'base64url').toString())) }
  } catch {
    throw bad(
      'before',
      'write a date, as in 2026-01-31T12:00:00Z, or the `next` that a search ended with',
    )
  }
}

function isDate(text: string): boolean {
  return z.iso.datetime({ offset: true }).safeParse(text).success
}

function readLimit(text = '100'): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > MOST_HITS) throw bad('limit', `write a whole number, 1 to ${MOST_HITS}`)
  return limit
}

function flag(field: string, text = '0'): boolean {
  if (text !== '0' && text !== '1') throw bad(field, 'write 0 or 1')
  return text === '1'
}

function bad(field: string, problem: string): ServerError {
  return new ServerError('BAD_FIELD', `${field}: ${problem}`, { field })
}

/** What a search says about its query, as an answer to the request. */
export function asBadQuery(error: unknown): unknown {
  if (!isPtySessionError(error, 'BAD_OPTION')) return error
  return bad('q', error.message.replace(/^.*?query: /, ''))
}
