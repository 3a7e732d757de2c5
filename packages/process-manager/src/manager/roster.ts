import type { BackgroundProcessConfig } from '../plugins/background-process-config.ts'
import { ProcessManagerError } from '../process-manager-error.ts'
import type { ResolvedSpec } from '../spec/check-spec.ts'
import { hint } from '../spec/nearest.ts'
import type { ProcessSpec } from '../spec/process-spec.ts'
import type { Unit } from '../unit/unit-api.ts'

/** A process as it was defined, and its replicas. */
export interface Definition {
  readonly name: string
  readonly given: ProcessSpec
  readonly spec: ResolvedSpec
  readonly config?: BackgroundProcessConfig | undefined
  readonly units: readonly Unit[]
}

/** Who is there, by any of their names. */
export interface Roster {
  readonly definitions: ReadonlyMap<string, Definition>
  put(definition: Definition): void
  drop(name: string): void
  units(): readonly Unit[]
  /** Those of a process, one replica, or a group. @throws ProcessManagerError `UNKNOWN_PROCESS`. */
  find(name: string): Unit[]
  /** The processes that a name means. @throws ProcessManagerError `UNKNOWN_PROCESS`. */
  findDefinitions(name: string): Definition[]
  /** Whether anything has this name. */
  knows(name: string): boolean
  /** One unit; of several replicas the first. */
  one(name: string): Unit | undefined
  definitionOf(unit: Unit): Definition | undefined
}

export function createRoster(): Roster {
  const definitions = new Map<string, Definition>()

  let all: readonly Unit[] | undefined

  function units(): readonly Unit[] {
    all ??= [...definitions.values()].flatMap((each) => each.units)
    return all
  }

  function definitionOf(unit: Pick<Unit, 'name'>): Definition | undefined {
    return definitions.get(baseOf(unit.name))
  }

  function called(name: string): Definition[] {
    const named = definitions.get(baseOf(name))
    if (named?.units.some((unit) => unit.name === name) || named?.name === name) return [named]
    return [...definitions.values()].filter(({ spec }) => spec.groups.includes(name))
  }

  function findDefinitions(name: string): Definition[] {
    const found = called(name)
    if (found.length > 0) return found
    const groups = [...definitions.values()].flatMap(({ spec }) => spec.groups)
    throw new ProcessManagerError(
      'UNKNOWN_PROCESS',
      `there is no process or group "${name}": ${hint(name, [...new Set([...definitions.keys(), ...groups])])}`,
    )
  }

  return {
    definitions,
    put(definition) {
      definitions.set(definition.name, definition)
      all = undefined
    },
    drop(name) {
      definitions.delete(name)
      all = undefined
    },
    units,
    find(name) {
      const found = findDefinitions(name).flatMap((each) => each.units)
      const exact = found.filter((unit) => unit.name === name)
      return exact.length > 0 ? exact : found
    },
    findDefinitions,
    knows: (name) => called(name).length > 0,
    one(name) {
      const definition = definitions.get(baseOf(name))
      return definition?.units.find((unit) => unit.name === name) ?? definition?.units[0]
    },
    definitionOf,
  }
}

/** `web` of `web@2`. */
export function baseOf(name: string): string {
  return name.replace(/@\d+$/, '')
}
