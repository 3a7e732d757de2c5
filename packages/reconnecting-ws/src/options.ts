import type { Clock } from '@conductor/machine'
import type { Page } from './page.ts'
import type { Schedule } from './schedules.ts'
import type { SocketData } from './send-queue.ts'

/** A value, or a function that is called for every try: for a fresh token, or a resume offset. */
export type Fresh<T> = T | (() => T | Promise<T>)

/** The part of a `WebSocket` that we use, so that the browser's, Node's, `ws`, or a fake will do. */
export interface SocketLike {
  binaryType: string
  readonly bufferedAmount: number
  readonly protocol: string
  readonly readyState: number
  readonly url: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  send(data: never): void
  close(code?: number, reason?: string): void
}

/** Makes a socket. Browsers ignore `init`. */
export type SocketConstructor = new (
  url: string | URL,
  protocols?: string | string[],
  init?: { readonly headers: Record<string, string> },
) => SocketLike

/**
 * Signs of life, asked for by the application, because a browser's scripts cannot see pings.
 *
 * Anything that arrives is proof of life. After a return (of the page, the network, the machine, or of
 * our own frozen timers) an open socket is asked at once, and has `connectWithinMs` to answer. Answering
 * the peer's own pings is up to the layer above.
 *
 * Both times are looked up whenever they matter, so a getter can pass on what a server announces.
 */
export interface PingOptions {
  /** When nothing has come in for this long, ask, in milliseconds. */
  readonly everyMs: number
  /** When nothing has come in for this long, the connection is dead, in milliseconds; more than `everyMs`. */
  readonly silenceMs: number
  /** Makes the message that the peer will answer. Must not throw. */
  readonly make: () => SocketData
  /** Messages for which this is true are signs of life and nothing else: no `message` event (default: none). */
  readonly isPong?: ((data: unknown) => boolean) | undefined
}

export interface ReconnectingWsOptions {
  /** Where to. A function that throws or rejects makes a failed try. */
  readonly url: Fresh<string | URL>
  /** Subprotocols, the preferred one first (default: none). Like `url`, asked for every try. */
  readonly protocols?: Fresh<string | string[] | undefined>
  /** Request headers, for constructors that take them, such as `ws`; browsers cannot send any (default: none). */
  readonly headers?: Fresh<Record<string, string>> | undefined
  /** What makes a socket (default: the global `WebSocket`, which Node has from 22). */
  readonly WebSocket?: SocketConstructor | undefined
  /** `false` waits for `reconnect()` before the first try (default: true, as `WebSocket` does). */
  readonly autoConnect?: boolean | undefined
  /** How long to wait before each retry, and when to give up (default: `seedSchedule`). */
  readonly schedule?: Schedule | undefined
  /** Close codes after which there is no retry (default: `isFinalCode`; 1000 is not one of them). */
  readonly isFinal?: ((code: number) => boolean) | undefined
  /** A try that takes longer has failed, in milliseconds (default: 5,000). The functions above count in. */
  readonly connectWithinMs?: number | undefined
  /** The same for a try right after a return, when phones take their time, in milliseconds (default: 8,000). */
  readonly resumeConnectWithinMs?: number | undefined
  /**
   * A connection that lasted this long is forgiven its failed tries, in milliseconds (default: 5,000).
   * With `Infinity` only `confirm()` forgives.
   */
  readonly minUptimeMs?: number | undefined
  /** Asks for signs of life (default: none, and then a connection that fell silent is never noticed). */
  readonly ping?: PingOptions | undefined
  /**
   * Once the connection has been down for longer than this, a hidden page tries no more until it is
   * back, in milliseconds (default: 60,000). `Infinity` goes on trying.
   */
  readonly hiddenGraceMs?: number | undefined
  /**
   * How many bytes may wait for a connection (default: 262,144). A message for which there is no
   * room is refused, `send` is then false: dropping an older one would be a loss that nobody sees.
   * 0 keeps nothing.
   */
  readonly maxQueuedBytes?: number | undefined
  /** The page whose comings and goings matter (default: the global scope, which in Node is no page). */
  readonly page?: Page | undefined
  /** The source of time (default: the system's). */
  readonly clock?: Clock | undefined
}
