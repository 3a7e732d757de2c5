import { ProcessManagerError } from '../process-manager-error.ts'
import { hint } from '../spec/nearest.ts'
import type { ProcessSpec } from '../spec/process-spec.ts'
import { fieldName, type Issue } from '../spec/shape.ts'

/** What the order goes by. */
export type Ordered = Pick<ProcessSpec, 'name' | 'dependsOn'>

/**
 * In which order processes start: waves, of which each needs only what is in the waves before it.
 *
 * Within a wave the order is the given one, so that the same file starts the same way each time.
 *
 * @throws ProcessManagerError `UNKNOWN_DEPENDENCY` with the field and near names; `CYCLE` with its members.
 */
export function startOrder(specs: readonly Ordered[]): string[][] {
  const unknown = unknownDependencies(specs)
  if (unknown.length > 0)
    throw new ProcessManagerError(
      'UNKNOWN_DEPENDENCY',
      unknown.map(({ path, text }) => `${fieldName(['processes', ...path])} ${text}`).join('\n'),
    )
  const waves: string[][] = []
  const placed = new Set<string>()
  let rest = specs
  while (rest.length > 0) {
    const wave = rest.filter((spec) => dependenciesOf(spec).every((name) => placed.has(name)))
    if (wave.length === 0) throw new ProcessManagerError('CYCLE', cycleText(rest))
    for (const { name } of wave) placed.add(name)
    waves.push(wave.map(({ name }) => name))
    rest = rest.filter(({ name }) => !placed.has(name))
  }
  return waves
}

/** The same waves from the end: nothing loses what it depends on while it runs. */
export function stopOrder(specs: readonly Ordered[]): string[][] {
  return startOrder(specs)
    .map((wave) => wave.toReversed())
    .reverse()
}

/** These, and all that they depend on: what has to be started for them. */
export function withDependencies(names: Iterable<string>, specs: readonly Ordered[]): Set<string> {
  const specOf = new Map(specs.map((spec) => [spec.name, spec]))
  return closure(names, (name) => dependenciesOf(specOf.get(name)))
}

/** These, and all that depend on them: what has to be stopped with them. */
export function withDependents(names: Iterable<string>, specs: readonly Ordered[]): Set<string> {
  const needing = new Map<string, string[]>(specs.map(({ name }) => [name, []]))
  for (const spec of specs)
    for (const name of dependenciesOf(spec)) needing.get(name)?.push(spec.name)
  return closure(names, (name) => needing.get(name) ?? [])
}

function closure(names: Iterable<string>, next: (name: string) => readonly string[]): Set<string> {
  const reached = new Set(names)
  // A set gives out what is added to it during the loop, too.
  for (const name of reached) for (const each of next(name)) reached.add(each)
  return reached
}

function dependenciesOf(spec: Ordered | undefined): string[] {
  return Object.keys(spec?.dependsOn ?? {})
}

/** Dependencies that there are not; where they stand begins at the name of the process. */
export function unknownDependencies(
  specs: readonly Ordered[],
  names: readonly string[] = specs.map(({ name }) => name),
): Issue[] {
  const known = new Set(names)
  return specs.flatMap((spec) =>
    dependenciesOf(spec)
      .filter((name) => !known.has(name))
      .map((name) => {
        const others = names.filter((each) => each !== spec.name)
        const text = `is no process here: ${hint(name, others)}`
        return { path: [spec.name, 'dependsOn', name], text, ofKey: true }
      }),
  )
}

/** Each of `rest` waits for another of them, so whoever follows the first ones comes round. */
function cycleText(rest: readonly Ordered[]): string {
  const waiting = new Map(rest.map((spec) => [spec.name, spec]))
  const path: string[] = []
  let name = rest[0]?.name
  while (name !== undefined && !path.includes(name)) {
    path.push(name)
    name = dependenciesOf(waiting.get(name)).find((each) => waiting.has(each))
  }
  const cycle = path.slice(path.indexOf(name ?? ''))
  const [first = '', second = first] = cycle
  return `${[...cycle, first].join(' -> ')} wait for each other, so none could start: take one out, as processes.${first}.dependsOn.${second}`
}
