import { type Blocker, blockedBy, type InstanceFacts } from '../order/blocked-by.ts'
import type { Unit } from '../unit/unit-api.ts'
import type { Roster } from './roster.ts'

/** What must be so before a process may start: its dependencies, and its group's strategy. */
export interface Dependencies {
  /** Says `unblocked` now, or as soon as it is. */
  ask(unit: Unit): void
  /** Looks again at all that wait. */
  review(): void
  /** What holds it up. */
  blockers(unit: Unit): readonly Blocker[]
  /** Keeps `unit` from starting until `culprit` runs again, or does not want to any more. */
  holdFor(unit: Unit, culprit: Unit): void
}

export function createDependencies(roster: Roster): Dependencies {
  const holds = new Map<string, Set<Unit>>()

  function blockers(unit: Unit): readonly Blocker[] {
    return [...blockedBy(unit.spec, factsOf), ...heldBy(unit)]
  }

  function factsOf(name: string): readonly InstanceFacts[] {
    return roster.definitions.get(name)?.units.map(factsOfUnit) ?? []
  }

  function heldBy(unit: Unit): Blocker[] {
    const culprits = holds.get(unit.name)
    if (!culprits) return []
    for (const culprit of culprits)
      if (['running', 'stopped'].includes(culprit.life.name)) culprits.delete(culprit)
    if (culprits.size === 0) holds.delete(unit.name)
    return [...culprits].map(({ name, life }) => ({
      name,
      condition: 'ready',
      hopeless: life.name === 'failed' && life.deadlineMs === undefined,
      text: `waits for ${name} of its group to run again`,
    }))
  }

  function review(): void {
    for (const unit of roster.units())
      if (unit.life.name === 'waiting' && blockers(unit).length === 0)
        unit.send({ type: 'unblocked' })
  }

  return {
    ask(unit) {
      if (blockers(unit).length === 0) unit.send({ type: 'unblocked' })
    },
    review,
    blockers,
    holdFor(unit, culprit) {
      const culprits = holds.get(unit.name) ?? new Set()
      holds.set(unit.name, culprits.add(culprit))
    },
  }
}

function factsOfUnit(unit: Unit): InstanceFacts {
  const { life, run } = unit
  const ended = endOf(unit)
  return {
    name: unit.name,
    phase: life.name,
    alive: run !== undefined && life.name !== 'stopping',
    ready: life.name === 'running' && (run?.ready ?? false),
    ...(ended === undefined ? {} : { ended }),
  }
}

/** How it ended by itself, if nothing will start it again. */
function endOf({ life }: Unit): 'cleanly' | 'uncleanly' | undefined {
  if (life.name === 'stopped') return life.completed ? 'cleanly' : undefined
  if (life.name !== 'failed' || life.deadlineMs !== undefined) return undefined
  return life.reason.kind === 'exit' && life.reason.exit.kind === 'code' ? 'uncleanly' : undefined
}
