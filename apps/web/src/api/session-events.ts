import {
  type AttentionInfo,
  readAttention,
  readSession,
  readSessions,
  type SessionInfo,
} from './session-info.ts'

/** What happens to the list of sessions. */
export type SessionListEvent =
  /** The whole list, as it is now. */
  | { readonly type: 'list'; readonly sessions: readonly SessionInfo[] }
  /** A session is new, or not what it was. */
  | { readonly type: 'changed'; readonly session: SessionInfo }
  | { readonly type: 'removed'; readonly id: string }
  /** It waits for somebody, or does so no more. */
  | { readonly type: 'attention'; readonly id: string; readonly attention: AttentionInfo }

const CHANGES: readonly string[] = ['session.created', 'session.renamed', 'session.state']

/** The events that mean something to the list. */
export const SESSION_EVENTS: readonly string[] = [
  'sessions',
  ...CHANGES,
  'session.removed',
  'session.attention',
]

/** @returns `undefined` for an event that means nothing to the list. */
export function readSessionEvent(name: string, value: unknown): SessionListEvent | undefined {
  if (name === 'sessions')
    return Array.isArray(value) ? { type: 'list', sessions: readSessions(value) } : undefined
  if (typeof value !== 'object' || value === null) return undefined
  const id = 'id' in value && typeof value.id === 'string' ? value.id : undefined
  if (name === 'session.removed') return id === undefined ? undefined : { type: 'removed', id }
  if (name === 'session.attention')
    return id !== undefined && 'attention' in value
      ? { type: 'attention', id, attention: readAttention(value.attention) }
      : undefined
  const session = 'session' in value ? readSession(value.session) : undefined
  return session && CHANGES.includes(name) ? { type: 'changed', session } : undefined
}
