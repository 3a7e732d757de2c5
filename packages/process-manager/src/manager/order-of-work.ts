import { startOrder, stopOrder, withDependencies, withDependents } from '../order/start-order.ts'
import { isProcessManagerError, ProcessManagerError } from '../process-manager-error.ts'
import type { ResolvedSpec } from '../spec/check-spec.ts'
import type { Unit } from '../unit/unit-api.ts'
import type { Definition, Roster } from './roster.ts'

/**
 * Starts processes and what they depend on, and waits until all are ready.
 *
 * They are all told at once: who depends on another waits for it by itself.
 *
 * @param onFailed Called for each unit that failed.
 * @throws ProcessManagerError of the first that failed, with the texts of all.
 */
export async function startInOrder(
  roster: Roster,
  definitions: readonly Definition[],
  onFailed: (unit: Unit) => void,
): Promise<void> {
  const specs = [...roster.definitions.values()].map((each) => each.spec)
  const wanted = withDependencies(
    definitions.map((each) => each.name),
    specs,
  )
  // What others lack is not the business of these.
  const order = startOrder(specs.filter(({ name }) => wanted.has(name)))
  const waves = order.map((wave) => unitsOf(roster, wave, wanted))
  const starts = new Map<Unit, Promise<void>>()
  for (const unit of waves.flat()) {
    if (unit.life.name !== 'running') unit.send({ type: 'start' })
    const start = unit.started()
    start.catch(() => {})
    starts.set(unit, start)
  }

  const failures = new Map<string, Error>()
  for (const wave of waves) {
    await Promise.all(
      wave.map(async (unit) => {
        // It waits for one that failed, and nobody knows for how long.
        if (Object.keys(unit.spec.dependsOn).some((name) => failures.has(name))) {
          failures.set(unit.spec.name, new Error(`${unit.name} waits for what failed`))
          return
        }
        try {
          await starts.get(unit)
        } catch (error) {
          failures.set(unit.spec.name, error instanceof Error ? error : new Error(String(error)))
          onFailed(unit)
        }
      }),
    )
  }
  const [first, ...others] = failures.values()
  if (!first) return
  if (others.length === 0 || !(first instanceof ProcessManagerError)) throw first
  const text = first.message.replace(/^\[[^\]]*\] /, '')
  throw new ProcessManagerError(
    first.code,
    [text, ...others.map((each) => each.message.replace(/^\[[^\]]*\] /, ''))].join('\n'),
    { cause: first },
  )
}

/**
 * Stops processes, those that depend on others first.
 *
 * @param reach `dependents`: also what depends on them. `only`: these and nothing else.
 * @throws ProcessManagerError `STOP_FAILED` of the first, once all have been tried.
 */
export async function stopInOrder(
  roster: Roster,
  definitions: readonly Definition[],
  reach: 'dependents' | 'only',
  by: string | undefined,
): Promise<void> {
  const specs = [...roster.definitions.values()].map((each) => each.spec)
  const names = definitions.map((each) => each.name)
  const going = reach === 'only' ? new Set(names) : withDependents(names, specs)
  const failures: unknown[] = []
  for (const wave of wavesToStop(specs))
    failures.push(...(await stopUnits(unitsOf(roster, wave, going), by)))
  if (failures.length > 0) throw failures[0]
}

/** A stop is never refused: who waits for nobody, or for each other, is stopped in no order. */
function wavesToStop(specs: readonly ResolvedSpec[]): string[][] {
  const names = new Set(specs.map(({ name }) => name))
  const known = specs.map(({ name, dependsOn }) => ({
    name,
    dependsOn: Object.fromEntries(Object.entries(dependsOn).filter(([each]) => names.has(each))),
  }))
  try {
    return stopOrder(known)
  } catch (error) {
    if (!isProcessManagerError(error, 'CYCLE')) throw error
    return [[...names]]
  }
}

/** All at once. @returns the errors of those that did not stop. */
export async function stopUnits(
  units: readonly Unit[],
  by: string | undefined,
): Promise<unknown[]> {
  const ends = units.map((unit) => {
    const gone = unit.stopped()
    unit.send({ type: 'stop', ...(by === undefined ? {} : { by }) })
    return gone
  })
  const results = await Promise.allSettled(ends)
  return results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
}

function unitsOf(roster: Roster, wave: readonly string[], among: ReadonlySet<string>): Unit[] {
  return wave
    .filter((name) => among.has(name))
    .flatMap((name) => roster.definitions.get(name)?.units ?? [])
}
