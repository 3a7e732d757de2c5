import type { RemoteJson } from '@conductor/api-types'
import type { ProcessesEvent } from './processes/process-events.ts'
import type { SessionsEvent } from './sessions/session-events.ts'

/** What `/api/events` tells. `type` is the name that goes over the wire. */
export type ServerEvent =
  | SessionsEvent
  | ProcessesEvent
  /** The other servers that are reached through this one, all of them, when something about one has changed. */
  | { readonly type: 'servers'; readonly servers: readonly RemoteJson[] }

export interface NumberedEvent {
  /** As in `Last-Event-ID`: the server's id, a dash, a number. */
  readonly id: string
  readonly event: ServerEvent
}

/** The latest events, so that a page that was away for a moment misses none. */
export interface EventLog {
  /** The id of the latest event, of a place before the first one otherwise. */
  readonly lastId: string
  publish(event: ServerEvent): void
  /** What came after `id`; `undefined` when that cannot be told any more. */
  since(id: string): readonly NumberedEvent[] | undefined
  subscribe(listener: (event: NumberedEvent) => void): () => void
}

/** @param keep How many events are kept for those who come back (default: 1,000). */
export function createEventLog(serverId: string, keep = 1_000): EventLog {
  const listeners = new Set<(event: NumberedEvent) => void>()
  const kept: NumberedEvent[] = []
  let count = 0
  const idOf = (n: number) => `${serverId}-${n}`

  return {
    get lastId() {
      return idOf(count)
    },
    publish(event) {
      const numbered = { id: idOf(++count), event }
      kept.push(numbered)
      if (kept.length > keep) kept.shift()
      for (const listener of [...listeners]) listener(numbered)
    },
    since(id) {
      const [, server, digits] = /^(.+)-(\d{1,15})$/.exec(id) ?? []
      const missed = count - Number(digits)
      if (server !== serverId || !(missed >= 0 && missed <= kept.length)) return undefined
      return kept.slice(kept.length - missed)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
