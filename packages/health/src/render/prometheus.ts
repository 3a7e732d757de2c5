import type { CheckReport, HealthReport } from '../health-report.ts'
import type { DaemonStatus } from '../heartbeat/daemon-status.ts'
import type { ProbeStatus } from '../probe-spec.ts'
import { type MetricFamily, type MetricSample, renderMetrics } from './metrics.ts'

export interface PrometheusOptions {
  /** The first word of each name (default: `conductor`). */
  readonly prefix?: string
}

const STATUSES: readonly ProbeStatus[] = ['pass', 'warn', 'fail', 'unknown']

/** Reports as text for Prometheus; of each kind at most one. */
export function renderPrometheus(
  reports: readonly HealthReport[],
  options: PrometheusOptions = {},
): string {
  return renderMetrics(healthMetrics(reports, options))
}

/** Reports as metrics, to be written together with others. */
export function healthMetrics(
  reports: readonly HealthReport[],
  options: PrometheusOptions = {},
): readonly MetricFamily[] {
  const { prefix = 'conductor' } = options
  const perCheck = (measure: (check: CheckReport) => number | undefined): MetricSample[] =>
    reports.flatMap(({ kind, checks }) =>
      checks.flatMap((check) => {
        const value = measure(check)
        return value === undefined ? [] : [{ labels: { kind, check: check.name }, value }]
      }),
    )
  return [
    {
      name: `${prefix}_health`,
      help: 'Whether the answer to this question is yes: 1 healthy, 0 not.',
      type: 'gauge',
      samples: reports.map(({ kind, healthy }) => ({ labels: { kind }, value: healthy ? 1 : 0 })),
    },
    {
      name: `${prefix}_health_check_status`,
      help: 'What each check has found: 1 for the status it has, 0 for the others.',
      type: 'gauge',
      samples: reports.flatMap(({ kind, checks }) =>
        checks.flatMap((check) =>
          STATUSES.map((status) => ({
            labels: { kind, check: check.name, status },
            value: status === check.status ? 1 : 0,
          })),
        ),
      ),
    },
    {
      name: `${prefix}_health_check_duration_seconds`,
      help: 'How long the last look of each check took.',
      type: 'gauge',
      samples: perCheck(({ durationMs }) => durationMs / 1000),
    },
    {
      name: `${prefix}_health_check_timestamp_seconds`,
      help: 'When each check looked last, in seconds since 1970.',
      type: 'gauge',
      samples: perCheck(({ checkedAt }) => seconds(checkedAt)),
    },
  ]
}

/**
 * A daemon's status as metrics: moments and not ages, so that they stay true between two scrapes.
 *
 * Of a daemon that is not healthy, only what is known is there.
 */
export function daemonMetrics(
  daemon: DaemonStatus,
  options: PrometheusOptions = {},
): readonly MetricFamily[] {
  const { prefix = 'conductor' } = options
  const { healthy, last_heartbeat, uptime_seconds } = daemon
  const beatS = seconds(last_heartbeat)
  const samples = (value: number | undefined): MetricSample[] =>
    value === undefined ? [] : [{ value }]
  return [
    {
      name: `${prefix}_daemon_health`,
      help: 'Whether the daemon beats, lives and works: 1 healthy, 0 not.',
      type: 'gauge',
      samples: samples(healthy ? 1 : 0),
    },
    {
      name: `${prefix}_daemon_heartbeat_timestamp_seconds`,
      help: 'When the daemon beat last, in seconds since 1970.',
      type: 'gauge',
      samples: samples(beatS),
    },
    {
      name: `${prefix}_daemon_start_time_seconds`,
      help: 'When the daemon started, in seconds since 1970.',
      type: 'gauge',
      samples: samples(
        beatS === undefined || uptime_seconds === undefined ? undefined : beatS - uptime_seconds,
      ),
    },
  ]
}

function seconds(timestamp: string | undefined): number | undefined {
  return timestamp === undefined ? undefined : Date.parse(timestamp) / 1000
}
