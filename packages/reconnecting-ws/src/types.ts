import type { SocketState } from './machine.ts'
import type { SocketData } from './send-queue.ts'

/** The events of a reconnecting socket, and what each carries. */
export interface ReconnectingWsEvents {
  /** Connected, for the first time or again. What waited in the queue goes out after this event. */
  open: Event
  message: Event & { readonly data: unknown }
  /** It is over: closed by `close()`, or stopped until `reconnect()`. Not for a drop that is retried. */
  close: Event & { readonly code: number; readonly reason: string; readonly wasClean: boolean }
  /** The schedule is exhausted; `close` follows. `error` is what the last try threw, if it did. */
  error: Event & { readonly error: unknown }
  /** Any other state than before, also those that the events above tell of. */
  statechange: Event & { readonly detail: SocketState }
}

type ListenOptions =
  | boolean
  | {
      readonly capture?: boolean
      readonly once?: boolean
      readonly passive?: boolean
      readonly signal?: AbortSignal
    }
type Listener<E> = ((event: E) => void) | { handleEvent(event: E): void } | null
type EventName = keyof ReconnectingWsEvents

/** A `WebSocket` that comes back. What is not described here is as in `WebSocket`. */
export interface ReconnectingWs extends EventTarget {
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
  onopen: ((event: ReconnectingWsEvents['open']) => void) | null
  onmessage: ((event: ReconnectingWsEvents['message']) => void) | null
  onclose: ((event: ReconnectingWsEvents['close']) => void) | null
  onerror: ((event: ReconnectingWsEvents['error']) => void) | null
  onstatechange: ((event: ReconnectingWsEvents['statechange']) => void) | null
  /** What messages arrive as; kept for every later connection (at first: 'blob'). */
  binaryType: string
  /** Where things stand, with the facts that belong to it. Times are on the socket's clock. */
  readonly state: SocketState
  /** When the next try begins, in milliseconds since 1970; `undefined` unless it waits for a time. */
  readonly nextRetryAt: number | undefined
  /** 0 while there is hope, 1 when open, 3 when stopped or closed. */
  readonly readyState: 0 | 1 | 3
  /** Bytes that are still here: in the queue, and in the present connection's own buffer. */
  readonly bufferedAmount: number
  readonly protocol: string
  /** The address of the present connection; empty while there is none. */
  readonly url: string
  /**
   * Sends now when open, else puts the message into the queue.
   *
   * @returns `false` when it did neither: no room, or stopped or closed. Nothing is ever sent twice:
   * what a dying connection had taken may be lost, and asking for an answer is up to the caller.
   */
  send(data: SocketData): boolean
  /**
   * Ends it for good: no retry, no timer, no listener on the page. Calling it twice is fine.
   *
   * @throws What the connection throws about a code or a reason that it does not take; nothing has happened then.
   */
  close(code?: number, reason?: string): void
  /** Connects at once and from scratch, out of any state but `closed`: what a click means. */
  reconnect(): void
  /** The connection is good: its earlier failed tries are forgiven now, not after `minUptimeMs`. */
  confirm(): void
  addEventListener<Name extends EventName>(
    type: Name,
    listener: Listener<ReconnectingWsEvents[Name]>,
    options?: ListenOptions,
  ): void
  addEventListener(type: string, listener: Listener<Event>, options?: ListenOptions): void
  removeEventListener<Name extends EventName>(
    type: Name,
    listener: Listener<ReconnectingWsEvents[Name]>,
    options?: ListenOptions,
  ): void
  removeEventListener(type: string, listener: Listener<Event>, options?: ListenOptions): void
}
