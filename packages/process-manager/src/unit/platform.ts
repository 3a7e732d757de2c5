import type { CheckSpec, ProbeResult } from '@conductor/health'
import type { ProcessIdentity } from '@conductor/process-identity'
import type { Launched, LaunchOptions } from '../launch/launch.ts'
import type { ProcessLog } from '../logs/process-log.ts'
import type { Usage } from '../manager-api.ts'
import type { LogSpec, StopSpec } from '../spec/process-spec.ts'
import type { Member, Tree } from '../tree/tree.ts'

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
  resolveCommand(command: string, cwd: string, path: string | undefined): string
  /** @throws an error with a `code` when nothing was started. */
  launch(options: LaunchOptions): Launched
  /** Hears of the end of a process that is not our child. */
  watchExit(identity: ProcessIdentity, listener: () => void): () => void
  /** Ends this tree if this program is killed. @returns what takes that back. */
  guard(tree: Tree, stop: Required<StopSpec>): () => void
  /** Whether nothing is left in its group, or cgroup. Cheap. */
  isGroupEmpty(tree: Tree): boolean
  /** Whether others of a tree without leader and group are left. `undefined`: only `members` can tell. */
  hasOrphans(tree: Tree): boolean | undefined
  /** Signals what was verified to be of this tree. */
  signalTree(tree: Tree, signal: NodeJS.Signals): Promise<'sent' | 'gone' | 'refused'>
  /** Now, in the unit of start times. */
  ticksNow(): number | undefined
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
  /** Lets go of everything: nothing that runs is ended. */
  close(): Promise<void>
}
