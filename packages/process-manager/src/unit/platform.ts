import type { CheckSpec, ProbeResult } from '@conductor/health'
import type { ProcessIdentity } from '@conductor/process-identity'
import type { Launched, LaunchOptions } from '../launch/launch.ts'
import type { ProcessLog } from '../logs/process-log.ts'
import type { Usage } from '../manager-api.ts'
import type { LogSpec } from '../spec/process-spec.ts'

/** Everything that belongs to one launch. */
export interface Tree {
  /** The launched process: leader of its session and group. */
  readonly leader: ProcessIdentity
  /** In the environment of all its descendants that have not cleared it. */
  readonly cookie: string
  /** The folder of its cgroup, where it has one. */
  readonly cgroup?: string | undefined
}

/** One process of a tree. */
export interface Member {
  readonly identity: ProcessIdentity
  readonly name: string
}

/** A check that is being watched. */
export interface Watched {
  /** Looks that failed in a row. */
  readonly failures: number
  readonly last: ProbeResult | undefined
  close(): void
}

/** What a unit does to the world: of the real one, or of a test. */
export interface Platform {
  /** @throws an error with a `code` when there is no such program. */
  resolveCommand(command: string, cwd: string): string
  /** @throws an error with a `code` when nothing was started. */
  launch(options: LaunchOptions): Launched
  /** Hears of the end of a process that is not our child. */
  watchExit(identity: ProcessIdentity, listener: () => void): () => void
  /** Ends this tree if this program is killed. @returns what takes that back. */
  guard(tree: Tree, stop: { readonly signal: NodeJS.Signals; readonly graceMs: number }): () => void
  /** Whether nothing is left in its group, or cgroup. Cheap. */
  isGroupEmpty(tree: Tree): boolean
  /** Signals what was verified to be of this tree. */
  signalTree(tree: Tree, signal: NodeJS.Signals): Promise<void>
  /** @returns what is left of it all the same. */
  killTree(tree: Tree): Promise<readonly Member[]>
  /** Resolves once nothing of the tree is left, or rejects when aborted. */
  whenEmpty(tree: Tree, signal: AbortSignal): Promise<void>
  members(tree: Tree): Promise<readonly Member[]>
  makeCgroup(name: string): string | undefined
  removeCgroup(folder: string): void
  watchCheck(
    check: CheckSpec,
    on: {
      readonly result: (result: ProbeResult) => void
      readonly change: (state: 'healthy' | 'unhealthy') => void
    },
  ): Watched
  watchUsage(tree: Tree, listener: (usage: Usage) => void): () => void
  openLog(folder: string, spec: Required<LogSpec>, onTrouble: (error: unknown) => void): ProcessLog
}
