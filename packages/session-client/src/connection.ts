/** What a connection is doing. */
export type ConnectionState =
  /** Not wanted. */
  | { readonly name: 'idle' }
  /** Being made. `attempt` counts the retries, from 1; it is 0 for a first try. */
  | { readonly name: 'connecting'; readonly attempt: number; readonly attempts: number | undefined }
  | { readonly name: 'open' }
  | {
      readonly name: 'waiting'
      readonly attempt: number
      readonly attempts: number | undefined
      readonly retryAtMs: number | undefined
    }
  /** Every attempt failed. */
  | { readonly name: 'stopped' }
  /** The server closed with a code that makes another try pointless. */
  | { readonly name: 'refused'; readonly code: number; readonly reason: string }

export interface ConnectionEvents {
  readonly onState: (state: ConnectionState) => void
  readonly onMessage: (data: unknown) => void
}

/** One connection at a time, which comes back: all that the core knows of sockets. */
export interface Connection {
  readonly state: ConnectionState
  /** `false`, and nothing is sent or kept, when it is not open. */
  send(bytes: Uint8Array): boolean
  /** From now on this much silence means that the server is gone. */
  established(silenceMs: number): void
  /** The connection is good: past failures are forgiven. */
  confirm(): void
  /** Dials at once, unless it is open or dialling. */
  start(): void
  /** Hangs up with this close code, because this socket is of no use, and dials again by the schedule. */
  abandon(code: number, reason: string): void
  /** Hangs up, for good unless started again. */
  stop(): void
}

export type Connect = (events: ConnectionEvents) => Connection
