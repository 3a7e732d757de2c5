import type { AttentionJson, SessionJson, SessionStatus } from '@conductor/api-types'
import { visibleText } from '../terminal/visible-text.ts'

const STATUSES: readonly SessionStatus[] = ['running', 'stalled', 'unreachable', 'lost', 'exited']
const KINDS: readonly SessionJson['kind'][] = ['shell', 'worker', 'orchestrator']

const ATTENTION: readonly AttentionJson['state'][] = [
  'none',
  'working',
  'waiting',
  'done',
  'failed',
]

/** Whether a session waits for somebody. */
export interface AttentionInfo extends Pick<AttentionJson, 'state' | 'since'> {
  /** What the program said; empty when it said nothing. */
  readonly text: string
}

/** A session as the list shows it. */
export interface SessionInfo
  extends Pick<SessionJson, 'id' | 'name' | 'createdAt' | 'status' | 'command' | 'cwd'> {
  /** Why it is not simply running; empty when there is nothing to say. */
  readonly reason: string
  /** The coding agent in it; empty when there is none. */
  readonly agent: string
  /** `shell`, `worker` or `orchestrator`. */
  readonly kind: SessionJson['kind']
  readonly attention: AttentionInfo
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
    attention: readAttention(fields['attention']),
  }
}

/** An older server says nothing of it. */
export function readAttention(value: unknown): AttentionInfo {
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>
  const { state, since, text } = fields as Partial<Record<keyof AttentionInfo, unknown>>
  return {
    state: ATTENTION.find((each) => each === state) ?? 'none',
    since: typeof since === 'string' ? since : '',
    text: typeof text === 'string' ? visibleText(text) : '',
  }
}

export function readSessions(value: unknown): readonly SessionInfo[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each) => readSession(each) ?? [])
}
