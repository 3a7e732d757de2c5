import type { AuditFactJson } from '@conductor/api-types'
import { type ReadonlySignal, signal } from '@preact/signals'
import { errorText } from '../../api/api-error.ts'
import type { Server } from '../../servers/server.ts'

/** Facts of one page. */
const PAGE = 100

/** In an export, which reads to the end. */
const LARGEST_PAGE = 1_000

/** News come in bursts: one question for all of them, in milliseconds. */
const GATHER_MS = 300

/** What may be followed by a new fact. Nothing tells of a login itself, so there is a look now and then too. */
const NEWS = [
  'session.viewers',
  'session.created',
  'session.removed',
  'session.renamed',
  'session.exited',
  'process.death',
  'process.added',
  'process.removed',
  'servers',
]

const LOOK_MS = 10_000

export interface AuditState {
  readonly facts: readonly AuditFactJson[]
  /** Nothing is older. */
  readonly complete: boolean
  readonly loading: boolean
  readonly problem: string | undefined
}

/** What happened on a server, newest first, as far back as somebody has scrolled. */
export interface AuditLog {
  readonly state: ReadonlySignal<AuditState>
  /** Older ones. Does nothing while it is at it, or when there are none. */
  more(): Promise<void>
  /** All of it, one JSON text a line, oldest last. */
  export(): Promise<string>
  close(): void
}

export function createAuditLog(server: Server, session: string | undefined): AuditLog {
  const state = signal<AuditState>({
    facts: [],
    complete: false,
    loading: false,
    problem: undefined,
  })
  const stop = new AbortController()
  let gathering: ReturnType<typeof setTimeout> | undefined

  const ask = (before: number | undefined, limit: number): Promise<readonly AuditFactJson[]> =>
    server.api.ask('GET', 'api/audit', { query: { before, session, limit }, signal: stop.signal })

  function set(change: Partial<AuditState>): void {
    if (!stop.signal.aborted) state.value = { ...state.value, ...change }
  }

  async function more(): Promise<void> {
    const { facts, complete, loading } = state.peek()
    if (complete || loading) return
    set({ loading: true, problem: undefined })
    try {
      const older = await ask(facts.at(-1)?.id, PAGE)
      const known = state.peek().facts
      set({ facts: [...known, ...older], complete: older.length < PAGE, loading: false })
    } catch (error) {
      set({ loading: false, problem: errorText(error) })
    }
  }

  /** Only what is newer than all that is known. More than one page of it is a new beginning. */
  async function news(): Promise<void> {
    const [newest] = state.peek().facts
    if (!newest) {
      set({ complete: false })
      return more()
    }
    const latest = await ask(undefined, PAGE).catch(() => [])
    const fresh = latest.filter(({ id }) => id > newest.id)
    if (fresh.length === 0) return
    if (fresh.length === PAGE) set({ facts: fresh, complete: false })
    else set({ facts: [...fresh, ...state.peek().facts] })
  }

  function soon(): void {
    clearTimeout(gathering)
    gathering = setTimeout(() => void news(), GATHER_MS)
  }

  const stops = NEWS.map((name) => server.events.on(name, soon))
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible' && !state.peek().loading) void news()
  }, LOOK_MS)
  void more()

  return {
    state,
    more,
    async export() {
      const lines: string[] = []
      for (let before: number | undefined; ; ) {
        const facts = await ask(before, LARGEST_PAGE)
        lines.push(...facts.map((fact) => `${JSON.stringify(fact)}\n`))
        if (facts.length < LARGEST_PAGE) return lines.join('')
        before = facts.at(-1)?.id
      }
    },
    close() {
      stop.abort()
      clearTimeout(gathering)
      clearInterval(timer)
      for (const each of stops) each()
    },
  }
}
