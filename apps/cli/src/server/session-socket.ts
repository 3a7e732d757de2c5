import { endless, fullJitter, type SocketConstructor } from '@conductor/reconnecting-ws'
import type { SessionClientOptions } from '@conductor/session-client'
import { WebSocket } from 'ws'
import { findServer } from './find-server.ts'

/** Between two tries to find the server again, in milliseconds: it is on this machine. */
const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 2_000

/**
 * How a session of the server of `stateDir` is reached, and reached again: the next server may have
 * another port and another token, so both are looked up at every try, and for as long as it takes.
 */
export function sessionSocket(
  stateDir: string,
  id: string,
): Pick<SessionClientOptions, 'url' | 'headers' | 'schedule' | 'WebSocket'> {
  let found = findLater()

  function findLater(): ReturnType<typeof findServer> {
    const finding = findServer(stateDir)
    // Both who ask hear of a failure; who asks second may be late.
    finding.catch(() => {})
    return finding
  }

  return {
    url: async () => {
      found = findLater()
      return `${(await found).url.replace(/^http/, 'ws')}/ws/${encodeURIComponent(id)}`
    },
    // Asked right after the address, before either is answered.
    headers: async () => ({ 'X-Session-Token': (await found).token }),
    schedule: endless(fullJitter({ baseMs: FIRST_WAIT_MS, capMs: LONGEST_WAIT_MS })),
    // Node has one from version 22, which sends no headers of ours.
    WebSocket: WebSocket as unknown as SocketConstructor,
  }
}
