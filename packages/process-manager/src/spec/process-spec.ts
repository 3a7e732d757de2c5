import type { CheckSpec } from '@conductor/health'
import type { PresetName, RestartPolicyOptions } from '@conductor/restart-policy'

/** One daemon, as data: everything in it may come from a file, except a probe of kind `function`. */
export interface ProcessSpec {
  /** 1 to 64 of `A-Z a-z 0-9 . _ -`, the first a letter or digit. It names the folder, too. */
  readonly name: string
  /** A path, or a name looked up in `PATH` before anything is started. No shell is involved. */
  readonly command: string
  readonly args?: readonly string[]
  /** Absolute (default: the folder of the process under the manager's root). */
  readonly cwd?: string
  /** Added to the environment, which is this process's own without its secrets and supervisor variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Given to the daemon as `SOCKET_PATH` (default: `<root>/<name>/daemon.sock`). Removed when it has stopped. */
  readonly socketPath?: string

  /** What makes it ready (default: it is ready as soon as it runs). */
  readonly ready?: Readiness
  /** It is ended, and the restart policy asked, if it is not ready by then, in milliseconds (default: 30,000). */
  readonly startupTimeoutMs?: number
  /** Ended and restarted when this fails `failureThreshold` times in a row (default: no check). */
  readonly liveness?: CheckSpec
  /** While it fails, the process counts as running but not ready; it is never ended for it (default: none). */
  readonly readiness?: CheckSpec

  readonly stop?: StopSpec
  /** When and how often it comes back (default: the preset `ally`). */
  readonly restart?: PresetName | RestartPolicyOptions

  /** Names of processes that must be so far before this one starts (default: none). */
  readonly dependsOn?: Readonly<Record<string, DependencyCondition>>
  /** Groups it belongs to, for starting, stopping and strategies (default: none). */
  readonly groups?: readonly string[]
  /** So many copies, named `name@1`, `name@2` … (default: 1, named `name`). */
  readonly replicas?: number
  /** What a rolling restart leaves ready at any moment (default: `replicas - 1`, and 0 of 1). */
  readonly minReady?: number

  readonly logs?: LogSpec
  readonly limits?: LimitSpec
  /**
   * `true`: goes on when the manager stops or dies, and is adopted by the next one. `false` (default):
   * ends with the manager, also when that is killed.
   */
  readonly outlive?: boolean
}

export type Readiness =
  /** Somebody accepts connections at `socketPath`. */
  | { readonly kind: 'socket' }
  /** This check passes. Its period is 100 ms unless given. */
  | { readonly kind: 'check'; readonly check: CheckSpec }
  /** It writes a line to the file descriptor named in `READY_FD`, as s6's notification-fd. */
  | { readonly kind: 'fd' }
  /** A line of its output matches this regular expression. */
  | { readonly kind: 'log'; readonly pattern: string }
  /** It has run for so long, as supervisord's startsecs. */
  | { readonly kind: 'delay'; readonly delayMs: number }

export interface StopSpec {
  /** Sent to the whole group first (default: `SIGTERM`). */
  readonly signal?: NodeJS.Signals
  /** Then `SIGKILL`, in milliseconds (default: 5,000). */
  readonly graceMs?: number
}

/**
 * `started`: it runs. `ready`: it is ready. `completed`: it has ended by itself.
 * `completed-successfully`: with a clean exit.
 */
export type DependencyCondition = 'started' | 'ready' | 'completed' | 'completed-successfully'

export interface LogSpec {
  /** Size at which the log is rotated, in bytes (default: 10 MiB). */
  readonly maxBytes?: number
  /** Rotated files that are kept beside the current one (default: 3). */
  readonly files?: number
}

export interface LimitSpec {
  /** Resident memory of the whole tree above which it is restarted, in bytes (default: no limit). */
  readonly memoryBytes?: number
  /** CPU of the whole tree in percent of one core, over two samples in a row (default: no limit). */
  readonly cpuPercent?: number
}

/** How the end of one member concerns its group. As Erlang/OTP's supervisors. */
export type Strategy = 'one-for-one' | 'one-for-all' | 'rest-for-one'

export interface GroupSpec {
  /** Default: `one-for-one`. */
  readonly strategy?: Strategy
}
