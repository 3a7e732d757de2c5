import { type Clock, drive, systemClock } from '@conductor/machine'
import { checkCheckSpec } from './check-spec.ts'
import {
  type CheckEffect,
  type CheckInput,
  type CheckState,
  type CheckTiming,
  type HealthState,
  initialCheckState,
  transition,
} from './hysteresis.ts'
import { createProbe } from './probe.ts'
import type { CheckSpec, ProbeResult } from './probe-spec.ts'

/** Kubernetes' thresholds, with a look every 30 s that may take 5 s. */
export const DEFAULT_TIMING: CheckTiming = {
  initialDelayMs: 0,
  periodMs: 30_000,
  timeoutMs: 5_000,
  successThreshold: 1,
  failureThreshold: 3,
}

/** What a listener throws becomes an unhandled rejection; the watch goes on. */
export interface WatchOptions {
  readonly clock?: Clock | undefined
  /** Told of each result that counts, before `onChange`. */
  readonly onResult?: ((result: ProbeResult) => void) | undefined
  /** Told when it has become healthy or unhealthy, and which result made it so. */
  readonly onChange?:
    | ((next: HealthState, previous: HealthState, because: ProbeResult) => void)
    | undefined
  /** Closes the watch. */
  readonly signal?: AbortSignal | undefined
}

export interface ProbeWatch extends AsyncDisposable {
  /** `unknown` before a threshold was reached, which is not healthy. */
  readonly state: HealthState
  /** The latest result that counted; `undefined` before the first. */
  readonly last: ProbeResult | undefined
  /** Looks in a row, so far, that did not pass. */
  readonly failures: number
  /** Stops looking and calls off a look under way. The state stays, the rows of equal results end. */
  pause(): void
  /** Looks at once, and goes on. */
  resume(): void
  /**
   * Looks at once, or shares the look that is under way; also in a pause. The result counts.
   *
   * @returns `unknown` where the watch is closed, or the look was called off.
   */
  runNow(): Promise<ProbeResult>
  /** For good. A look under way is called off, and its result does not count. */
  close(): Promise<void>
}

const CLOSED: ProbeResult = { status: 'unknown', message: 'closed', durationMs: 0 }

/**
 * Looks at `check.probe` again and again, one look at a time.
 *
 * It holds one timer while it waits and does nothing in between. Which of startup, liveness and
 * readiness it is, and what follows from it, is the caller's affair.
 *
 * @throws HealthError `BAD_OPTION` naming the field and the fix.
 */
export function watchProbe(check: CheckSpec, options: WatchOptions = {}): ProbeWatch {
  checkCheckSpec('check', check)
  const { probe: spec, ...given } = check
  const { clock = systemClock, onResult, onChange, signal } = options
  const timing = withDefaults(given)
  const probe = createProbe(spec)
  let last: ProbeResult | undefined
  let flight: { readonly result: Promise<ProbeResult>; readonly off: AbortController } | undefined

  const driver = drive<CheckState, CheckInput, CheckEffect>({
    initial: initialCheckState(timing, clock.now()),
    transition: (state, input, nowMs) => transition(state, input, timing, nowMs),
    timeout: { type: 'timeout' },
    perform,
    clock,
  })

  function perform(effect: CheckEffect): void {
    if (effect.type === 'look') look(effect.look)
    else if (effect.type === 'callOff') flight?.off.abort()
    else tell(effect.result, effect.previous)
  }

  function look(number: number): void {
    const off = new AbortController()
    const result = probe({ timeoutMs: timing.timeoutMs, signal: off.signal, clock })
    flight = { result, off }
    void result.then((result) => driver.send({ type: 'seen', look: number, result }))
  }

  function tell(result: ProbeResult, previous: HealthState): void {
    last = result
    const { health } = driver.state.belief
    try {
      onResult?.(result)
    } finally {
      if (health !== previous) onChange?.(health, previous, result)
    }
  }

  async function close(): Promise<void> {
    signal?.removeEventListener('abort', end)
    driver.send({ type: 'close' })
    probe.close()
    await flight?.result
  }
  const end = (): void => void close()

  if (signal?.aborted) end()
  else signal?.addEventListener('abort', end)

  return {
    get state() {
      return driver.state.belief.health
    },
    get last() {
      return last
    },
    get failures() {
      return driver.state.belief.failures
    },
    pause: () => driver.send({ type: 'pause' }),
    resume: () => driver.send({ type: 'resume' }),
    async runNow() {
      driver.send({ type: 'lookNow' })
      // Asked from inside a listener, it begins when the listener has returned.
      if (driver.state.name !== 'looking') await undefined
      return driver.state.name === 'looking' && flight ? flight.result : CLOSED
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function withDefaults(given: Partial<CheckTiming>): CheckTiming {
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...DEFAULT_TIMING, ...Object.fromEntries(set) }
}
