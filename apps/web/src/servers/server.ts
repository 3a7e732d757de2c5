import type { RemoteJson } from '@conductor/api-types'
import type { Clock } from '@conductor/machine'
import { type ReadonlySignal, signal } from '@preact/signals'
import { type Api, createApi } from '../api/api.ts'
import { createServerEvents, type EventStream, type ServerEvents } from '../api/server-events.ts'
import { createGatedStream } from './gated-stream.ts'
import { createSessionList, type SessionList } from './session-list.ts'
import { createViewerLists, type ViewerLists } from './viewers.ts'

/** The server that this page comes from. Others are reached through it, below `remote/<id>/`. */
export const HERE = 'here'

/** One machine with sessions, and all that is asked of it. */
export interface Server {
  /** {@link HERE}, or what our own server calls it. */
  readonly id: string
  /** Reads a signal: it may change. */
  readonly name: string
  /** How it is, and its address; `undefined` for our own. */
  readonly remote: ReadonlySignal<RemoteJson> | undefined
  /** Whether it is worth asking. Our own always is. */
  readonly reachable: boolean
  /** The folder that its addresses lie in; it ends with a slash. */
  readonly base: URL
  readonly api: Api
  readonly events: ServerEvents
  readonly sessions: SessionList
  readonly viewers: ViewerLists
  close(): void
}

export interface ServerOptions {
  readonly id: string
  readonly name: string
  readonly base: URL
  readonly clock: Clock
  readonly onUnauthorized: () => void
  /** The link by which this page's person came: it goes with every request. */
  readonly share?: string | undefined
  /** Of another server: how it is, and whether its events are to be listened to just now. */
  readonly remote?:
    | {
        readonly state: ReadonlySignal<RemoteJson>
        readonly streamed: ReadonlySignal<boolean>
        readonly onLost: () => void
        readonly open?: ((url: string) => EventStream) | undefined
      }
    | undefined
}

export function createServer(options: ServerOptions): Server {
  const { id, name, base, clock, onUnauthorized, share, remote } = options
  const api = createApi({ base, onUnauthorized, share })
  const url = api.url('api/events')
  const events = createServerEvents({
    url,
    clock,
    ...(remote && {
      open: (address: string) =>
        createGatedStream({
          open: () => remote.open?.(address) ?? new EventSource(address),
          ...{ clock, isOpen: remote.streamed, onLost: remote.onLost },
        }),
    }),
  })
  const sessions = createSessionList({ api, events })
  return {
    id,
    get name() {
      return remote?.state.value.name ?? name
    },
    remote: remote?.state,
    get reachable() {
      return !remote || remote.state.value.status === 'ok'
    },
    base,
    api,
    events,
    sessions,
    viewers: createViewerLists(events),
    close() {
      sessions.close()
      events.close()
    },
  }
}

/** Where another server's addresses lie: below our own, which passes them on. */
export function remoteBase(here: URL, id: string): URL {
  return new URL(`remote/${encodeURIComponent(id)}/`, here)
}

/** The servers of this page. */
export interface Servers {
  /** Our own first. */
  readonly all: ReadonlySignal<readonly Server[]>
  readonly here: Server
  find(id: string): Server | undefined
  /** @throws for an id that is taken. */
  add(server: Server): void
  /** Our own stays. */
  remove(id: string): void
}

export function createServers(here: Server): Servers {
  const all = signal<readonly Server[]>([here])
  const find = (id: string): Server | undefined => all.value.find((each) => each.id === id)
  return {
    all,
    here,
    find,
    add(server) {
      if (find(server.id)) throw new Error(`the server ${server.id} is there already`)
      all.value = [...all.value, server]
    },
    remove(id) {
      const server = find(id)
      if (!server || server === here) return
      all.value = all.value.filter((each) => each !== server)
      server.close()
    },
  }
}
