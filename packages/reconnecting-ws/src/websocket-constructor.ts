import type { ReconnectingWsOptions } from './options.ts'
import { createReconnectingWs, READY_STATES } from './reconnecting-ws.ts'
import type { ReconnectingWs } from './types.ts'

/** What a library means by "a WebSocket implementation". */
export type WebSocketConstructor = typeof READY_STATES &
  (new (
    url: string | URL,
    protocols?: string | string[],
  ) => ReconnectingWs)

/**
 * Makes a stand-in for the global `WebSocket`, for libraries that call `new` themselves:
 * `createClient({ webSocketImpl: websocketConstructor() })`.
 *
 * @param options As for `createReconnectingWs`, without the two that `new` is given.
 */
export function websocketConstructor(
  options: Omit<ReconnectingWsOptions, 'url' | 'protocols'> = {},
): WebSocketConstructor {
  // A function that returns an object may be called with `new`, and the object is what comes out.
  function WebSocket(url: string | URL, protocols?: string | string[]): ReconnectingWs {
    return createReconnectingWs({ ...options, url, protocols })
  }
  return Object.assign(WebSocket, READY_STATES) as unknown as WebSocketConstructor
}
