import { setTimeout as startTimer } from 'node:timers'

/** What waiting needs of a clock. The one of `@conductor/machine` is one. */
export interface PidfileClock {
  /** Monotonic milliseconds. */
  now(): number
  setTimeout(callback: () => void, delayMs: number): unknown
}

export const systemClock: PidfileClock = {
  now: () => performance.now(),
  setTimeout: startTimer,
}

/** How long to wait between two looks, in milliseconds: a claim takes about 3. */
const LOOK_EVERY_MS = 10

/** Waits a little, as long as it has not waited `patienceMs` for this very sight. */
export interface Patience {
  /** @returns false when patience is over. */
  wait(sight: string): Promise<boolean>
}

export function createPatience(patienceMs: number, clock: PidfileClock): Patience {
  let last: string | undefined
  let sinceMs = 0
  return {
    async wait(sight) {
      if (sight !== last) {
        last = sight
        sinceMs = clock.now()
      }
      const leftMs = sinceMs + patienceMs - clock.now()
      if (leftMs <= 0) return false
      await new Promise<void>((resolve) => {
        clock.setTimeout(resolve, Math.min(leftMs, LOOK_EVERY_MS))
      })
      return true
    },
  }
}
