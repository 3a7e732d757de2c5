import type { TerminalSize } from '@conductor/session-client'

/** What happened in a recording. Times are in milliseconds, offsets count the bytes of the output. */
export type ReplayEvent =
  | {
      readonly type: 'output'
      readonly timeMs: number
      readonly offset: number
      readonly text: string
    }
  | ({ readonly type: 'resize'; readonly timeMs: number; readonly offset: number } & TerminalSize)
  | {
      readonly type: 'mark'
      readonly timeMs: number
      readonly offset: number
      readonly label: string
    }

export interface RecordingPart {
  /** Where it begins: later than asked for where that is no longer kept. */
  readonly from: number
  /** The time of the first event, or before it. */
  readonly timeMs: number
  /** The terminal's size there. */
  readonly size: TerminalSize
  /** In order, as they come. */
  readonly events: AsyncGenerator<readonly ReplayEvent[], void, undefined>
}

/** The output of a program with its times, read as often as needed and never kept whole. */
export interface Recording {
  /** @throws RecordingError, also while the events are read. */
  read(from: number, signal: AbortSignal): Promise<RecordingPart>
}

/** Told to a person as it is. `isRefused`: the login has ended. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
  readonly isRefused: boolean

  constructor(message: string, { isRefused = false, cause }: RecordingErrorOptions = {}) {
    super(message, { cause })
    this.isRefused = isRefused
  }
}

interface RecordingErrorOptions {
  readonly isRefused?: boolean
  readonly cause?: unknown
}
