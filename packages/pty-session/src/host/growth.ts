import type { Clock } from '@conductor/machine'

/** A flood is told of at most this often, in milliseconds, … */
const EVERY_MS = 2
/** … but at the latest after this much, in bytes. */
const EVERY_BYTES = 512 * 1024
/** Growth by less than this at once is no flood: somebody may be waiting for an echo. */
const FLOOD_BYTES = 64 * 1024

export interface Growth {
  /** The log ends at `end` now. */
  grew(end: number): void
  stop(): void
}

/**
 * Tells a server how far a log has grown, and under a flood not for every block: each word costs
 * both sides a wake-up, and the server reads everything up to the end anyway. An echo never waits.
 */
export function createGrowth(clock: Clock, tell: () => void): Growth {
  let lastEnd = 0
  let toldEnd = 0
  let toldMs = Number.NEGATIVE_INFINITY
  let timer: unknown

  function now(): void {
    clock.clearTimeout(timer)
    timer = undefined
    toldEnd = lastEnd
    toldMs = clock.now()
    tell()
  }

  return {
    grew(end) {
      const flood = end - lastEnd >= FLOOD_BYTES
      lastEnd = end
      if (!flood || end - toldEnd >= EVERY_BYTES || clock.now() - toldMs >= EVERY_MS) now()
      else timer ??= clock.setTimeout(now, EVERY_MS)
    },
    stop: () => clock.clearTimeout(timer),
  }
}
