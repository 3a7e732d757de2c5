import type { HeldReason, SessionStatus } from '@conductor/session-client'
import type { ShownPending } from './pending-watch.ts'
import type { SharedSize } from './terminal-size.ts'

/** What a person sees around the screen. */
export interface TerminalViewState {
  readonly status: SessionStatus
  readonly size: SharedSize
  /** Whether the screen has the grid of others, which may be larger than what fits here. */
  readonly follows: boolean
  /** Typed and not arrived, once that takes noticeably long. */
  readonly pending: ShownPending | undefined
  /** Typed, and sent only if a person still wants that. */
  readonly held: (ShownPending & { readonly reason: HeldReason }) | undefined
  /** How the program calls itself; empty when it does not. */
  readonly title: string
  /** How much of the old output is shown, 0 to 1; `undefined` when nothing is being restored. */
  readonly restored: number | undefined
  /** Up to this offset earlier output was passed over: the screen began with a snapshot. */
  readonly passedOver: number | undefined
}
