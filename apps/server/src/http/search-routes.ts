import type { Clock } from '@conductor/machine'
import { isPtySessionError, type SearchEvent, searchInWorker } from '@conductor/pty-session'
import { z } from '@hono/zod-openapi'
import type { SearchDesk } from '../search/search-desk.ts'
import {
  asBadQuery,
  readSearchRequest,
  type SearchRequest,
  writeRest,
} from '../search/search-request.ts'
import type { SessionDirectory } from '../sessions/session-directory.ts'
import type { Connections } from '../ws/connections.ts'
import { problem } from './api-schemas.ts'
import type { AppContext } from './app-env.ts'
import { type App, documented } from './documented.ts'

/** Between two words about how far it is, in milliseconds: well below the write time-out of HTTP. */
const BEAT_MS = 1_000

/** A search says what is left after this, in milliseconds: `next` goes on there. */
const WITHIN_MS = 30_000

export interface SearchRoutesOptions {
  readonly directory: SessionDirectory
  readonly connections: Connections
  readonly searches: SearchDesk
  readonly clock: Clock
  readonly onTrouble: (trouble: string, error: unknown) => void
}

/** `/api/search`: what any session has said. */
export function addSearchRoutes(app: App, options: SearchRoutesOptions): void {
  const { directory, connections, searches } = options

  documented(
    app,
    {
      method: 'get',
      path: '/api/search',
      summary: 'Lines that match, of all sessions, the latest first, as they are found',
      description:
        'What the programs printed, without escape sequences; of a line that was written over, its last state that matches. `q` is a text, or with `regex=1` a JavaScript regular expression; `A` is found as `a` unless `case=1`. `session` may be repeated. `before` is a date, or the `next` of an earlier answer. `limit` is 1 to 1000, by default 100.',
      request: {
        query: z.object({
          q: z.string(),
          regex: z.enum(['0', '1']).optional(),
          case: z.enum(['0', '1']).optional(),
          session: z.array(z.string()).optional(),
          before: z.string().optional(),
          limit: z.string().optional(),
        }),
      },
      responses: {
        200: {
          description:
            'A line of JSON each: `hit` {session, name, offset, time, text, ranges, isCut}, `progress` {searchedBytes, totalBytes}, and last either `end` {hits, repeats, searchedBytes, totalBytes, next?, gaps, unreadable} or `error` {code, error}. `next` is there when not all was searched.',
          content: { 'application/x-ndjson': { schema: z.string() } },
        },
        400: problem,
        401: problem,
        404: problem,
        429: problem,
      },
    },
    (c) => {
      const { q, regex, case: matchCase, before, limit } = c.req.query()
      const sessions = c.req.queries('session') ?? []
      const params = { q, regex, case: matchCase, before, limit, sessions }
      const request = readSearchRequest(params, directory)
      const stop = new AbortController()
      const found = begin(request, stop.signal)
      const desk = connections.full ? undefined : searches.enter()
      if (!desk) {
        c.header('Retry-After', '2')
        return c.json({ error: 'too many search at once: try again', code: 'TOO_MANY' }, 429)
      }
      return answer(c, options, { request, found, stop, ...desk })
    },
  )
}

/** Nothing runs before the first event is asked for. */
function begin(
  { query, histories, beforeMs, limit }: SearchRequest,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, void, undefined> {
  try {
    return searchInWorker({ query, histories, beforeMs, limit, withinMs: WITHIN_MS, signal })
  } catch (error) {
    throw asBadQuery(error)
  }
}

interface Running {
  readonly request: SearchRequest
  readonly found: AsyncGenerator<SearchEvent, void, undefined>
  readonly stop: AbortController
  readonly turn: Promise<void>
  readonly leave: () => void
}

/** The events as lines, with a sign of life while there are none. Ends the search when nobody reads any more. */
function answer(c: AppContext, options: SearchRoutesOptions, running: Running): Response {
  const { connections, clock, onTrouble } = options
  const { request, found, stop, turn, leave } = running
  const encoder = new TextEncoder()
  let isCancelled = false

  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let progress: object = { type: 'progress', searchedBytes: 0, totalBytes: 0 }
      let beat: unknown
      const forget = connections.add({ loginId: c.get('login').id, end: () => stop.abort() })

      function say(event: object): void {
        if (!stop.signal.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(event)}\n`))
      }

      function live(): void {
        say(progress)
        beat = clock.setTimeout(live, BEAT_MS)
      }

      async function run(): Promise<void> {
        try {
          await Promise.race([turn, aborted(stop.signal)])
          for await (const event of found) {
            if (event.type === 'progress') progress = event
            else say(asLine(event, request))
          }
        } catch (error) {
          if (!isPtySessionError(error, 'SEARCH_TOO_SLOW')) onTrouble('a search failed', error)
          say(asProblem(error))
        } finally {
          clock.clearTimeout(beat)
          forget()
          leave()
          if (!isCancelled) controller.close()
        }
      }

      beat = clock.setTimeout(live, BEAT_MS)
      void run()
    },
    cancel() {
      isCancelled = true
      stop.abort()
    },
  })
  return c.body(body, 200, {
    'Content-Type': 'application/x-ndjson',
    'X-Accel-Buffering': 'no',
  })
}

function asLine(
  event: Exclude<SearchEvent, { readonly type: 'progress' }>,
  { names }: SearchRequest,
): object {
  if (event.type === 'hit') {
    const { type, id, timeMs, ...hit } = event
    const time = timeMs === undefined ? undefined : new Date(timeMs).toISOString()
    return { type, session: id, name: names.get(id), time, ...hit }
  }
  const { rest, gaps, unreadable, ...end } = event
  const session = ({ id, ...each }: { readonly id: string }) => ({ session: id, ...each })
  return {
    ...end,
    ...(rest.length > 0 && { next: writeRest(rest) }),
    gaps: gaps.map(session),
    unreadable: unreadable.map(session),
  }
}

function asProblem(error: unknown): object {
  const isSlow = isPtySessionError(error, 'SEARCH_TOO_SLOW')
  return {
    type: 'error',
    code: isSlow ? 'SEARCH_TOO_SLOW' : 'SEARCH_FAILED',
    error: isSlow ? 'the pattern takes too long: use a simpler one' : 'the search failed',
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}
