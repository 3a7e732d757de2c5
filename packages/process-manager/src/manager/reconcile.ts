import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { processState } from '@conductor/process-identity'
import type { Life } from '../life/life.ts'
import { type ProcessRecord, readRecord } from '../records/process-record.ts'
import type { ProcessSpec } from '../spec/process-spec.ts'
import { reasonOf } from '../system-error.ts'

/** What an earlier manager left of one process. */
export interface Leftover {
  readonly record: ProcessRecord
  /** Where the unit goes on from. Its deadline is on this program's clock. */
  readonly life: Life
  /** `keep`: it is ours from now on. `end`: an orphan that should have ended with its manager. */
  readonly fate: 'keep' | 'end'
}

export interface Leftovers {
  readonly found: readonly Leftover[]
  readonly troubles: readonly string[]
}

export interface ReconcileOptions {
  readonly root: string
  readonly nowMs: number
  readonly epochMs: number
}

/**
 * Reads the records under a root. It starts, ends and changes nothing.
 *
 * A run is believed to be alive until its exit is seen: the machine is told of that as of any other,
 * so that its restart policy counts it. Only where that cannot be told it stays failed.
 */
export function reconcile({ root, nowMs, epochMs }: ReconcileOptions): Leftovers {
  const found: Leftover[] = []
  const troubles: string[] = []
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const folder = join(root, entry.name)
    try {
      const record = readRecord(folder)
      if (record === 'damaged')
        troubles.push(`${folder}/process.jsonl is damaged: that process is not known any more`)
      else if (record && record.name === entry.name)
        found.push({ record, ...placeOf(record, nowMs, epochMs) })
    } catch (error) {
      troubles.push(`${folder} cannot be read: ${reasonOf(error)}`)
    }
  }
  return { found, troubles }
}

function placeOf(
  { life, run, spec }: ProcessRecord,
  nowMs: number,
  epochMs: number,
): Pick<Leftover, 'life' | 'fate'> {
  const { policy } = life
  const stopped: Life = { name: 'stopped', policy }
  const { graceMs = 5_000 } = spec.stop ?? {}
  const ending: Life = {
    name: 'stopping',
    policy,
    deadlineMs: nowMs + graceMs,
    killed: false,
    next: { type: 'stopped', by: 'a new manager, because its own had gone' },
  }
  if (!canBeKept(spec)) return { life: run ? ending : stopped, fate: 'end' }
  if (run && processState(run.identity) === 'unknown')
    return { life: { name: 'failed', policy, reason: { kind: 'cannot-tell' } }, fate: 'keep' }

  switch (life.name) {
    case 'starting':
    case 'running': {
      if (!run) return { life: { name: 'waiting', policy }, fate: 'keep' }
      const { startupTimeoutMs = 30_000 } = spec
      return {
        life:
          run.readyAt === undefined
            ? { name: 'starting', policy, deadlineMs: nowMs + startupTimeoutMs }
            : { name: 'running', policy },
        fate: 'keep',
      }
    }
    case 'stopping':
      if (run)
        return { life: { ...life, deadlineMs: nowMs + graceMs, killed: false }, fate: 'keep' }
      return {
        life: life.next.type === 'stopped' ? stopped : { name: 'waiting', policy },
        fate: 'keep',
      }
    case 'backoff':
      return {
        life: { ...life, deadlineMs: Math.max(nowMs, life.deadlineMs - epochMs) },
        fate: 'keep',
      }
    case 'failed': {
      const { deadlineMs, ...rest } = life
      return {
        life:
          deadlineMs === undefined
            ? rest
            : { ...rest, deadlineMs: Math.max(nowMs, deadlineMs - epochMs) },
        fate: 'keep',
      }
    }
    default:
      return { life, fate: 'keep' }
  }
}

/** A check that is a function was in the earlier program, and is in no file. */
function canBeKept({ outlive = false, ready, liveness, readiness }: ProcessSpec): boolean {
  const checks = [liveness, readiness, ready?.kind === 'check' ? ready.check : undefined]
  return outlive && checks.every((check) => check?.probe.kind !== 'function')
}
