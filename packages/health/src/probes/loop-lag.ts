import type { Clock } from '@conductor/machine'
import type { LoopLagProbe } from '../probe-spec.ts'
import { fail, type Looker, PASS, type Verdict } from './look.ts'

/** Default limit, in milliseconds. */
const MAX_MS = 500

/** The limit is kept to so fine a part of it, and no finer than timers are. */
const SAMPLES_PER_LIMIT = 10
const SHORTEST_SAMPLE_MS = 5

/**
 * Measures how late a timer of this process is, over and over, from the first look to `close`.
 *
 * A look waits for the measurement that is under way, so it also sees what has held it up itself.
 */
export function loopLagLooker({ maxMs = MAX_MS }: LoopLagProbe): Looker {
  const everyMs = Math.max(Math.ceil(maxMs / SAMPLES_PER_LIMIT), SHORTEST_SAMPLE_MS)
  const waiting = new Set<() => void>()
  let worstMs = 0
  let stop: (() => void) | undefined

  function start(clock: Clock): void {
    const dueMs = clock.now() + everyMs
    const timer = clock.setTimeout(() => {
      worstMs = Math.max(worstMs, clock.now() - dueMs)
      start(clock)
      for (const tell of waiting) tell()
    }, everyMs)
    stop = () => clock.clearTimeout(timer)
  }

  function judge(): Verdict {
    const ms = Math.round(worstMs)
    worstMs = 0
    return ms > maxMs ? fail(`the event loop was held up for ${ms} ms, at most ${maxMs}`) : PASS
  }

  return {
    look: ({ signal, clock }) =>
      new Promise<Verdict>((resolve) => {
        if (!stop) start(clock)
        const end = (): void => {
          waiting.delete(tell)
          signal.removeEventListener('abort', end)
          resolve(PASS)
        }
        const tell = (): void => {
          resolve(judge())
          end()
        }
        waiting.add(tell)
        signal.addEventListener('abort', end, { once: true })
      }),
    close() {
      stop?.()
      stop = undefined
      worstMs = 0
    },
  }
}
