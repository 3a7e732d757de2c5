import { seedSchedule } from '@conductor/reconnecting-ws'
import { type AttachOptions, attachSession, type Session } from '@conductor/session-client'
import { socketUrl } from '../api/page-base.ts'

/** Attaches to a session over a WebSocket of its own. The cookie of the login goes with it. */
export function attachTo(id: string, base: URL): (options: AttachOptions) => Session {
  const url = socketUrl(`ws/${encodeURIComponent(id)}`, base)
  return (options) => attachSession({ ...options, url, schedule: seedSchedule })
}
