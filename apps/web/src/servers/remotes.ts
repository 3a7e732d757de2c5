import type { NewRemoteJson, RemoteJson } from '@conductor/api-types'
import type { Clock } from '@conductor/machine'
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { EventStream } from '../api/server-events.ts'
import { createServer, remoteBase, type Server, type Servers } from './server.ts'

/**
 * How often our own server is asked about the others while somebody can see the page, in milliseconds. It
 * answers with what it knows, and asks them itself every 30 s at most.
 */
const LOOK_MS = 10_000

/**
 * Streams of events to other servers. A browser opens six connections to one host, and each stream keeps one:
 * the servers after these are asked for their sessions with every look.
 */
const MOST_STREAMS = 3

export interface RemotesOptions {
  readonly servers: Servers
  readonly clock: Clock
  readonly onUnauthorized: () => void
  /** Somebody can see the page. */
  readonly isSeen: () => boolean
  /** A server that was away is there again. */
  readonly onBack: (id: string) => void
  /** For tests (default: the browser's). */
  readonly open?: ((url: string) => EventStream) | undefined
}

/** The other servers of this page: which there are, how they are, and what can be done about it. */
export interface Remotes {
  readonly list: ReadonlySignal<readonly RemoteJson[]>
  /** Asks our own server, which answers at once, whatever the others do. Never throws. */
  refresh(): Promise<void>
  add(wanted: NewRemoteJson): Promise<void>
  login(id: string, password: string): Promise<void>
  rename(id: string, name: string): Promise<void>
  remove(id: string): Promise<void>
  close(): void
}

export function createRemotes(options: RemotesOptions): Remotes {
  const { servers, clock, onUnauthorized, isSeen, onBack, open } = options
  const { here } = servers
  const list = signal<readonly RemoteJson[]>([])
  let timer: unknown

  function make(first: RemoteJson): Server {
    const { id } = first
    // What left the list is drawn once more before it goes.
    const remote = computed(() => list.value.find((each) => each.id === id) ?? first)
    const streamed = computed(
      () =>
        remote.value.status === 'ok' &&
        list.value.slice(0, MOST_STREAMS).some((each) => each.id === id),
    )
    return createServer({
      ...{ id, name: first.name, base: remoteBase(here.base, id), clock, onUnauthorized },
      remote: { state: remote, streamed, onLost: () => void refresh(), open },
    })
  }

  function put(next: readonly RemoteJson[]): void {
    const before = new Map(list.peek().map((each) => [each.id, each]))
    list.value = next
    const ids = new Set(next.map(({ id }) => id))
    for (const { id, remote } of servers.all.peek()) if (remote && !ids.has(id)) servers.remove(id)
    for (const remote of next) if (!servers.find(remote.id)) servers.add(make(remote))
    for (const { id, status } of next) {
      if (status !== 'ok') continue
      const was = before.get(id)?.status
      if (was === 'ok') continue
      // A stream begins with the whole list; where there is none, it is asked for.
      if (next.findIndex((each) => each.id === id) >= MOST_STREAMS)
        void servers.find(id)?.sessions.refresh()
      if (was !== undefined) onBack(id)
    }
  }

  async function refresh(): Promise<void> {
    try {
      put(readRemotes(await here.api.ask('GET', 'api/servers')))
    } catch {
      // What was known is still better than nothing; our own server is missed elsewhere.
    }
  }

  function look(): void {
    timer = clock.setTimeout(look, LOOK_MS)
    if (!isSeen()) return
    void refresh()
    for (const { id, status } of list.peek().slice(MOST_STREAMS))
      if (status === 'ok') void servers.find(id)?.sessions.refresh()
  }

  const stop = here.events.on('servers', (data) => put(readRemotes(data)))
  timer = clock.setTimeout(look, LOOK_MS)

  /** What changes something is told by an event too, and maybe later. */
  async function change(action: () => Promise<unknown>): Promise<void> {
    await action()
    await refresh()
  }

  const path = (id: string): string => `api/servers/${encodeURIComponent(id)}`
  return {
    list,
    refresh,
    add: (body) => change(() => here.api.ask('POST', 'api/servers', { body })),
    login: (id, password) =>
      change(() => here.api.ask('POST', `${path(id)}/login`, { body: { password } })),
    rename: (id, name) => change(() => here.api.ask('PATCH', path(id), { body: { name } })),
    remove: (id) => change(() => here.api.ask('DELETE', path(id))),
    close() {
      stop()
      clock.clearTimeout(timer)
    },
  }
}

const STATUSES: readonly RemoteJson['status'][] = [
  'checking',
  'ok',
  'unreachable',
  'login-needed',
  'wrong-version',
]

function readRemotes(value: unknown): readonly RemoteJson[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each: unknown): RemoteJson[] => {
    const fields = (each ?? {}) as Readonly<Record<string, unknown>>
    const { id, name, url, status, error } = fields
    if (typeof id !== 'string' || typeof name !== 'string') return []
    return [
      {
        ...{ id, name, url: typeof url === 'string' ? url : '' },
        status: STATUSES.find((known) => known === status) ?? 'wrong-version',
        ...(typeof error === 'string' && { error }),
      },
    ]
  })
}

/** How a server is, in words; empty when all is well. */
export function remoteText({ status, error }: RemoteJson): string {
  switch (status) {
    case 'ok':
      return ''
    case 'checking':
      return 'Looking for it…'
    case 'unreachable':
      return `Cannot be reached${error ? `: ${error}` : ''}`
    case 'login-needed':
      return 'Wants its password'
    case 'wrong-version':
      return error ? `Not as expected: ${error}` : 'Another version'
  }
}
