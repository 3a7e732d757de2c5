import type { CheckReport, HealthKind, HealthReport } from '../health-report.ts'

export interface RenderOptions {
  /**
   * Whether the messages of the checks are shown (default: no). They can hold addresses, paths and
   * names, so show them only to those who may know.
   */
  readonly reasons?: boolean
}

const ENDPOINTS: Readonly<Record<HealthKind, string>> = {
  startup: 'startupz',
  live: 'livez',
  ready: 'readyz',
}

/** `ok`, or else each check as {@link renderVerbose} shows it. */
export function renderPlain(report: HealthReport, options: RenderOptions = {}): string {
  return report.healthy ? 'ok' : renderVerbose(report, options)
}

/**
 * A line for each check and one for the whole, in the form of the Kubernetes API server.
 *
 * @see https://kubernetes.io/docs/reference/using-api/health-checks/
 */
export function renderVerbose(report: HealthReport, options: RenderOptions = {}): string {
  const { kind, healthy, checks, excluded, unmatched } = report
  const lines = [
    ...checks.map((check) => line(check, options.reasons ?? false)),
    ...excluded.map((name) => `[+]${name} excluded: ok`),
  ]
  if (unmatched.length > 0) {
    const names = unmatched.map((name) => JSON.stringify(name)).join(',')
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names}`)
  }
  lines.push(`${ENDPOINTS[kind]} check ${healthy ? 'passed' : 'failed'}`)
  return `${lines.join('\n')}\n`
}

function line({ name, status, message, critical }: CheckReport, reasons: boolean): string {
  if (status === 'pass') return `[+]${name} ok`
  const reason = reasons ? oneLine(message) : 'reason withheld'
  if (status === 'warn') return `[+]${name} warning: ${reason}`
  const word = status === 'fail' ? 'failed' : 'unknown'
  return `[-]${name} ${word}${critical ? '' : ', not critical'}: ${reason}`
}

/** A message must not be able to look like a line of ours. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
