import type { Clock } from '@conductor/machine'
import type { TerminalSize } from './check-options.ts'
import type { TerminalColors } from './emulator/colors.ts'
import type { TerminalQuery } from './output-events.ts'
import type { OutputPlace } from './scanner/output-scanner.ts'

export interface TerminalReply {
  readonly query: TerminalQuery
  /** To be typed into the pty as it is. */
  readonly bytes: Uint8Array
}

export interface TerminalStateOptions extends TerminalSize {
  /** Lines kept above the screen (default: 1,000; 0 to 100,000). A line of 80 columns takes about 1 KiB. */
  readonly scrollback?: number | undefined
  /** What colour queries are answered with until the program sets others. */
  readonly colors?: TerminalColors | undefined
  /** Takes the answers, each query's once, in the order of the queries. Called within `ask`, `feed` and `skipTo`. */
  readonly onReply?: ((reply: TerminalReply) => void) | undefined
  /** Where to begin (default: at offset 0). Anywhere else, `exact` is false at first. */
  readonly place?: OutputPlace | undefined
  /** Measures a `budgetMs`. */
  readonly clock?: Clock | undefined
}

export interface SnapshotOptions {
  /** Lines above the screen, at most (default: 0, the screen alone). */
  readonly scrollbackLines?: number | undefined
}

/** A terminal's state as output: whoever writes `bytes` to a fresh terminal of this size is where we are. */
export interface TerminalSnapshot extends TerminalSize {
  /** Output from this offset on continues the snapshot: the first byte of a character, up to 3 before the terminal's own. */
  readonly offset: number
  readonly bytes: Uint8Array
  /** False when output was skipped and the program has not drawn afresh since. */
  readonly exact: boolean
}

/** A terminal that nobody sees: a cursor on the output, like any viewer. Has no timers and holds no output. */
export interface TerminalState {
  /** The offset of the next byte that it wants. */
  readonly offset: number
  /** Its size at `offset`. */
  readonly size: TerminalSize
  /**
   * False after output was skipped, until all of the screen is known again: the program resets the
   * terminal (RIS); or it resets its colours (SGR 0), then clears the whole screen (ED 2, ED 0 at the
   * top left, or by entering the alternate screen), then places the cursor (CUP), in this order.
   */
  readonly exact: boolean
  /**
   * Reads `bytes`, the first of which stands at `offset`, until they or `budgetMs` are used up.
   *
   * @param budgetMs Looked at every 4 KiB, i.e. about every 0.3 ms (default: no limit).
   * @returns How many bytes were read, at least one slice: the rest is to be offered again.
   * @throws TerminalStateError `CLOSED`.
   */
  feed(bytes: Uint8Array, budgetMs?: number): number
  /**
   * The terminal has another size from `offset` on.
   *
   * @throws TerminalStateError `OUT_OF_ORDER` when `offset` has been read, or a later resize is known.
   */
  resize(offset: number, size: TerminalSize): void
  /** What queries for colours are answered with from now on, unless the program has set others. @throws TerminalStateError `BAD_OPTION` */
  setColors(colors: TerminalColors): void
  /**
   * Answers a query of the scanner's: at once when the answer depends on nothing and no other query
   * waits, else as soon as the output before `query.end` has been read.
   *
   * @returns `ignored` when this query gets no answer (see `unanswered`), or has been read already.
   */
  ask(query: TerminalQuery): 'answered' | 'waiting' | 'ignored'
  /** The offset behind the first query that waits, `undefined` when none does: how urgent reading is. */
  readonly waitingFor: number | undefined
  /**
   * Passes over everything up to `place`. The screen and the scrollback are empty then, and modes are
   * those of `place`. Queries on the way are answered if that needs no screen, else dropped: a program
   * that went on talking is not waiting.
   *
   * @throws TerminalStateError `OUT_OF_ORDER` when `place` is before `offset`.
   */
  skipTo(place: OutputPlace): void
  /** About 1 ms for a screen, and 20 ms for 1,000 full lines above it. */
  snapshot(options?: SnapshotOptions): TerminalSnapshot
  /** Forgets everything. Calling a method afterwards throws `CLOSED`; closing again does nothing. */
  close(): void
}
