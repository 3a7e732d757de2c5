import { env } from 'node:process'
import { type Clock, systemClock } from '@conductor/machine'
import { checkProbeSpec } from './check-spec.ts'
import { checkMs } from './options.ts'
import type { ProbeResult, ProbeSpec } from './probe-spec.ts'
import { execLooker } from './probes/exec.ts'
import { functionLooker } from './probes/function.ts'
import { heartbeatLooker } from './probes/heartbeat.ts'
import { httpLooker } from './probes/http.ts'
import { errorText, type Looker, type Verdict } from './probes/look.ts'
import { loopLagLooker } from './probes/loop-lag.ts'
import { streamLooker } from './probes/stream.ts'

export interface LookOptions {
  /** What has not answered by then has failed, in milliseconds (default: 5,000). */
  readonly timeoutMs?: number | undefined
  /** Calls the look off: it ends at once, `unknown`. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
}

/** Looks once, each time it is called. */
export interface Probe {
  /** @throws HealthError `BAD_OPTION` for a bad `timeoutMs`. The promise never rejects. */
  (options?: LookOptions): Promise<ProbeResult>
  /** Frees what it keeps between two looks, which only `loop-lag` does. */
  close(): void
}

/** What a program here may know. */
export type Environment = Readonly<Record<string, string | undefined>>

const TIMEOUT_MS = 5_000

/**
 * A timer that is this much late means that this process was held up, frozen or asleep. The answer
 * may have come long ago and wait to be read, so it gets the same time once more.
 */
const LATE_MS = 1_000

/**
 * Makes a probe of its description.
 *
 * The result comes at the time limit at the latest, and by then the socket is closed and the command
 * killed. Only a `function` can ignore its signal: it is not called again before it has come to its
 * end, and the looks that would have called it wait, and fail, meanwhile.
 *
 * @param environment What commands inherit, the secrets and the supervisor's variables of this
 *   process apart (default: this process's own, as it is now).
 * @throws HealthError `BAD_OPTION` naming the field and the fix.
 */
export function createProbe(spec: ProbeSpec, environment: Environment = env): Probe {
  checkProbeSpec('probe', spec)
  const looker = lookerFor(spec, environment)
  /** Looks that were given up and still run. */
  let remains = 0
  const waiting = new Set<() => void>()

  const probe = ({ timeoutMs = TIMEOUT_MS, signal, clock = systemClock }: LookOptions = {}) => {
    checkMs('timeoutMs', timeoutMs)
    const startMs = clock.now()
    const ending = new AbortController()

    return new Promise<ProbeResult>((resolve) => {
      let timer: unknown
      let running = false
      let settled = false
      let progress = (): string => ''

      function settle(verdict: Verdict): void {
        if (settled) return
        settled = true
        clock.clearTimeout(timer)
        signal?.removeEventListener('abort', callOff)
        waiting.delete(begin)
        if (running) remains++
        ending.abort()
        resolve({ ...verdict, durationMs: clock.now() - startMs })
      }

      function begin(): void {
        running = true
        progress = () => ''
        void look().then((verdict) => {
          running = false
          if (!settled) return settle(verdict)
          remains--
          if (remains === 0) for (const next of [...waiting]) next()
        })
      }

      async function look(): Promise<Verdict> {
        try {
          return await looker.look({
            signal: ending.signal,
            clock,
            progress: (seen) => {
              progress = seen
            },
          })
        } catch (error) {
          return { status: 'unknown', message: `cannot look: ${errorText(error)}` }
        }
      }

      function callOff(): void {
        settle({ status: 'unknown', message: 'called off' })
      }

      function limit(spared: boolean): void {
        const dueMs = clock.now() + timeoutMs
        timer = clock.setTimeout(() => {
          if (!spared && clock.now() - dueMs > LATE_MS) return limit(true)
          const seen = progress()
          const late = `no answer within ${timeoutMs} ms`
          settle({ status: 'fail', message: seen ? `${late}: ${seen}` : late })
        }, timeoutMs)
      }

      if (signal?.aborted) return callOff()
      signal?.addEventListener('abort', callOff)
      limit(false)
      if (remains === 0) return begin()
      progress = () => 'the look before this one has not come to its end'
      waiting.add(begin)
    })
  }
  return Object.assign(probe, { close: () => looker.close?.() })
}

/** Looks once: `createProbe`, called, and closed. */
export async function runProbe(spec: ProbeSpec, options?: LookOptions): Promise<ProbeResult> {
  const probe = createProbe(spec)
  try {
    return await probe(options)
  } finally {
    probe.close()
  }
}

function lookerFor(spec: ProbeSpec, environment: Environment): Looker {
  switch (spec.kind) {
    case 'http':
      return httpLooker(spec)
    case 'tcp':
    case 'unix':
      return streamLooker(spec)
    case 'exec':
      return execLooker(spec, environment)
    case 'heartbeat':
      return heartbeatLooker(spec)
    case 'function':
      return functionLooker(spec)
    case 'loop-lag':
      return loopLagLooker(spec)
  }
}
