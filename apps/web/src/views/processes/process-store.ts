import type { ProcessJson, ProcessUsageJson } from '@conductor/api-types'
import { systemClock } from '@conductor/machine'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { Api } from '../../api/api.ts'
import { ApiError, errorText } from '../../api/api-error.ts'
import type { ServerEvents } from '../../api/server-events.ts'
import type { Server } from '../../servers/server.ts'

/** An hour, as often as the server measures. */
const MOST_POINTS = 240

export interface UsagePoint {
  /** Milliseconds since 1970. */
  readonly atMs: number
  readonly rssBytes: number
  readonly cpuPercent: number
}

export type ProcessesState =
  | { readonly name: 'loading' }
  | { readonly name: 'failed'; readonly text: string }
  | { readonly name: 'ready'; readonly processes: readonly ProcessJson[] }

/** The processes of one server as its events tell of them, and what they have used since this page looks. */
export interface ProcessStore {
  readonly state: ReadonlySignal<ProcessesState>
  readonly usage: ReadonlySignal<ReadonlyMap<string, readonly UsagePoint[]>>
  find(name: string): ProcessJson | undefined
  refresh(): Promise<void>
  close(): void
}

export interface ProcessStoreOptions {
  readonly api: Pick<Api, 'ask'>
  readonly events: Pick<ServerEvents, 'on' | 'onReopened'>
  /** Milliseconds since 1970. */
  readonly date: () => number
}

interface NamedUsage {
  readonly name: string
  readonly usage: ProcessUsageJson
}

export function createProcessStore({ api, events, date }: ProcessStoreOptions): ProcessStore {
  const state = signal<ProcessesState>({ name: 'loading' })
  const usage = signal<ReadonlyMap<string, readonly UsagePoint[]>>(new Map())
  /** Which news the list is: an answer that was asked for before them is older than they are. */
  let news = 0

  const known = (): readonly ProcessJson[] =>
    state.value.name === 'ready' ? state.value.processes : []

  function become(processes: readonly ProcessJson[]): void {
    news++
    state.value = { name: 'ready', processes }
  }

  function measured(name: string, { rssBytes, cpuPercent = 0 }: ProcessUsageJson): void {
    const points = usage.value.get(name) ?? []
    const point: UsagePoint = { atMs: date(), rssBytes, cpuPercent }
    usage.value = new Map(usage.value).set(name, [...points, point].slice(-MOST_POINTS))
  }

  const stops = [
    events.on('processes', (data) => {
      if (Array.isArray(data)) become(data as readonly ProcessJson[])
    }),
    events.on('process.added', () => void refresh()),
    events.on('process.changed', (data) => {
      const { process } = (data ?? {}) as { readonly process?: ProcessJson }
      if (!process) return
      // Before the first list, one alone would look like all there are.
      if (state.value.name !== 'ready') return void news++
      become(withProcess(known(), process))
    }),
    events.on('process.removed', (data) => {
      const { name } = (data ?? {}) as { readonly name?: string }
      become(known().filter((each) => each.name !== name && each.spec.name !== name))
      const left = [...usage.value].filter(([each]) => known().some((one) => one.name === each))
      usage.value = new Map(left)
    }),
    events.on('process.usage', (data) => {
      const { name, usage: now } = (data ?? {}) as Partial<NamedUsage>
      if (name === undefined || !now) return
      measured(name, now)
      const process = known().find((each) => each.name === name)
      if (process) become(withProcess(known(), { ...process, usage: now }))
    }),
    events.onReopened(() => void refresh()),
  ]

  async function refresh(): Promise<void> {
    const before = news
    try {
      const found = await api.ask<readonly ProcessJson[]>('GET', 'api/processes')
      if (news !== before) return void (await refresh())
      if (!Array.isArray(found)) throw new ApiError('the answer was cut short', { status: 0 })
      become(found)
    } catch (error) {
      if (state.value.name !== 'ready') state.value = { name: 'failed', text: errorText(error) }
    }
  }

  return {
    state,
    usage,
    find: (name) => known().find((each) => each.name === name),
    refresh,
    close() {
      for (const stop of stops) stop()
    },
  }
}

function withProcess(
  processes: readonly ProcessJson[],
  process: ProcessJson,
): readonly ProcessJson[] {
  return processes.some(({ name }) => name === process.name)
    ? processes.map((each) => (each.name === process.name ? process : each))
    : [...processes, process]
}

const stores = new WeakMap<Server, ProcessStore>()

/** The store of a server, made when it is first wanted: it lives as long as its page. */
export function processesOf(server: Server): ProcessStore {
  const known = stores.get(server)
  if (known) return known
  const store = createProcessStore({ ...server, date: () => systemClock.date() })
  stores.set(server, store)
  void store.refresh()
  return store
}
