import type { ExitRule, RestartMode } from './exit-rules.ts'

/** The longest delay an option may name, 11 days: jitter may double it, and `setTimeout` fires at once beyond 2^31 - 1 ms. */
export const MAX_DELAY_MS = 1_000_000_000

/** A clean end for systemd, beside code 0. */
export const SYSTEMD_CLEAN_SIGNALS: readonly string[] = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE']

/** Errors of a spawn that the next try would meet again: nothing there, not allowed, no program. */
export const PERMANENT_ERRNOS: readonly string[] = [
  'ENOENT',
  'EACCES',
  'EPERM',
  'ENOEXEC',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'E2BIG',
]

/** How long to wait before the n-th restart in a row, n from 1. Whole milliseconds. */
export type Delay =
  | { readonly kind: 'fixed'; readonly delayMs: number }
  /** `initialMs + (n - 1) × stepMs`, at most `maxMs` (default: `stepMs` as `initialMs`, `maxMs` 60,000). */
  | {
      readonly kind: 'linear'
      readonly initialMs: number
      readonly stepMs?: number
      readonly maxMs?: number
    }
  /** `initialMs × factor^(n - 1)`, at most `maxMs` (default: `factor` 2, `maxMs` 60,000). */
  | {
      readonly kind: 'exponential'
      readonly initialMs: number
      readonly factor?: number
      readonly maxMs?: number
    }
  /** One after the other; the last one for ever. */
  | { readonly kind: 'list'; readonly delaysMs: readonly number[] }
  /**
   * From `initialMs` to `maxMs` in `steps` equal factors, as systemd since v254:
   * `initialMs × (maxMs / initialMs)^((n - 1) / steps)`.
   *
   * @see https://github.com/systemd/systemd/blob/main/src/core/service.c `service_restart_usec_next`
   */
  | {
      readonly kind: 'steps'
      readonly initialMs: number
      readonly maxMs: number
      readonly steps: number
    }

/**
 * How chance changes the delay `d`, so that many programs do not come back in step.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ full, equal, decorrelated
 */
export type Jitter =
  | { readonly kind: 'none' }
  /** Anywhere from 0 to `d`. */
  | { readonly kind: 'full' }
  /** Anywhere from `d / 2` to `d`. */
  | { readonly kind: 'equal' }
  /** Anywhere from the first delay to three times the last one, at most `maxMs` of the delay. */
  | { readonly kind: 'decorrelated' }
  /** Anywhere from `d × (1 - ratio)` to `d × (1 + ratio)`, also above `maxMs`; `ratio` from 0 to 1. */
  | { readonly kind: 'proportional'; readonly ratio: number }
  /** `d` and anything from 0 to `upToMs` on top, also above `maxMs`, as systemd's RestartRandomizedDelaySec. */
  | { readonly kind: 'additive'; readonly upToMs: number }

/** When to give up. Counts, and says nothing about delays. */
export interface Budget {
  /**
   * At most so many starts in any stretch of `perMs`, both ends included. `restarts` in place of
   * `starts` leaves those out that no decision asked for. Default: no limit.
   */
  readonly window?:
    | { readonly starts: number; readonly perMs: number }
    | { readonly restarts: number; readonly perMs: number }
  /** At most so many restarts without a stable run between them. Default: no limit. */
  readonly inARow?: number
  /** Try once more after so long, and again after the next failure. Default: given up for good. */
  readonly retryAfterMs?: number
}

export interface RestartPolicyOptions {
  /** Which ends are answered with a restart (default: `on-failure`). */
  readonly mode?: RestartMode
  /** Asked before the mode; the first that matches decides (default: none). */
  readonly exitRules?: readonly ExitRule[]
  /** Codes of a clean end (default: 0). */
  readonly cleanCodes?: readonly number[]
  /** Signals of a clean end (default: `SYSTEMD_CLEAN_SIGNALS`). */
  readonly cleanSignals?: readonly string[]
  /** Errors of a spawn that are not tried again (default: `PERMANENT_ERRNOS`; `[]`: all are). */
  readonly permanentErrnos?: readonly string[]
  /** Default: exponential from 1,000 ms. */
  readonly delay?: Delay
  /** Default: none. */
  readonly jitter?: Jitter
  /** Default: never gives up. */
  readonly budget?: Budget
  /**
   * A run is stable once it has been **ready** for so long, in milliseconds (default: 60,000;
   * `Infinity`: none ever is). Its end sets delay and `inARow` back to the beginning.
   */
  readonly stableAfterMs?: number
  /**
   * `first-delay`: the end of a stable run is the first failure of a new row (default). `at-once`: it
   * is no failure; the restart has no delay and does not count in the row.
   */
  readonly afterStable?: 'first-delay' | 'at-once'
}
