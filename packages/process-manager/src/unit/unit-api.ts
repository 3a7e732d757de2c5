import type { Clock } from '@conductor/machine'
import type { Life, LifeInput } from '../life/life.ts'
import type { ProcessLog } from '../logs/process-log.ts'
import type { ManagerEvent, ProcessInfo } from '../manager-api.ts'
import type { BackgroundProcessConfig } from '../plugins/background-process-config.ts'
import type { Deaths } from '../records/deaths.ts'
import type { RunRecord } from '../records/process-record.ts'
import type { InstanceSpec, ResolvedSpec } from '../spec/check-spec.ts'
import type { ProcessSpec } from '../spec/process-spec.ts'
import type { Platform } from './platform.ts'
import type { Run } from './run.ts'

export interface UnitOptions {
  readonly instance: InstanceSpec
  readonly spec: ResolvedSpec
  /** As it was given, for the record and for people. */
  readonly given: ProcessSpec
  readonly config?: BackgroundProcessConfig | undefined
  readonly clock: Clock
  /** Of the restart policy's clock: see `LifeRules`. */
  readonly epochMs: number
  readonly platform: Platform
  readonly baseEnv: Readonly<Record<string, string | undefined>>
  /** Where it is in its life, if an earlier manager left it there. */
  readonly life: Life
  readonly found?: { readonly run?: RunRecord; readonly launches: number } | undefined
  /** Asked for `unblocked`. */
  readonly ask: (unit: Unit) => void
  readonly onEvent: (event: ManagerEvent) => void
}

/** One managed process, or one replica: its machine, and what the machine does. */
export interface Unit {
  readonly name: string
  readonly spec: ResolvedSpec
  readonly given: ProcessSpec
  readonly life: Life
  readonly run: Run | undefined
  readonly log: ProcessLog
  readonly deaths: Deaths
  info(): ProcessInfo
  send(input: LifeInput): void
  /** Resolves when it is ready or has completed; rejects with the cause when it failed. */
  started(): Promise<void>
  /** Resolves when nothing of it is left. */
  stopped(): Promise<void>
  /** Lets go of it: what runs goes on. */
  detach(): Promise<void>
}
