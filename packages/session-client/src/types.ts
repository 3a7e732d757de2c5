import type { AttachMode, QueryAnswerer, SizeOwner } from '@conductor/protocol'

/** One piece of output, in order and without repeats. */
export interface SessionOutput {
  /** Yours to keep; never changed afterwards. May end inside a character or an escape sequence. */
  readonly bytes: Uint8Array
  /** The place of the first byte, counted since the session's pty was born. */
  readonly offset: number
  /** Old output, said before this attach: do not answer the terminal queries in it. */
  readonly replay: boolean
  /**
   * Call it once the bytes are really shown (xterm's `write` callback). The server sends no more than
   * a window ahead of it, so whoever never calls it gets no more output.
   */
  readonly done: () => void
}

/** The terminal as it is at one place of the output, instead of all the output before that. */
export interface SessionSnapshot {
  /** Output that makes a fresh terminal of `cols` by `rows` what it is. Holds no queries. */
  readonly bytes: Uint8Array
  /** Output goes on here. */
  readonly offset: number
  readonly cols: number
  readonly rows: number
  /** As that of output. */
  readonly done: () => void
}

/** Columns and rows, in cells. */
export interface TerminalSize {
  readonly cols: number
  readonly rows: number
}

/** As `#rrggbb`. */
export interface TerminalColors {
  readonly foreground: string
  readonly background: string
  readonly cursor: string
}

/** How the program ended. */
export interface SessionExit {
  /** The exit code; `undefined` when a signal ended the program or its host was lost. */
  readonly code: number | undefined
  /** The signal's name, as in `SIGKILL`; `undefined` when there was none. */
  readonly signal: string | undefined
  /** Proved: every byte the program wrote was handed over here, or reported as a gap. */
  readonly complete: boolean
}

/** What to tell a person about one session. */
export type SessionStatus =
  /** The first connection is being made. */
  | { readonly name: 'connecting' }
  /** Old output is coming, up to the offset `end`. */
  | { readonly name: 'replaying'; readonly end: number }
  | { readonly name: 'live' }
  /** The connection was lost and comes back by itself. */
  | {
      readonly name: 'reconnecting'
      /** Which try this is, from 1. */
      readonly attempt: number
      /** How many there will be; `undefined` for no end. */
      readonly attempts: number | undefined
      /**
       * When it is made, in milliseconds since 1970; `undefined` while it is being made, and while a
       * hidden page waits to be seen again.
       */
      readonly retryAtMs: number | undefined
    }
  /** Every attempt failed. `reconnect()` tries again. */
  | { readonly name: 'stopped' }
  /** The program has ended, and so has this session. */
  | { readonly name: 'ended'; readonly exit: SessionExit }
  /** The server said no, with one of the close codes. `reconnect()` asks again. */
  | { readonly name: 'refused'; readonly code: number; readonly reason: string }
  /** `close()` was called. */
  | { readonly name: 'closed' }

/** What was typed and is not known to have reached the program. */
export interface PendingInput {
  /** All of it, in bytes. */
  readonly sizeBytes: number
  /** The part that waits for `sendHeld` or `discardHeld`. */
  readonly heldBytes: number
}

/**
 * Why typing is held back. `waited`: it waited over a drop for longer than `staleInputMs`.
 * `relaunched`: it was meant for a program that is gone. `uncertain`: the server cannot tell whether
 * it was typed, because it has forgotten this client.
 */
export type HeldReason = 'waited' | 'relaunched' | 'uncertain'

/** Why `type` took nothing. `full`: over `maxPendingBytes`. `readOnly`: attached as a viewer. `over`: ended, refused or closed. */
export type InputRefusal = 'full' | 'readOnly' | 'over'

/** Everything but output, in order with it. */
export type SessionEvent =
  | { readonly type: 'status'; readonly status: SessionStatus }
  /** The server has the session for us; `cols` and `rows` are the terminal's. */
  | {
      readonly type: 'attached'
      readonly epoch: string
      readonly name: string
      readonly mode: AttachMode
      readonly cols: number
      readonly rows: number
      /** `session`: the program's queries are answered already, and must not be answered here. */
      readonly answers: QueryAnswerer
    }
  /** Another program than before runs under this id: clear the screen. Offsets begin again. */
  | { readonly type: 'reset' }
  /** These bytes are gone for everybody, because the history's cap has dropped them: say so. */
  | { readonly type: 'gap'; readonly from: number; readonly to: number }
  /** Old output begins, or is over: also when the connection is lost in the middle of it. */
  | { readonly type: 'replay'; readonly phase: 'begin' | 'end' }
  | {
      readonly type: 'size'
      readonly cols: number
      readonly rows: number
      readonly owner: SizeOwner
    }
  | { readonly type: 'pending'; readonly pending: PendingInput }
  /** Typing is held back until `sendHeld` or `discardHeld`. */
  | { readonly type: 'staleInput'; readonly reason: HeldReason; readonly sizeBytes: number }
  /** Bytes that were typed and will not be sent: `type` returned `false`, or a viewer may not type. */
  | { readonly type: 'inputRefused'; readonly reason: InputRefusal; readonly sizeBytes: number }
  | { readonly type: 'notice'; readonly code: string; readonly text: string }
  | ({ readonly type: 'exit' } & SessionExit)

export interface AttachOptions {
  /** Which session; empty (the default) where the address names it. */
  readonly session?: string | undefined
  /** Own columns and rows, 0 to 10,000 (default: 0 and 0, which never own the terminal's size). */
  readonly cols?: number | undefined
  readonly rows?: number | undefined
  /** `driver` types and resizes (default); `viewer` only looks. */
  readonly mode?: AttachMode | undefined
  /** Where an earlier client stopped: its `epoch` and `offset` (default: from the oldest output kept). */
  readonly resume?: { readonly epoch: string; readonly offset: number } | undefined
  /** Takes the output. Called in order; must not throw. */
  readonly onOutput: (output: SessionOutput) => void
  /**
   * Takes a snapshot, in order with the output: clear the terminal and its history, give it the
   * snapshot's size, write the bytes. Must not throw (default: all output comes, however much it is).
   */
  readonly onSnapshot?: ((snapshot: SessionSnapshot) => void) | undefined
  /** Rather than more output than this, in bytes, there is a snapshot (default: 1 MiB). */
  readonly catchUpBytes?: number | undefined
}

/** One attached session. It comes back after every drop, and loses and repeats nothing. */
export interface Session {
  readonly status: SessionStatus
  /** Which pty the offsets belong to; empty before the first attach. */
  readonly epoch: string
  /** The offset of the next byte: everything before it was handed to `onOutput`. */
  readonly offset: number
  readonly pending: PendingInput
  /** The oldest `limitBytes` of what is pending, to show it (default: 4,096). */
  readPending(limitBytes?: number): Uint8Array
  /**
   * Types. Takes all of `data` or nothing; what it takes is typed once, in order, over any drops.
   *
   * @returns `false`, and an `inputRefused` event, when it took nothing.
   */
  type(data: string | Uint8Array): boolean
  /** Sends what was held back. */
  sendHeld(): void
  /** Forgets what was held back: of what was already on its way, only what has not arrived yet. */
  discardHeld(): void
  /**
   * This viewer's own size. Remembered, and told again at every reconnect.
   *
   * @param options.claim Takes the size over, whoever owns it (default: `false`).
   */
  resize(cols: number, rows: number, options?: { readonly claim?: boolean | undefined }): void
  /**
   * How this viewer's terminal looks, which a program may ask for: told again at every reconnect, and
   * counts while this viewer owns the size.
   */
  setColors(colors: TerminalColors): void
  /** Tries again at once: after `stopped` and `refused`, or instead of waiting. */
  reconnect(): void
  /** @returns The function that unsubscribes. */
  subscribe(listener: (event: SessionEvent) => void): () => void
  /** Leaves. The session goes on without us. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
