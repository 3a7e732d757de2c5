import { type Clock, sleepAwareClock } from '@conductor/machine'

/** A timer that is this much late means that we were frozen or asleep, not that the server is silent. */
const LATE_MS = 2_000

/** Finds out that the other end is gone when nothing says so, as PROTOCOL.md ("Silence") tells. */
export interface Liveness {
  /** From now on. Nothing heard for a third of `silenceMs`: `ping`. For all of it: `dead`. */
  start(silenceMs: number): void
  /** Something came in, whatever it was. */
  heard(): void
  stop(): void
}

export function createLiveness(options: {
  readonly clock: Clock
  readonly ping: () => void
  readonly dead: () => void
}): Liveness {
  const { ping, dead } = options
  const clock = sleepAwareClock(options.clock)
  let silenceMs = 0
  let heardMs = 0
  let dueMs = 0
  let timer: unknown

  function wait(delayMs: number): void {
    clock.clearTimeout(timer)
    dueMs = clock.now() + delayMs
    timer = clock.setTimeout(look, delayMs)
  }

  function look(): void {
    const nowMs = clock.now()
    const thirdMs = silenceMs / 3
    // Nobody could have been heard meanwhile, so there is one more third to answer in.
    if (nowMs - dueMs > LATE_MS) heardMs = Math.max(heardMs, nowMs - 2 * thirdMs)
    const quietMs = nowMs - heardMs
    if (quietMs >= silenceMs) {
      dead()
      return
    }
    if (quietMs >= thirdMs) ping()
    wait(quietMs < thirdMs ? thirdMs - quietMs : Math.min(thirdMs, silenceMs - quietMs))
  }

  return {
    start(ms) {
      silenceMs = ms
      heardMs = clock.now()
      wait(ms / 3)
    },
    heard() {
      heardMs = clock.now()
    },
    stop: () => clock.clearTimeout(timer),
  }
}
