import { readSession, readSessions, type SessionInfo } from './session-info.ts'

/** What happens to the list of sessions. */
export type SessionListEvent =
  /** The whole list, as it is now. */
  | { readonly type: 'list'; readonly sessions: readonly SessionInfo[] }
  /** A session is new, or not what it was. */
  | { readonly type: 'changed'; readonly session: SessionInfo }
  | { readonly type: 'removed'; readonly id: string }

const CHANGES: readonly string[] = ['session.created', 'session.renamed', 'session.state']
const NAMES: readonly string[] = ['sessions', ...CHANGES, 'session.removed']

/** @returns `undefined` for an event that means nothing to the list. */
export function readSessionEvent(name: string, data: string): SessionListEvent | undefined {
  const value = parse(data)
  if (name === 'sessions') {
    return Array.isArray(value) ? { type: 'list', sessions: readSessions(value) } : undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  if (name === 'session.removed')
    return 'id' in value && typeof value.id === 'string'
      ? { type: 'removed', id: value.id }
      : undefined
  const session = 'session' in value ? readSession(value.session) : undefined
  return session && CHANGES.includes(name) ? { type: 'changed', session } : undefined
}

export interface SessionEventsOptions {
  readonly onEvent: (event: SessionListEvent) => void
  /** The browser has given up: nothing more will come. */
  readonly onEnd: () => void
}

/**
 * Listens to `/api/events`. The browser reconnects by itself, and tells the server where it was.
 *
 * @returns The function that ends it.
 */
export function listenToSessions({ onEvent, onEnd }: SessionEventsOptions): () => void {
  const source = new EventSource('/api/events')
  for (const name of NAMES)
    source.addEventListener(name, ({ data }: MessageEvent) => {
      const event = readSessionEvent(name, String(data))
      if (event) onEvent(event)
    })
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) onEnd()
  })
  return () => source.close()
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
