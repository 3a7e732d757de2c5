import { seedSchedule } from '@conductor/reconnecting-ws'
import { type AttachOptions, attachSession, type Session } from '@conductor/session-client'

/** Attaches to a session over a WebSocket of its own. The cookie of the login goes with it. */
export function attachTo(id: string): (options: AttachOptions) => Session {
  const { protocol, host } = location
  const url = `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/ws/${encodeURIComponent(id)}`
  return (options) => attachSession({ ...options, url, schedule: seedSchedule })
}
