import type { SessionJson, SessionStatus } from '@conductor/api-types'

const STATUSES: readonly SessionStatus[] = ['running', 'stalled', 'unreachable', 'lost', 'exited']
const KINDS: readonly SessionJson['kind'][] = ['shell', 'worker', 'orchestrator']

/** A session as the list shows it. */
export interface SessionInfo
  extends Pick<SessionJson, 'id' | 'name' | 'createdAt' | 'status' | 'command' | 'cwd'> {
  /** Why it is not simply running; empty when there is nothing to say. */
  readonly reason: string
  /** The coding agent in it; empty when there is none. */
  readonly agent: string
  /** `shell`, `worker` or `orchestrator`. */
  readonly kind: SessionJson['kind']
}

/**
 * Reads a session out of an answer. What this page does not know is passed over, and what an older
 * server does not say has a default.
 *
 * @returns `undefined` when it is none.
 */
export function readSession(value: unknown): SessionInfo | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Readonly<Record<string, unknown>>
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '')
  const id = text('id')
  if (!id) return undefined
  return {
    id,
    name: text('name') || id,
    createdAt: text('createdAt'),
    status: STATUSES.find((each) => each === fields['status']) ?? 'running',
    reason: text('reason'),
    command: text('command'),
    cwd: text('cwd'),
    agent: text('agent'),
    kind: KINDS.find((each) => each === fields['kind']) ?? 'shell',
  }
}

export function readSessions(value: unknown): readonly SessionInfo[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each) => readSession(each) ?? [])
}
