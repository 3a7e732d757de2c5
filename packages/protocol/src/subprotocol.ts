/** The WebSocket subprotocol that these frames belong to. */
export const SUBPROTOCOL = 'conductor.v1'

const TOKEN_PREFIX = 'conductor.token.'

/**
 * The subprotocol entry that logs in where neither a header nor a cookie can be set. It stands
 * beside {@link SUBPROTOCOL} in the offer, and the server never selects it, so that the answer does not
 * repeat the token.
 *
 * @param token Letters and digits: the session token, 64 of them.
 */
export function tokenProtocol(token: string): string {
  return TOKEN_PREFIX + token
}

/** The token in a `Sec-WebSocket-Protocol` offer, or `undefined` when it carries none. */
export function readToken(offered: Iterable<string>): string | undefined {
  for (const entry of offered)
    if (entry.startsWith(TOKEN_PREFIX)) return entry.slice(TOKEN_PREFIX.length)
  return undefined
}
