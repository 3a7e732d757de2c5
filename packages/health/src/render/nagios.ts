import { HealthError } from '../health-error.ts'
import type { HealthReport } from '../health-report.ts'
import type { DaemonStatus } from '../heartbeat/daemon-status.ts'
import type { ProbeStatus } from '../probe-spec.ts'
import { oneLine, type RenderOptions } from './verbose.ts'

/** What a plugin prints and how it exits: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. */
export interface NagiosResult {
  readonly exitCode: 0 | 1 | 2 | 3
  /** One line, without a line end: text, `|`, performance data. */
  readonly line: string
}

export interface NagiosOptions {
  /** When the age of a beat in seconds is a warning, as a range (default: `60`). */
  readonly warning?: string
  /** When it is critical (default: `120`). */
  readonly critical?: string
}

const WORDS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const
const EXIT_CODES: Readonly<Record<ProbeStatus, 0 | 1 | 2 | 3>> = {
  ...{ pass: 0, warn: 1, fail: 2, unknown: 3 },
}

/**
 * A daemon's status for Nagios and Icinga.
 *
 * The age of the beat is judged by the two ranges, in whole seconds, and not by the limit that the
 * status was made with. A daemon that is missing, dead, stuck or in the future is critical; one that
 * cannot be judged is unknown.
 *
 * @throws HealthError `BAD_OPTION`: not a range.
 * @see https://nagios-plugins.org/doc/guidelines.html#THRESHOLDFORMAT
 */
export function nagiosCheck(daemon: DaemonStatus, options: NagiosOptions = {}): NagiosResult {
  const { warning = '60', critical = '120' } = options
  const isWarning = parseRange('warning', warning)
  const isCritical = parseRange('critical', critical)
  const { reason, message, age_seconds, uptime_seconds } = daemon
  if (reason === 'unreadable') return result(3, message)
  if (reason === 'missing' || age_seconds === undefined) return result(2, 'No heartbeat file found')

  const age = Math.max(Math.floor(age_seconds), 0)
  const data = [`age=${age}s;${warning};${critical};0`]
  if (uptime_seconds !== undefined) data.push(`uptime=${Math.floor(uptime_seconds)}s`)
  if (reason !== undefined && reason !== 'stale') return result(2, message, data)
  const exitCode = isCritical(age) ? 2 : isWarning(age) ? 1 : 0
  return result(exitCode, `Last heartbeat ${age}s ago`, data)
}

/** A report for Nagios and Icinga, with how long each check took. */
export function renderNagios(report: HealthReport, options: RenderOptions = {}): NagiosResult {
  const { kind, status, checks } = report
  const bad = checks.filter((check) => check.status !== 'pass')
  const text =
    bad.length === 0
      ? `${checks.length} ${checks.length === 1 ? 'check passes' : 'checks pass'}`
      : bad
          .map(({ name, status, message }) =>
            options.reasons && message !== ''
              ? `${name} ${status} (${message})`
              : `${name} ${status}`,
          )
          .join(', ')
  const data = checks.map(({ name, durationMs }) => `${label(name)}=${durationMs / 1000}s`)
  return result(EXIT_CODES[status], `${kind}: ${text}`, data)
}

function result(exitCode: 0 | 1 | 2 | 3, text: string, data: readonly string[] = []): NagiosResult {
  // A bar would begin the performance data.
  const line = `${WORDS[exitCode]} - ${oneLine(text).replaceAll('|', '/')}`
  return { exitCode, line: data.length === 0 ? line : `${line} | ${data.join(' ')}` }
}

/** Labels with anything unusual in them are quoted; no label can hold `=`. */
function label(name: string): string {
  const safe = oneLine(name).replace(/[=|]/g, '_')
  return /^[\w.-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "''")}'`
}

const RANGE = /^(@?)(?:(~|-?\d+(?:\.\d+)?)?:)?(-?\d+(?:\.\d+)?)?$/

/**
 * Nagios' ranges: `10` alerts outside 0 to 10, `10:` below 10, `~:10` above 10, `10:20` outside,
 * `@10:20` inside.
 */
function parseRange(name: string, text: string): (value: number) => boolean {
  const [matches, inside, from, to] = RANGE.exec(text) ?? []
  const start = from === '~' ? -Infinity : Number(from ?? 0)
  const end = to === undefined ? Infinity : Number(to)
  if (matches === undefined || text === '' || text === '@' || start > end)
    throw new HealthError(
      'BAD_OPTION',
      `${name} is "${text}": pass a range such as 60, 10:20 or ~:5`,
    )
  return (value) => (value >= start && value <= end) === (inside === '@')
}
