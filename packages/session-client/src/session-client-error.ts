/**
 * `BAD_OPTION`: a value out of its range, named in the message. `ALREADY_ATTACHED`: this client has
 * that session already. `CLOSED`: the client was closed. `NO_WEBSOCKET`: the platform has none, and
 * none was given.
 */
export type SessionClientErrorCode = 'BAD_OPTION' | 'ALREADY_ATTACHED' | 'CLOSED' | 'NO_WEBSOCKET'

/** What this package throws, always at the call that was wrong. What goes wrong later is an event. */
export class SessionClientError extends Error {
  override readonly name = 'SessionClientError'
  readonly code: SessionClientErrorCode

  constructor(code: SessionClientErrorCode, text: string) {
    super(`[session-client/${code}] ${text}`)
    this.code = code
  }
}
