/**
 * Why a connection, or one channel of it, ended. 4400 to 4499 are ours; 1001 is the standard's.
 *
 * @see https://www.iana.org/assignments/websocket/websocket.xhtml
 */
export const CloseCode = {
  /** The server goes away: come back. */
  goingAway: 1001,
  /** A frame that could not be decoded, or came out of order. */
  badFrame: 4400,
  /** Not logged in, or not any more. */
  unauthorized: 4401,
  /** Logged in, but not allowed to do that. */
  forbidden: 4403,
  /** No such session. */
  noSession: 4404,
  /** The viewer reads too slowly: come back and resume. */
  tooSlow: 4408,
  /** Another connection took this one's place. */
  replaced: 4409,
  /** Too many connections, or too much input: come back later. */
  tooMany: 4429,
} as const

export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode]

const FINAL: ReadonlySet<number> = new Set([
  CloseCode.badFrame,
  CloseCode.unauthorized,
  CloseCode.forbidden,
  CloseCode.noSession,
  CloseCode.replaced,
])

/** Whether trying again is pointless until a person does something (logs in, picks another session). */
export function isFinalCloseCode(code: number): boolean {
  return FINAL.has(code)
}
