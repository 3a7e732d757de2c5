import type { ProbeTiming } from '@conductor/health'
import type { LogSpec, StopSpec, Strategy } from './process-spec.ts'

/** The defaults of the BackgroundProcessManager, under its names. Milliseconds and counts. */
export const PLUGIN_TIMEOUTS = {
  BACKGROUND_PROCESS_STARTUP: 30_000,
  BACKGROUND_PROCESS_SHUTDOWN_GRACE_PERIOD: 5_000,
  BACKGROUND_PROCESS_HEALTH_CHECK_INTERVAL: 30_000,
  BACKGROUND_PROCESS_HEALTH_CHECK_TIMEOUT: 5_000,
  BACKGROUND_PROCESS_MAX_HEALTH_CHECK_FAILURES: 3,
  BACKGROUND_PROCESS_MAX_RESTART_ATTEMPTS: 3,
  BACKGROUND_PROCESS_RESTART_DELAY: 5_000,
} as const

export const DEFAULT_STARTUP_TIMEOUT_MS: number = PLUGIN_TIMEOUTS.BACKGROUND_PROCESS_STARTUP

export const DEFAULT_STOP: Required<StopSpec> = {
  signal: 'SIGTERM',
  graceMs: PLUGIN_TIMEOUTS.BACKGROUND_PROCESS_SHUTDOWN_GRACE_PERIOD,
}

/** Four files of 10 MiB at most: the current one and three before it. */
export const DEFAULT_LOGS: Required<LogSpec> = { maxBytes: 10 * 1_024 * 1_024, files: 3 }

export const DEFAULT_CHECK_TIMING: Required<ProbeTiming> = {
  initialDelayMs: 0,
  periodMs: PLUGIN_TIMEOUTS.BACKGROUND_PROCESS_HEALTH_CHECK_INTERVAL,
  timeoutMs: PLUGIN_TIMEOUTS.BACKGROUND_PROCESS_HEALTH_CHECK_TIMEOUT,
  successThreshold: 1,
  failureThreshold: PLUGIN_TIMEOUTS.BACKGROUND_PROCESS_MAX_HEALTH_CHECK_FAILURES,
}

/** Somebody waits for the answer, so readiness is asked often. */
export const DEFAULT_READY_PERIOD_MS = 100

export const DEFAULT_STRATEGY: Strategy = 'one-for-one'
