export { HealthError, type HealthErrorCode, isHealthError } from './health-error.ts'
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
