import { seedSchedule } from '@conductor/reconnecting-ws'
import { type AttachOptions, attachSession, type Session } from '@conductor/session-client'
import type { Api } from '../api/api.ts'
import { socketUrl } from '../api/page-base.ts'

/** Attaches to a session over a WebSocket of its own. The cookie of the login goes with it. */
export function attachTo(id: string, api: Pick<Api, 'url'>): (options: AttachOptions) => Session {
  const url = socketUrl('', api.url(`ws/${encodeURIComponent(id)}`))
  return (options) => attachSession({ ...options, url, schedule: seedSchedule })
}
