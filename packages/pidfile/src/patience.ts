import { setTimeout as startTimer } from 'node:timers'

/** What waiting needs of a clock. The one of `@conductor/machine` is one. */
export interface PidfileClock {
  /** Monotonic milliseconds. */
  now(): number
  readonly setTimeout: (callback: () => void, delayMs: number) => unknown
}

export const systemClock: PidfileClock = {
  now: () => performance.now(),
  setTimeout: startTimer,
}

/** How long to wait before the second look and, doubled each time, at most, in milliseconds. A claim takes about 3. */
const FIRST_WAIT_MS = 1
const LONGEST_WAIT_MS = 50

/** Waits a little, as long as it has not waited `patienceMs` for this very sight. */
export interface Patience {
  /** @returns false when patience is over. */
  wait(sight: string): Promise<boolean>
}

export function createPatience(patienceMs: number, clock: PidfileClock): Patience {
  let last: string | undefined
  let sinceMs = 0
  let nextMs = 0
  return {
    async wait(sight) {
      if (sight !== last) {
        last = sight
        sinceMs = clock.now()
        nextMs = FIRST_WAIT_MS
      }
      const leftMs = sinceMs + patienceMs - clock.now()
      if (leftMs <= 0) return false
      const waitMs = Math.min(leftMs, nextMs)
      nextMs = Math.min(nextMs * 2, LONGEST_WAIT_MS)
      await new Promise<void>((resolve) => {
        clock.setTimeout(resolve, waitMs)
      })
      return true
    },
  }
}
