/** Of `GET api/status`: what the server knows of itself beside its checks. */
export interface ServerStatusJson {
  readonly pid: number
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** Of Node.js, as `24.1.0`. */
  readonly nodeVersion: string
  readonly heartbeat: HeartbeatJson
  /** Where histories and logs are written; absent where the system does not tell. */
  readonly disk?: DiskJson | undefined
}

/** What a supervisor sees that reads the heartbeat file. */
export interface HeartbeatJson {
  readonly healthy: boolean
  /** For a person. */
  readonly message: string
  /** ISO 8601, UTC. */
  readonly lastAt?: string | undefined
}

export interface DiskJson {
  /** Absolute. */
  readonly path: string
  /** For those who are not root. */
  readonly freeBytes: number
  readonly totalBytes: number
}
