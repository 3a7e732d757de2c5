import type { ReplayEvent } from './recording.ts'
import type { Timeline } from './timeline.ts'

/** What a page asks the worker that reads a recording. */
export type ToReplay =
  | { readonly type: 'open'; readonly source: { readonly url: string } | { readonly file: Blob } }
  /** Show the terminal at this offset. `toLineEnd`: behind the line that begins or goes on there. */
  | {
      readonly type: 'seek'
      readonly id: number
      readonly offset: number
      readonly toLineEnd: boolean
    }
  /** What follows the place that was shown last. */
  | { readonly type: 'more'; readonly id: number }
  /** A recording that grows may have grown. */
  | { readonly type: 'refresh' }

export interface ShownMessage {
  readonly type: 'shown'
  readonly id: number
  readonly offset: number
  readonly timeMs: number
  readonly cols: number
  readonly rows: number
  /** Brings a fresh terminal of that size to this place. */
  readonly bytes: Uint8Array
}

export type FromReplay =
  | {
      readonly type: 'indexed'
      /** Up to here every jump is quick. */
      readonly offset: number
      readonly isDone: boolean
      readonly timeline: Timeline
      /** Where prompts begin, by OSC 133. */
      readonly prompts: readonly number[]
      readonly keyframeBytes: number
    }
  | ShownMessage
  | {
      readonly type: 'events'
      readonly id: number
      readonly events: readonly ReplayEvent[]
      readonly isEnd: boolean
    }
  | { readonly type: 'failed'; readonly text: string; readonly isRefused: boolean }
