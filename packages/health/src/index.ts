export { cached } from './cached.ts'
export { checkCheckSpec, checkProbeSpec } from './check-spec.ts'
export { HealthError, type HealthErrorCode, isHealthError } from './health-error.ts'
export type { CheckReport, HealthKind, HealthReport } from './health-report.ts'
export type { Beat, BeatProgress } from './heartbeat/beat.ts'
export { checkHeartbeat, type HeartbeatCheckOptions } from './heartbeat/check-heartbeat.ts'
export {
  type DaemonStatus,
  type DaemonTrouble,
  daemonExitCode,
  renderDaemonStatus,
} from './heartbeat/daemon-status.ts'
export { createHeartbeat, type Heartbeat, type HeartbeatOptions } from './heartbeat/heartbeat.ts'
export type { CheckTiming, HealthState } from './hysteresis.ts'
export { createProbe, type Environment, type LookOptions, type Probe, runProbe } from './probe.ts'
export type {
  CheckSpec,
  ExecProbe,
  FunctionProbe,
  HeartbeatProbe,
  HttpProbe,
  LoopLagProbe,
  ProbeResult,
  ProbeSpec,
  ProbeStatus,
  ProbeTiming,
  TcpProbe,
  UnixProbe,
} from './probe-spec.ts'
export { DEFAULT_TIMING, type ProbeWatch, type WatchOptions, watchProbe } from './prober.ts'
export {
  type CheckOptions,
  createHealth,
  type Health,
  type HealthCheck,
  type HealthOptions,
} from './registry.ts'
export {
  HEALTH_JSON,
  type HealthJson,
  type HealthJsonCheck,
  renderHealthJson,
} from './render/health-json.ts'
export { healthResponse } from './render/health-response.ts'
export {
  METRICS_CONTENT_TYPE,
  type MetricFamily,
  type MetricSample,
  renderMetrics,
} from './render/metrics.ts'
export {
  type NagiosOptions,
  type NagiosResult,
  nagiosCheck,
  renderNagios,
} from './render/nagios.ts'
export {
  daemonMetrics,
  healthMetrics,
  type PrometheusOptions,
  renderPrometheus,
} from './render/prometheus.ts'
export { type RenderOptions, renderPlain, renderVerbose } from './render/verbose.ts'
