import type { ProcessIdentity } from '@conductor/process-identity'
import type { DecisionRule, Exit } from '@conductor/restart-policy'
import type { ProcessLog } from './logs/process-log.ts'
import type { BackgroundProcessConfig } from './plugins/background-process-config.ts'
import type { GroupSpec, ProcessSpec } from './spec/process-spec.ts'

/** The states of the BackgroundProcessManager document. A process that waits for its next try is in `error`. */
export type ProcessStateName = 'starting' | 'running' | 'stopping' | 'stopped' | 'error'

/** What it does exactly. `waiting`: for what it depends on. `backoff`: for its next try. `failed`: given up. */
export type Phase =
  | 'stopped'
  | 'waiting'
  | 'starting'
  | 'running'
  | 'stopping'
  | 'backoff'
  | 'failed'

/** Times are milliseconds since 1970, UTC. */
export interface ProcessInfo {
  /** `web`, or `web@2` for one of several replicas. */
  readonly name: string
  readonly state: ProcessStateName
  readonly phase: Phase
  /** Running, and its readiness check, if it has one, passes. */
  readonly ready: boolean
  readonly pid?: number
  readonly spec: ProcessSpec
  /** What `startProcess` was given; absent for processes that were added by a spec. */
  readonly config?: BackgroundProcessConfig
  /** Liveness checks that failed in a row. */
  readonly failedHealthChecks: number
  /** When its liveness was last looked at. */
  readonly lastCheckAt?: number
  /** Restarts in a row since it was last stable. */
  readonly restartAttempts: number
  /** Restarts since it was added, by policy or by request. */
  readonly restarts: number
  readonly lastError?: string
  readonly lastStateChange: number
  readonly startedAt?: number
  readonly readyAt?: number
  /** When it is tried again, in `backoff`, or after a give-up that tries again. */
  readonly nextTryAt?: number
  /** It was started by an earlier manager. */
  readonly adopted: boolean
  /** Of its whole tree, when sampled. */
  readonly usage?: Usage
}

export interface Usage {
  readonly rssBytes: number
  /** Of one core, since the sample before; absent in the first. */
  readonly cpuPercent?: number
  readonly processes: number
}

/** One line of the tally: kept on disk, the last 100 of each process. */
export interface Death {
  readonly at: number
  readonly name: string
  readonly pid?: number
  readonly startedAt?: number
  /** How it ended, or why it was ended. */
  readonly exit: Exit
  /** The same in words: `was killed by SIGKILL`, `exited with code 1`. */
  readonly text: string
  /** Who asked, if somebody did: `conductor restart`, `POST /api/processes/web/stop`. */
  readonly by?: string
  /** What followed: `restart in 5 s (attempt 1, mode:on-failure)`. */
  readonly decision: string
  /** The last lines that it wrote, at most 50. */
  readonly lastLines: readonly string[]
  /** Processes of its tree that could not be ended. */
  readonly survivors?: readonly string[]
}

/** Why a process is as it is, for people (`text`) and programs. */
export interface Why {
  readonly name: string
  readonly phase: Phase
  /** One sentence each, the most important first. */
  readonly text: readonly string[]
  /** Dependencies that hold it up. */
  readonly blockedBy: readonly string[]
  readonly nextTryAt?: number
  readonly rule?: DecisionRule
  readonly lastDeath?: Death
  /** The delays of the restarts to come, in milliseconds, if it kept failing. */
  readonly nextDelays: readonly { readonly minMs: number; readonly maxMs: number }[]
}

export type ManagerEvent =
  | { readonly type: 'added'; readonly name: string }
  | { readonly type: 'removed'; readonly name: string }
  /** Any change that `getProcessInfo` shows, but of its usage and of the time of its last check. */
  | { readonly type: 'changed'; readonly name: string; readonly info: ProcessInfo }
  /** Its memory and CPU were measured. */
  | { readonly type: 'usage'; readonly name: string; readonly usage: Usage }
  | { readonly type: 'death'; readonly name: string; readonly death: Death }
  | { readonly type: 'adopted'; readonly name: string; readonly identity: ProcessIdentity }
  /** Something that a person should know and that ends nothing: a full disk, a log that cannot be rotated. */
  | {
      readonly type: 'trouble'
      readonly name?: string
      readonly text: string
      readonly error?: unknown
    }

/** Who asks, for the tally. */
export interface Asked {
  readonly by?: string
}

/** Every `name` may be a process, one replica (`web@2`), or a group; the text of an error says which are there. */
export interface ProcessManager {
  // The document's own methods.

  /** Adds a process, starts it, and waits until it is ready. */
  startProcess(config: BackgroundProcessConfig): Promise<void>
  /** Resolves once its whole tree is gone. An unknown name is nothing to stop. */
  stopProcess(name: string, asked?: Asked): Promise<void>
  /** For the end of the program: all at once, and nothing starts afterwards. */
  stopAllProcesses(asked?: Asked): Promise<void>
  isRunning(name: string): boolean
  getState(name: string): ProcessStateName | undefined
  getPid(name: string): number | undefined
  getProcessInfo(name: string): ProcessInfo | undefined

  // Beyond it.

  /** Makes a process known, stopped. A known one is redefined; that needs it to be stopped, unless nothing changed. */
  add(spec: ProcessSpec): Promise<void>
  /** Stops it, and removes its folder with its logs. */
  remove(name: string, asked?: Asked): Promise<void>
  defineGroup(name: string, group: GroupSpec): void
  /** Starts these (default: all) and what they depend on, in order; resolves when all are ready. */
  up(names?: readonly string[]): Promise<void>
  /** Stops these (default: all) and what depends on them, in reverse order. */
  down(names?: readonly string[], asked?: Asked): Promise<void>
  /** One process or group, ordered as `up`; waits until ready. Fine when it runs already. */
  start(name: string): Promise<void>
  /** Stops and starts it; waits until ready. Replicas one after the other, so that `minReady` stay ready. */
  restart(name: string, asked?: Asked): Promise<void>
  list(): ProcessInfo[]
  why(name: string): Why
  /** Oldest first. */
  deaths(name: string): Death[]
  /** Its output. */
  log(name: string): ProcessLog
  subscribe(listener: (event: ManagerEvent) => void): () => void
  /** Ends what is not to outlive it, leaves the rest running, and lets go of everything. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
