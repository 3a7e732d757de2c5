import { type Clock, systemClock } from '@conductor/machine'
import type {
  Fresh,
  Page,
  ReconnectingWsOptions,
  Schedule,
  SocketConstructor,
} from '@conductor/reconnecting-ws'
import { createClientCore, type SessionClient } from './client-core.ts'
import {
  checkRange,
  DEFAULT_MAX_PENDING_BYTES,
  DEFAULT_STALE_INPUT_MS,
  randomId,
} from './options.ts'
import { SessionClientError } from './session-client-error.ts'
import { connectSocket } from './socket-connection.ts'
import type { AttachOptions, Session } from './types.ts'

export interface SessionClientOptions {
  /** Where to, e.g. `wss://host/ws/{id}`; a function is asked at every try. Never put a token into it. */
  readonly url: Fresh<string | URL>
  /** The session token, where there is no cookie; a function is asked at every try (default: none). */
  readonly token?: Fresh<string> | undefined
  /** Request headers, for a `WebSocket` that takes them, such as that of `ws` (default: none). */
  readonly headers?: ReconnectingWsOptions['headers']
  /** 1 to 64 characters: keep it over a reload, and what was typed stays counted (default: random). */
  readonly clientId?: string | undefined
  /** Typing that waits over a drop for longer is held back and asked about, in milliseconds (default: 30,000). */
  readonly staleInputMs?: number | undefined
  /** The most that may wait to be typed, in bytes; more is refused (default: 8 MiB). */
  readonly maxPendingBytes?: number | undefined
  /** When to try again, and when to give up (default: 1, 2, 4, 8, 16, 30, 30 … s, 20 times). */
  readonly schedule?: Schedule | undefined
  /** A try that takes longer has failed, in milliseconds (default: 5,000). */
  readonly connectWithinMs?: number | undefined
  /** Once down for longer than this, a hidden page waits to be seen, in milliseconds (default: 60,000). */
  readonly hiddenGraceMs?: number | undefined
  /** The page whose comings and goings matter (default: the global scope). */
  readonly page?: Page | undefined
  /** What makes a socket (default: the global `WebSocket`, which Node has from 22). */
  readonly WebSocket?: SocketConstructor | undefined
  /** The source of time (default: the system's). */
  readonly clock?: Clock | undefined
  /** Makes numbers in [0, 1) for `clientId` (default: the platform's secure random). */
  readonly random?: (() => number) | undefined
}

/**
 * One socket, over which sessions are attached, and which comes back.
 *
 * It dials when the first session is attached, and hangs up when none wants it any more.
 *
 * @throws SessionClientError `BAD_OPTION`; `NO_WEBSOCKET` where the platform has none.
 */
export function createSessionClient(options: SessionClientOptions): SessionClient {
  const {
    random = secureRandom,
    clientId = randomId(random),
    staleInputMs = DEFAULT_STALE_INPUT_MS,
    maxPendingBytes = DEFAULT_MAX_PENDING_BYTES,
    clock = systemClock,
    WebSocket = (globalThis as { WebSocket?: SocketConstructor }).WebSocket,
    ...socket
  } = options
  checkRange('clientId.length', clientId.length, 1, 64)
  checkRange('maxPendingBytes', maxPendingBytes, 1, Number.MAX_SAFE_INTEGER)
  if (!(staleInputMs >= 0))
    throw new SessionClientError('BAD_OPTION', `staleInputMs is ${staleInputMs}`)
  if (!WebSocket) throw new SessionClientError('NO_WEBSOCKET', 'pass options.WebSocket')
  const connect = connectSocket({ ...socket, WebSocket, clock })
  return createClientCore({ clientId, staleInputMs, maxPendingBytes, clock, connect })
}

/**
 * Attaches to one session over a socket of its own, as for `/ws/{id}`.
 *
 * @throws SessionClientError `BAD_OPTION`; `NO_WEBSOCKET` where the platform has none.
 */
export function attachSession(options: SessionClientOptions & AttachOptions): Session {
  return createSessionClient(options).attach(options)
}

/** In [0, 1), from the platform's secure source, which browsers and Node share. */
function secureRandom(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32
}
