import type { Clock } from '@conductor/machine'
import { type ReadonlySignal, signal } from '@preact/signals'
import { type Api, createApi } from '../api/api.ts'
import { createServerEvents, type ServerEvents } from '../api/server-events.ts'
import { createSessionList, type SessionList } from './session-list.ts'

/** The server that this page comes from. Others are reached through it, below `remote/<id>/`. */
export const HERE = 'here'

/** One machine with sessions, and all that is asked of it. */
export interface Server {
  /** {@link HERE}, or what our own server calls it. */
  readonly id: string
  readonly name: string
  /** The folder that its addresses lie in; it ends with a slash. */
  readonly base: URL
  readonly api: Api
  readonly events: ServerEvents
  readonly sessions: SessionList
  close(): void
}

export interface ServerOptions {
  readonly id: string
  readonly name: string
  readonly base: URL
  readonly clock: Clock
  readonly onUnauthorized: () => void
}

export function createServer({ id, name, base, clock, onUnauthorized }: ServerOptions): Server {
  const api = createApi({ base, onUnauthorized })
  const events = createServerEvents({ url: api.url('api/events'), clock })
  const sessions = createSessionList({ api, events })
  return {
    id,
    name,
    base,
    api,
    events,
    sessions,
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
