/**
 * `TRUNCATED`: the frame ends inside a field. `MALFORMED`: a field has no such value.
 * `UNKNOWN_TYPE`: a frame of a type that must be understood and is not. `TOO_LARGE`: over the limit.
 */
export type ProtocolErrorCode = 'TRUNCATED' | 'MALFORMED' | 'UNKNOWN_TYPE' | 'TOO_LARGE'

/** The one error that decoding throws. Answer it by closing the connection with 4400. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: ProtocolErrorCode

  constructor(code: ProtocolErrorCode, text: string) {
    super(`[protocol/${code}] ${text}`)
    this.code = code
  }
}
