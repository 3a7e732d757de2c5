import type { HealthReport } from '../health-report.ts'
import type { ProbeStatus } from '../probe-spec.ts'
import type { RenderOptions } from './verbose.ts'

/** The media type of {@link renderHealthJson}. */
export const HEALTH_JSON = 'application/health+json'

/** One entry of `checks`. */
export interface HealthJsonCheck {
  readonly status: 'pass' | 'warn' | 'fail'
  readonly observedValue: number
  readonly observedUnit: 'ms'
  readonly time?: string
  readonly output?: string
}

export interface HealthJson {
  readonly status: 'pass' | 'warn' | 'fail'
  readonly checks: Readonly<Record<string, readonly HealthJsonCheck[]>>
}

/**
 * The report as an object to be sent as `application/health+json`.
 *
 * The draft has no `unknown`, so it is `fail` there; what is not known is not healthy.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06 expired, and still the
 * nearest thing to a standard
 */
export function renderHealthJson(report: HealthReport, options: RenderOptions = {}): HealthJson {
  const { status, checks } = report
  const entries = checks.map((check): [string, readonly HealthJsonCheck[]] => {
    const { name, message, durationMs, checkedAt } = check
    const output = options.reasons && check.status !== 'pass' ? { output: message } : {}
    const time = checkedAt === undefined ? {} : { time: checkedAt }
    const observed = { observedValue: durationMs, observedUnit: 'ms' } as const
    return [
      `${name}:responseTime`,
      [{ status: known(check.status), ...observed, ...time, ...output }],
    ]
  })
  return { status: known(status), checks: Object.fromEntries(entries) }
}

function known(status: ProbeStatus): 'pass' | 'warn' | 'fail' {
  return status === 'unknown' ? 'fail' : status
}
