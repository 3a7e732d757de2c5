import type { Clock } from '@conductor/machine'
import { type ReadonlySignal, signal } from '@preact/signals'
import { errorText } from '../api/api-error.ts'
import { linesOf } from '../replay/lines-of.ts'
import type { Server } from '../servers/server.ts'
import type { SessionRef } from '../servers/session-ref.ts'

/** What is looked for. */
export interface SearchQuery {
  readonly text: string
  readonly isRegex: boolean
  readonly matchCase: boolean
  /** One session alone. */
  readonly session: SessionRef | undefined
  /** Dates in milliseconds since 1970. */
  readonly sinceMs: number | undefined
  readonly beforeMs: number | undefined
}

export interface SearchHit {
  readonly ref: SessionRef
  readonly name: string
  /** Where the match begins in the session's output. */
  readonly offset: number
  readonly timeMs: number | undefined
  /** The line, or with `isCut` a part of it. */
  readonly text: string
  /** Where in the text it matches, from and to. */
  readonly ranges: readonly (readonly [number, number])[]
  readonly isCut: boolean
}

export interface SearchState {
  readonly name: 'idle' | 'running' | 'done' | 'cancelled'
  readonly query: SearchQuery | undefined
  /** In the order in which they came: the latest first, for each server. */
  readonly hits: readonly SearchHit[]
  readonly searchedBytes: number
  readonly totalBytes: number
  /** Whether there may be more. */
  readonly hasMore: boolean
  /** Parts of histories that are no longer kept, or could not be read. */
  readonly isPartial: boolean
  readonly problem: string | undefined
}

export interface SearchRun {
  readonly state: ReadonlySignal<SearchState>
  /** Ends the one before. */
  start(query: SearchQuery): void
  /** Goes on where it stopped. */
  more(): void
  cancel(): void
}

/** Hits that one answer has at most. */
const LIMIT = 200

/** Hits are shown together this often, in milliseconds: drawing each would hold the page up. */
const SHOW_MS = 80

type Line =
  | (Omit<SearchHit, 'ref' | 'timeMs'> & {
      readonly type: 'hit'
      readonly session: string
      readonly time?: string
    })
  | { readonly type: 'progress'; readonly searchedBytes: number; readonly totalBytes: number }
  | {
      readonly type: 'end'
      readonly searchedBytes: number
      readonly totalBytes: number
      readonly next?: string
      readonly gaps: readonly unknown[]
      readonly unreadable: readonly unknown[]
    }
  | { readonly type: 'error'; readonly error: string }

const IDLE: SearchState = {
  name: 'idle',
  query: undefined,
  hits: [],
  searchedBytes: 0,
  totalBytes: 0,
  hasMore: false,
  isPartial: false,
  problem: undefined,
}

export interface SearchRunOptions {
  /** All that are searched. */
  readonly servers: () => readonly Pick<Server, 'id' | 'api'>[]
  readonly clock: Clock
}

/** Searches what all sessions have ever said, on all servers at once. */
export function createSearchRun({ servers, clock }: SearchRunOptions): SearchRun {
  const state = signal<SearchState>(IDLE)
  let stop = new AbortController()
  /** Where each server goes on. */
  let next = new Map<string, string>()
  let bytes = new Map<string, { searched: number; total: number }>()
  let fresh: SearchHit[] = []
  let timer: unknown

  function set(change: Partial<SearchState>): void {
    state.value = { ...state.peek(), ...change }
  }

  function showSoon(): void {
    timer ??= clock.setTimeout(show, SHOW_MS)
  }

  function show(): void {
    clock.clearTimeout(timer)
    timer = undefined
    const counts = [...bytes.values()]
    const hits = fresh.length > 0 ? [...state.peek().hits, ...fresh] : state.peek().hits
    fresh = []
    set({
      hits,
      searchedBytes: counts.reduce((sum, { searched }) => sum + searched, 0),
      totalBytes: counts.reduce((sum, { total }) => sum + total, 0),
    })
  }

  async function ask(
    server: Pick<Server, 'id' | 'api'>,
    query: SearchQuery,
    signal: AbortSignal,
  ): Promise<void> {
    const before = next.get(server.id) ?? isoOf(query.beforeMs)
    const response = await server.api.send('GET', 'api/search', {
      query: {
        q: query.text,
        regex: query.isRegex ? 1 : undefined,
        case: query.matchCase ? 1 : undefined,
        session: query.session?.id,
        before,
        limit: LIMIT,
      },
      signal,
    })
    next.delete(server.id)
    if (!response.body) return
    for await (const lines of linesOf(response.body)) {
      // What comes late belongs to no search any more.
      if (signal.aborted) return
      for (const text of lines) {
        // The server's own words: made and checked from one source with this.
        const line = JSON.parse(text) as Line
        if (line.type === 'hit' && isTooOld(line.time, query.sinceMs)) return
        take(server.id, line)
      }
      showSoon()
    }
  }

  function take(server: string, line: Line): void {
    switch (line.type) {
      case 'hit': {
        const { session, time, name, offset, text, ranges, isCut } = line
        const timeMs = time === undefined ? undefined : Date.parse(time)
        fresh.push({ ref: { server, id: session }, name, offset, timeMs, text, ranges, isCut })
        break
      }
      case 'error':
        set({ problem: line.error })
        break
      case 'end':
        if (line.next !== undefined) next.set(server, line.next)
        if (line.gaps.length + line.unreadable.length > 0) set({ isPartial: true })
        bytes.set(server, { searched: line.searchedBytes, total: line.totalBytes })
        break
      case 'progress':
        bytes.set(server, { searched: line.searchedBytes, total: line.totalBytes })
    }
  }

  async function run(query: SearchQuery, only?: ReadonlySet<string>): Promise<void> {
    const { signal } = stop
    const asked = servers().filter(
      ({ id }) => (only?.has(id) ?? true) && (!query.session || query.session.server === id),
    )
    await Promise.all(
      asked.map((server) =>
        ask(server, query, signal).catch((error: unknown) => {
          if (!signal.aborted) set({ problem: errorText(error) })
        }),
      ),
    )
    if (signal.aborted) return
    show()
    set({ name: 'done', hasMore: next.size > 0 })
  }

  function halt(): void {
    stop.abort()
    stop = new AbortController()
    clock.clearTimeout(timer)
    timer = undefined
    fresh = []
  }

  return {
    state,
    start(query) {
      halt()
      next = new Map()
      bytes = new Map()
      state.value = { ...IDLE, query, name: query.text === '' ? 'idle' : 'running' }
      if (query.text !== '') void run(query)
    },
    more() {
      const { query, hasMore } = state.peek()
      if (!query || !hasMore) return
      set({ name: 'running', hasMore: false, problem: undefined })
      void run(query, new Set(next.keys()))
    },
    cancel() {
      if (state.peek().name !== 'running') return
      show()
      halt()
      set({ name: 'cancelled' })
    },
  }
}

function isoOf(dateMs: number | undefined): string | undefined {
  return dateMs === undefined ? undefined : new Date(dateMs).toISOString()
}

/** The latest come first, so all that follow are too old as well. */
function isTooOld(time: string | undefined, sinceMs: number | undefined): boolean {
  return time !== undefined && sinceMs !== undefined && Date.parse(time) < sinceMs
}
