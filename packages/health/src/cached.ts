import { type Clock, systemClock } from '@conductor/machine'
import { checkMs } from './options.ts'
import type { LookOptions, Probe } from './probe.ts'
import type { ProbeResult } from './probe-spec.ts'

/**
 * The same probe, which looks at most once in `cacheMs` milliseconds, and never twice at a time.
 *
 * Who asks while a look is under way shares it, with the options of the first; who asks soon after
 * gets its result. A look that was called off is not kept.
 *
 * @param cacheMs Counted from the end of the look; 0 only shares.
 * @throws HealthError `BAD_OPTION`.
 */
export function cached(probe: Probe, cacheMs: number, clock: Clock = systemClock): Probe {
  checkMs('cacheMs', cacheMs, 0)
  let flight: Promise<ProbeResult> | undefined
  let kept: { readonly result: ProbeResult; readonly untilMs: number } | undefined

  const ask = (options: LookOptions = {}): Promise<ProbeResult> => {
    if (flight) return flight
    if (kept && clock.now() < kept.untilMs) return Promise.resolve(kept.result)
    flight = probe({ clock, ...options }).then((result) => {
      flight = undefined
      kept = options.signal?.aborted ? undefined : { result, untilMs: clock.now() + cacheMs }
      return result
    })
    return flight
  }
  return Object.assign(ask, { close: () => probe.close() })
}
