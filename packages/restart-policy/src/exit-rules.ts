import type { Exit, ExitCause, ExitKind } from './exit.ts'

/** When to start again, by how the run ended. The names and their meaning are systemd's. */
export type RestartMode =
  | 'always'
  | 'on-failure'
  | 'on-success'
  | 'on-abnormal'
  | 'on-abort'
  | 'on-watchdog'
  | 'never'

/**
 * The whole table.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html#Restart= table 1
 */
export const RESTARTS: Readonly<Record<RestartMode, Readonly<Record<ExitCause, boolean>>>> = {
  always: row(true, true, true, true, true, true),
  'on-failure': row(false, true, true, true, true, true),
  'on-success': row(true, false, false, false, false, false),
  'on-abnormal': row(false, false, true, true, true, true),
  'on-abort': row(false, false, true, false, false, false),
  'on-watchdog': row(false, false, false, false, true, false),
  never: row(false, false, false, false, false, false),
}

function row(
  clean: boolean,
  code: boolean,
  signal: boolean,
  timeout: boolean,
  watchdog: boolean,
  memory: boolean,
): Readonly<Record<ExitCause, boolean>> {
  return { clean, code, signal, timeout, watchdog, memory }
}

/** A list that must contain the value, or one that must not. */
export type ExitMatch<T> = { readonly in: readonly T[] } | { readonly notIn: readonly T[] }

/** Decides about an exit before the mode does. All that it names must match; the first rule wins. */
export interface ExitRule {
  /** Matches only a run that left with a code. */
  readonly codes?: ExitMatch<number>
  /** Matches only a run that was ended by a signal: `SIGSEGV`, … */
  readonly signals?: ExitMatch<string>
  readonly kinds?: ExitMatch<Exclude<ExitKind, 'requested'>>
  /** Whether the run had been ready for `stableAfterMs`. */
  readonly stable?: boolean
  /** `complete` and `fail` both stop; they differ in the outcome. */
  readonly action: 'restart' | 'complete' | 'fail'
}

/** Whether a rule speaks about this exit. */
export function matches(rule: ExitRule, exit: Exit, stable: boolean): boolean {
  const { codes, signals, kinds } = rule
  return (
    (!codes || (exit.kind === 'code' && holds(codes, exit.code))) &&
    (!signals || (exit.kind === 'signal' && holds(signals, exit.signal))) &&
    (!kinds || (exit.kind !== 'requested' && holds(kinds, exit.kind))) &&
    (rule.stable === undefined || rule.stable === stable)
  )
}

function holds<T>(match: ExitMatch<T>, value: T): boolean {
  return 'in' in match ? match.in.includes(value) : !match.notIn.includes(value)
}
