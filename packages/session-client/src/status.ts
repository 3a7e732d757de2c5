import type { ConnectionState } from './connection.ts'
import type { SessionState } from './machine.ts'
import type { SessionStatus } from './types.ts'

/** What a person is told: the session's own state, or, while it waits, what its connection does. */
export function statusOf(
  session: SessionState,
  connection: ConnectionState,
  before: SessionStatus,
): SessionStatus {
  switch (session.name) {
    case 'waiting':
    case 'attaching':
      return statusOfConnection(connection, before)
    case 'deferred':
      return { name: 'reconnecting', attempt: 1, attempts: undefined, retryAtMs: undefined }
    default:
      return session
  }
}

function statusOfConnection(connection: ConnectionState, before: SessionStatus): SessionStatus {
  switch (connection.name) {
    case 'waiting': {
      const { attempt, attempts, retryAtMs } = connection
      return { name: 'reconnecting', attempt, attempts, retryAtMs }
    }
    case 'connecting': {
      const { attempt, attempts } = connection
      if (attempt === 0) return { name: 'connecting' }
      return { name: 'reconnecting', attempt, attempts, retryAtMs: undefined }
    }
    case 'stopped':
      return { name: 'stopped' }
    case 'refused':
      return connection
    case 'open':
    case 'idle':
      // Open but not attached yet: the same try goes on.
      return before.name === 'reconnecting' ? before : { name: 'connecting' }
  }
}

export function sameStatus(a: SessionStatus, b: SessionStatus): boolean {
  if (a.name === 'reconnecting' && b.name === 'reconnecting')
    return a.attempt === b.attempt && a.attempts === b.attempts && a.retryAtMs === b.retryAtMs
  return a.name === b.name
}
