/**
 * `BAD_OPTION`: an option has a value that makes no sense. `NO_WEBSOCKET`: this platform has no
 * global `WebSocket` (Node 20); pass one.
 */
export type ReconnectingWsErrorCode = 'BAD_OPTION' | 'NO_WEBSOCKET'

/** A mistake of the caller. Trouble with the connection is never thrown: it is a state. */
export class ReconnectingWsError extends Error {
  override readonly name = 'ReconnectingWsError'
  readonly code: ReconnectingWsErrorCode

  constructor(code: ReconnectingWsErrorCode, text: string) {
    super(`[reconnecting-ws/${code}] ${text}`)
    this.code = code
  }
}
