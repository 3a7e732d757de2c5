import type { ProbeStatus } from './probe-spec.ts'

/**
 * The three questions that are asked of a program, as Kubernetes asks them. `startup`: has it come up,
 * so that the others make sense; `live`: would a restart help; `ready`: should it be given work.
 */
export type HealthKind = 'startup' | 'live' | 'ready'

/** What one check has found. */
export interface CheckReport {
  readonly name: string
  /** `unknown`: it could not be told, which is not healthy. */
  readonly status: ProbeStatus
  /** One line for people who may see it: it can hold addresses and names. Empty for a plain pass. */
  readonly message: string
  /** Whether all depends on it. What else fails is a warning of the whole. */
  readonly critical: boolean
  readonly durationMs: number
  /** When it was looked at, ISO 8601, UTC. Not there for a watch, which looks when it wants to. */
  readonly checkedAt?: string
}

/** The answer to one question, plain data for a renderer. */
export interface HealthReport {
  readonly kind: HealthKind
  /** The worst of its checks. No checks are a pass: the program answers. */
  readonly status: ProbeStatus
  /** `pass` or `warn`. */
  readonly healthy: boolean
  /** When it was put together, ISO 8601, UTC. */
  readonly reportedAt: string
  readonly checks: readonly CheckReport[]
  /** Checks that were not asked, as the caller wished. */
  readonly excluded: readonly string[]
  /** What the caller wished to exclude, and is no check of this kind. */
  readonly unmatched: readonly string[]
}

/** From good to bad. What failed is known to be bad, and so worse than what is not known. */
const STATUSES: readonly ProbeStatus[] = ['pass', 'warn', 'unknown', 'fail']

/** The worst of the checks, where those that are not critical count as a warning at most. */
export function worstOf(checks: readonly Pick<CheckReport, 'status' | 'critical'>[]): ProbeStatus {
  const ranks = checks.map(({ status, critical }) =>
    Math.min(STATUSES.indexOf(status), critical ? Infinity : STATUSES.indexOf('warn')),
  )
  return STATUSES[Math.max(0, ...ranks)] ?? 'unknown'
}
