/** What to look at. Plain data, except `function`, so that it can come from a file. */
export type ProbeSpec =
  | HttpProbe
  | TcpProbe
  | UnixProbe
  | ExecProbe
  | HeartbeatProbe
  | FunctionProbe
  | LoopLagProbe

/** Healthy: an answer with an expected status. */
export interface HttpProbe {
  readonly kind: 'http'
  /** `http:` or `https:`. Redirects are answers, and are not followed. */
  readonly url: string
  /** Default: `GET`. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Statuses that are healthy, both ends included (default: 200 to 399, as Kubernetes). */
  readonly status?: { readonly min: number; readonly max: number }
  /** Text that the first 64 KiB of the body must hold (default: the body does not matter). */
  readonly expect?: string
  /** Speaks HTTP over this unix socket; the host of `url` is then only a header. */
  readonly socketPath?: string
}

/** Healthy: the connection is accepted, and answered when `send` or `expect` is given. */
export interface TcpProbe {
  readonly kind: 'tcp'
  /** Default: `127.0.0.1`. */
  readonly host?: string
  readonly port: number
  /** Written once connected. Escapes are the caller's: `PING\r\n`. */
  readonly send?: string
  /** Text that the first 64 KiB of the answer must hold. With `send` alone, any answer is healthy. */
  readonly expect?: string
}

/**
 * Healthy: as `tcp`, on a unix socket (a named pipe on Windows).
 *
 * Without `send` or `expect` it proves only that somebody listens: the kernel accepts connections for
 * a program that is stopped or hung.
 */
export interface UnixProbe {
  readonly kind: 'unix'
  readonly path: string
  readonly send?: string
  readonly expect?: string
}

/** Healthy: exit code 0. At the time limit the whole process group is killed. */
export interface ExecProbe {
  readonly kind: 'exec'
  readonly command: string
  readonly args?: readonly string[]
  readonly cwd?: string
  /** Added to the environment of this process, secrets of Conductor apart. */
  readonly env?: Readonly<Record<string, string>>
}

/** Healthy: the file's beat is fresh, and the process that wrote it lives. */
export interface HeartbeatProbe {
  readonly kind: 'heartbeat'
  readonly path: string
  /** Milliseconds (default: 60,000). */
  readonly maxAgeMs?: number
}

/** Healthy: it returns, or resolves, in time; what it throws is the message. */
export interface FunctionProbe {
  readonly kind: 'function'
  readonly run: (signal: AbortSignal) => void | Promise<void>
}

/** Healthy: this process's event loop has not been held up for longer than `maxMs` since the last look. */
export interface LoopLagProbe {
  readonly kind: 'loop-lag'
  /** Milliseconds (default: 500). */
  readonly maxMs?: number
}

/** `unknown`: it could not be told, which is never healthy. */
export type ProbeStatus = 'pass' | 'warn' | 'fail' | 'unknown'

export interface ProbeResult {
  readonly status: ProbeStatus
  /** One line for people: what was seen, and what was expected. Empty for a plain pass. */
  readonly message: string
  readonly durationMs: number
}

/** When to look, and how often it takes to be believed: Kubernetes' names and meanings. */
export interface ProbeTiming {
  /** Before the first look, in milliseconds (default: 0). */
  readonly initialDelayMs?: number
  /** From the end of one look to the next, in milliseconds (default: 30,000). */
  readonly periodMs?: number
  /** What has not answered by then has failed, in milliseconds (default: 5,000). */
  readonly timeoutMs?: number
  /** So many in a row make it healthy (default: 1). */
  readonly successThreshold?: number
  /** So many in a row make it unhealthy (default: 3). */
  readonly failureThreshold?: number
}

/** What to look at and when. */
export interface CheckSpec extends ProbeTiming {
  readonly probe: ProbeSpec
}
