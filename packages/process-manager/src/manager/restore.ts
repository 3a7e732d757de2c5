import { join } from 'node:path'
import type { Clock } from '@conductor/machine'
import type { ManagerEvent } from '../manager-api.ts'
import type { BackgroundProcessConfig } from '../plugins/background-process-config.ts'
import { removeRecord } from '../records/process-record.ts'
import type { ProcessSpec } from '../spec/process-spec.ts'
import { reasonOf } from '../system-error.ts'
import { type Leftover, reconcile } from './reconcile.ts'
import { baseOf, type Definition, type Roster } from './roster.ts'

/** What restoring needs of the manager. */
export interface Keeper {
  readonly root: string
  readonly clock: Clock
  readonly epochMs: number
  readonly roster: Roster
  emit(event: ManagerEvent): void
  define(
    given: ProcessSpec,
    from?: {
      readonly config?: BackgroundProcessConfig | undefined
      readonly leftovers?: readonly Leftover[]
    },
  ): Definition
}

/**
 * Takes over what an earlier manager left: at once, and each for itself, so that one that cannot be
 * taken over keeps nobody else from it.
 *
 * @returns What is on its way out, by name: nothing may be started under it before it has gone.
 */
export function restoreAll(keeper: Keeper): ReadonlyMap<string, Promise<void>> {
  const { root, clock, epochMs, roster, emit } = keeper
  const { found, troubles } = reconcile({ root, nowMs: clock.now(), epochMs })
  for (const text of troubles) emit({ type: 'trouble', text })

  const byName = new Map<string, Leftover[]>()
  for (const leftover of found) {
    const name = baseOf(leftover.record.name)
    byName.set(name, [...(byName.get(name) ?? []), leftover])
  }
  const orphans = new Map<string, Promise<void>>()
  for (const [name, leftovers] of byName) {
    try {
      restore(name, leftovers)
    } catch (error) {
      const why = reasonOf(error)
      emit({ type: 'trouble', name, text: `${name} cannot be taken over: ${why}`, error })
    }
  }
  return orphans

  function restore(name: string, leftovers: readonly Leftover[]): void {
    // Of an earlier definition there may still be a record, but never a run.
    const first = leftovers.find(({ record }) => record.run) ?? leftovers[0]
    if (!first) return
    const { spec, config } = first.record
    const definition = keeper.define(spec, { config, leftovers })
    for (const { record } of leftovers)
      if (!definition.units.some((unit) => unit.name === record.name))
        removeRecord(join(root, record.name))
    if (first.fate === 'keep') {
      for (const unit of definition.units) {
        if (unit.life.name === 'waiting') unit.send({ type: 'start' })
        if (unit.run) emit({ type: 'adopted', name: unit.name, identity: unit.run.record.identity })
      }
      return
    }
    const forget = async (): Promise<void> => {
      orphans.delete(name)
      for (const unit of definition.units) await unit.detach()
      roster.drop(name)
      for (const { folder } of definition.spec.instances) removeRecord(folder)
    }
    // What even SIGKILL does not end stays known, so that nothing is started beside it.
    orphans.set(name, Promise.all(definition.units.map((unit) => unit.stopped())).then(forget))
    orphans.get(name)?.catch(() => {})
  }
}
