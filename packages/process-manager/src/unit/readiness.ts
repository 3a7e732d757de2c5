import type { ProbeSpec } from '@conductor/health'
import type { Clock } from '@conductor/machine'
import type { Launched } from '../launch/launch.ts'
import type { ProcessLog } from '../logs/process-log.ts'
import type { ResolvedReadiness } from '../spec/check-spec.ts'
import { DEFAULT_CHECK_TIMING, DEFAULT_READY_PERIOD_MS } from '../spec/defaults.ts'
import type { Platform } from './platform.ts'

export interface ReadinessOptions {
  /** Absent: ready as soon as it runs. */
  readonly ready: ResolvedReadiness | undefined
  readonly socketPath: string
  readonly launched: Launched | undefined
  readonly log: ProcessLog
  /** Where the output of this run begins. */
  readonly logFrom: number
  /** When this run began, in milliseconds since 1970. */
  readonly startedAt: number
  readonly platform: Platform
  readonly clock: Clock
  readonly onReady: () => void
  /** What is still missing, in words. */
  readonly onComplaint: (text: string) => void
}

/** Says once that a run is ready. @returns what stops looking. */
export function watchReadiness(options: ReadinessOptions): () => void {
  const { ready, socketPath, launched, log, logFrom, startedAt, platform, clock, onReady } = options
  if (!ready) {
    onReady()
    return () => {}
  }
  switch (ready.kind) {
    case 'socket':
      return watch({ ...OFTEN, probe: { kind: 'unix', path: socketPath } })
    case 'check':
      return watch(ready.check)
    case 'log': {
      const pattern = new RegExp(ready.pattern)
      const end = log.watchLines(logFrom, (line) => {
        if (!pattern.test(line)) return
        end()
        onReady()
      })
      return end
    }
    case 'fd':
      // One that was adopted before it was ready has nobody at the other end of its descriptor.
      if (launched) return launched.onReady(onReady)
      onReady()
      return () => {}
    case 'delay': {
      const leftMs = Math.max(0, startedAt + ready.delayMs - clock.date())
      const timer = clock.setTimeout(onReady, Math.min(leftMs, ready.delayMs))
      return () => clock.clearTimeout(timer)
    }
  }

  function watch(check: Parameters<Platform['watchCheck']>[0]): () => void {
    const watched = platform.watchCheck(check, {
      result: ({ status, message }) => {
        if (status !== 'pass') options.onComplaint(message)
      },
      change: (state) => {
        if (state === 'healthy') onReady()
      },
    })
    return () => watched.close()
  }
}

const OFTEN = {
  ...DEFAULT_CHECK_TIMING,
  periodMs: DEFAULT_READY_PERIOD_MS,
  // Somebody waits until it is ready, so it never counts as unhealthy.
  failureThreshold: Number.MAX_SAFE_INTEGER,
}

/** What readiness means for it, in words: `socket: /run/web/daemon.sock`. */
export function readinessText(ready: ResolvedReadiness | undefined, socketPath: string): string {
  switch (ready?.kind) {
    case 'socket':
      return `socket: ${socketPath}`
    case 'check':
      return `its check: ${probeText(ready.check.probe)}`
    case 'log':
      return `a line that matches /${ready.pattern}/`
    case 'fd':
      return 'a line on READY_FD'
    case 'delay':
      return `${ready.delayMs} ms to pass`
    case undefined:
      return 'it to run'
  }
}

/** What is looked at, in words: `http http://127.0.0.1:8080/`. */
function probeText(probe: ProbeSpec): string {
  switch (probe.kind) {
    case 'http':
      return `http ${probe.url}`
    case 'tcp':
      return `tcp ${probe.host ?? '127.0.0.1'}:${probe.port}`
    case 'unix':
    case 'heartbeat':
      return `${probe.kind} ${probe.path}`
    case 'exec':
      return `exec ${[probe.command, ...(probe.args ?? [])].join(' ')}`
    default:
      return probe.kind
  }
}
