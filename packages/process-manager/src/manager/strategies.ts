import type { Death } from '../manager-api.ts'
import { affectedBy } from '../order/affected-by.ts'
import type { GroupSpec, Strategy } from '../spec/process-spec.ts'
import type { Unit } from '../unit/unit-api.ts'
import type { Dependencies } from './dependencies.ts'
import type { Roster } from './roster.ts'

/** What the end of one process means for the others of its groups. */
export interface Strategies {
  define(name: string, group: GroupSpec): void
  /** Notes who starts when: `rest-for-one` goes by that. */
  launched(unit: Unit): void
  /** Somebody ended, whom nobody had asked to. */
  died(unit: Unit, death: Death): void
}

export function createStrategies(roster: Roster, dependencies: Dependencies): Strategies {
  const strategies = new Map<string, Strategy>()
  /** Names in the order of their latest launch. */
  const started: string[] = []

  return {
    define(name, { strategy = 'one-for-one' }) {
      strategies.set(name, strategy)
    },
    launched({ name }) {
      const index = started.indexOf(name)
      // A restart keeps its place: who started after it the first time still builds on it.
      if (index < 0) started.push(name)
    },
    died(unit) {
      // It stays down: the others have nothing to come back together with.
      if (!['backoff', 'waiting', 'starting', 'running'].includes(unit.life.name)) return
      for (const group of unit.spec.groups) {
        const strategy = strategies.get(group)
        if (!strategy || strategy === 'one-for-one') continue
        const members = roster.find(group)
        const order = started.filter((name) => members.some((each) => each.name === name))
        const affected = new Set(affectedBy(unit.name, strategy, order))
        for (const other of members) {
          if (other === unit || !affected.has(other.name)) continue
          if (!['starting', 'running'].includes(other.life.name)) continue
          if (order.indexOf(other.name) > order.indexOf(unit.name))
            dependencies.holdFor(other, unit)
          other.send({ type: 'restart', by: `${strategy} of group ${group}: ${unit.name} ended` })
        }
      }
    },
  }
}
