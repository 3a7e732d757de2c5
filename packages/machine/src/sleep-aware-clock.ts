import type { Clock } from './clock.ts'

/** Smaller differences between the two clocks are rounding, or the system setting its date. */
const SLEEP_MS = 1_000

/**
 * A clock whose `now()` also counts the time that the machine slept.
 *
 * Most systems stop their monotonic clock while a laptop's lid is closed, so that a program wakes
 * up and believes nothing has happened, while all its connections have died. This clock looks at
 * the date each time it is asked: where the date moved on by over a second more than the monotonic
 * clock did, that was sleep. Somebody who sets the date ahead is mistaken for it, so use it where
 * a sleep too many costs a question, not where it ends something. Its timers are the given clock's.
 *
 * @param clock The clock to listen to.
 */
export function sleepAwareClock(clock: Clock): Clock {
  let sleptMs = 0
  let gapMs = clock.date() - clock.now()
  return {
    ...clock,
    now() {
      const nowMs = clock.now()
      const nextGapMs = clock.date() - nowMs
      if (nextGapMs - gapMs > SLEEP_MS) sleptMs += nextGapMs - gapMs
      gapMs = nextGapMs
      return nowMs + sleptMs
    },
  }
}
