const STATUSES = ['running', 'stalled', 'unreachable', 'lost', 'exited'] as const

export type SessionState = (typeof STATUSES)[number]

/** A session as the list shows it. */
export interface SessionInfo {
  readonly id: string
  readonly name: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  readonly status: SessionState
  /** Why it is not simply running; empty when there is nothing to say. */
  readonly reason: string
  readonly command: string
  readonly cwd: string
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
  }
}

export function readSessions(value: unknown): readonly SessionInfo[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each) => readSession(each) ?? [])
}
