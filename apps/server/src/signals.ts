import type { Clock } from '@conductor/machine'

/** The same signal again within this long is the same wish: npm and a process group both send it. */
const SAME_WISH_MS = 250

export interface StopSignalsOptions {
  readonly clock: Clock
  /** The first wish. */
  readonly onStop: (signal: NodeJS.Signals) => void
  /** The second: no patience left. */
  readonly onExit: (signal: NodeJS.Signals) => void
}

/** Tells the first signal from the second, and both from an echo of the first. */
export function createStopSignals(options: StopSignalsOptions): (signal: NodeJS.Signals) => void {
  const { clock, onStop, onExit } = options
  let first: { readonly signal: NodeJS.Signals; readonly atMs: number } | undefined

  return (signal) => {
    const nowMs = clock.now()
    if (!first) {
      first = { signal, atMs: nowMs }
      return onStop(signal)
    }
    if (signal === first.signal && nowMs - first.atMs < SAME_WISH_MS) return
    onExit(signal)
  }
}
