/** `waiting`: for what it depends on. `backoff`: for its next try. `failed`: given up. */
export type ProcessPhase =
  | 'stopped'
  | 'waiting'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'backoff'
  | 'failed'

/** A managed process, as `GET api/processes` and the events tell of it. */
export interface ProcessJson {
  /** `web`, or `web@2` for one of several replicas. */
  readonly name: string
  readonly phase: ProcessPhase
  /** Running, and its readiness check, if it has one, passes. */
  readonly ready: boolean
  readonly pid?: number | undefined
  readonly spec: ProcessSpecJson
  /** In a row. */
  readonly failedHealthChecks: number
  /** Times are ISO 8601, UTC. */
  readonly lastCheckAt?: string | undefined
  /** Since it was added. */
  readonly restarts: number
  readonly lastError?: string | undefined
  readonly lastStateChange: string
  readonly startedAt?: string | undefined
  readonly readyAt?: string | undefined
  readonly nextTryAt?: string | undefined
  /** It was started by an earlier server. */
  readonly adopted: boolean
  readonly usage?: ProcessUsageJson | undefined
}

/** Of a whole tree; also the event `process.usage`, about every 15 s. */
export interface ProcessUsageJson {
  readonly rssBytes: number
  /** Of one core; absent in the first sample. */
  readonly cpuPercent?: number | undefined
  readonly processes: number
}

/** What a page shows of a spec; all of it stands in the README of `@conductor/process-manager`. */
export interface ProcessSpecJson {
  readonly name: string
  readonly command: string
  readonly args?: readonly string[] | undefined
  readonly cwd?: string | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly socketPath?: string | undefined
  readonly ready?: ReadinessJson | undefined
  readonly liveness?: CheckJson | undefined
  readonly readiness?: CheckJson | undefined
  /** The name of a preset, or a policy of one's own. */
  readonly restart?: string | object | undefined
  readonly dependsOn?: Readonly<Record<string, string>> | undefined
  readonly groups?: readonly string[] | undefined
  readonly replicas?: number | undefined
  readonly limits?:
    | { readonly memoryBytes?: number | undefined; readonly cpuPercent?: number | undefined }
    | undefined
  readonly outlive?: boolean | undefined
}

/** What makes a process ready. */
export interface ReadinessJson {
  readonly kind: 'socket' | 'check' | 'fd' | 'log' | 'delay'
  readonly check?: CheckJson | undefined
  readonly pattern?: string | undefined
  readonly delayMs?: number | undefined
}

export interface CheckJson {
  readonly probe: ProbeJson
  readonly periodMs?: number | undefined
  readonly failureThreshold?: number | undefined
}

/** Which fields there are, the kind says. */
export interface ProbeJson {
  readonly kind: string
  readonly url?: string | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly path?: string | undefined
  readonly command?: string | undefined
  readonly args?: readonly string[] | undefined
}

/** One line of the tally of ends. */
export interface DeathJson {
  /** ISO 8601, UTC. */
  readonly at: string
  readonly name: string
  readonly pid?: number | undefined
  readonly startedAt?: string | undefined
  readonly exit: { readonly kind: string; readonly code?: number | undefined }
  /** `exited with code 1`. */
  readonly text: string
  /** Who asked, if somebody did. */
  readonly by?: string | undefined
  /** What followed. */
  readonly decision: string
  readonly lastLines: readonly string[]
  readonly survivors?: readonly string[] | undefined
}

/** Why a process is as it is. */
export interface WhyJson {
  readonly name: string
  readonly phase: ProcessPhase
  /** One sentence each, the most important first. */
  readonly text: readonly string[]
  readonly blockedBy: readonly string[]
  readonly nextTryAt?: string | undefined
  readonly lastDeath?: DeathJson | undefined
  readonly nextDelays: readonly { readonly minMs: number; readonly maxMs: number }[]
}
