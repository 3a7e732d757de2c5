import type { Phase } from '../manager-api.ts'
import type { DependencyCondition, ProcessSpec } from '../spec/process-spec.ts'

/** What is known of one instance of a process. */
export interface InstanceFacts {
  readonly name: string
  readonly phase: Phase
  /** There is a process of it. */
  readonly alive: boolean
  readonly ready: boolean
  /** How its last run ended by itself, when nothing is going to start it again. */
  readonly ended?: 'cleanly' | 'uncleanly'
}

export interface Blocker {
  readonly name: string
  readonly condition: DependencyCondition
  /** Waiting does not help: it has ended another way than was waited for, or was given up. */
  readonly hopeless: boolean
  /** `waits for db to be ready: db@2 is starting`. */
  readonly text: string
}

/**
 * What keeps a process from starting. Empty: nothing does.
 *
 * A condition holds when every replica meets it.
 *
 * @param factsOf All instances of a process; none when there is no such process.
 */
export function blockedBy(
  { dependsOn = {} }: Pick<ProcessSpec, 'dependsOn'>,
  factsOf: (name: string) => readonly InstanceFacts[],
): Blocker[] {
  return Object.entries(dependsOn).flatMap(([name, condition]): Blocker[] => {
    const facts = factsOf(name)
    const short = facts.filter((each) => !HOLDS[condition](each))
    // A process with no instance meets nothing.
    if (facts.length > 0 && short.length === 0) return []
    const seen = short.map((each) => `${each.name} is ${describe(each)}`)
    return [
      {
        name,
        condition,
        hopeless: facts.length === 0 || short.some((each) => isHopeless(each, condition)),
        text: `waits for ${name} to ${WORDS[condition]}: ${seen.join(', ') || 'it is not there'}`,
      },
    ]
  })
}

const HOLDS: Readonly<Record<DependencyCondition, (facts: InstanceFacts) => boolean>> = {
  // What has come and gone has started, however fast it was.
  started: ({ alive, ended }) => alive || ended !== undefined,
  ready: ({ ready }) => ready,
  completed: ({ ended }) => ended !== undefined,
  'completed-successfully': ({ ended }) => ended === 'cleanly',
}

const WORDS: Readonly<Record<DependencyCondition, string>> = {
  started: 'start',
  ready: 'be ready',
  completed: 'complete',
  'completed-successfully': 'complete successfully',
}

function isHopeless({ phase, ended }: InstanceFacts, condition: DependencyCondition): boolean {
  if (ended === undefined) return phase === 'failed'
  return condition === 'ready' || condition === 'completed-successfully'
}

function describe({ phase, ended }: InstanceFacts): string {
  if (phase === 'failed') return 'given up'
  if (ended !== undefined) return `at its end, which came ${ended}`
  if (phase === 'running') return 'running'
  if (phase === 'backoff') return 'waiting for its next try'
  return phase
}
