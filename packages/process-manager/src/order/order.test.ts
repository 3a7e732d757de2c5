import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isProcessManagerError, type ProcessManagerErrorCode } from '../process-manager-error.ts'
import type { DependencyCondition } from '../spec/process-spec.ts'
import { affectedBy } from './affected-by.ts'
import { blockedBy, type InstanceFacts } from './blocked-by.ts'
import {
  type Ordered,
  startOrder,
  stopOrder,
  withDependencies,
  withDependents,
} from './start-order.ts'

/** `{ web: 'db cache' }`: web waits for both. */
function processes(needs: Readonly<Record<string, string>>): Ordered[] {
  return Object.entries(needs).map(([name, words]) => {
    const entries = words.split(' ').filter(Boolean)
    return { name, dependsOn: Object.fromEntries(entries.map((each) => [each, 'ready'])) }
  })
}

function refusal(code: ProcessManagerErrorCode, act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (isProcessManagerError(error, code)) return error.message
    throw error
  }
  return 'accepted'
}

const shop = processes({ web: 'db cache', cache: '', worker: 'db', db: 'volume', volume: '' })

describe('the order to start', () => {
  it('comes in waves, in each the order of the file', () => {
    expect(startOrder(shop)).toEqual([['cache', 'volume'], ['db'], ['web', 'worker']])
    expect(stopOrder(shop)).toEqual([['worker', 'web'], ['db'], ['volume', 'cache']])
    expect(startOrder([])).toEqual([])
  })

  it('names a cycle, and not who only waits for it', () => {
    const specs = processes({ web: 'a', a: 'b', b: 'c', c: 'a', free: '' })
    expect(refusal('CYCLE', () => startOrder(specs))).toBe(
      '[process-manager/CYCLE] a -> b -> c -> a wait for each other, so none could start: take one out, as processes.a.dependsOn.b',
    )
    const self = processes({ web: 'web' })
    expect(refusal('CYCLE', () => startOrder(self))).toContain('web -> web')
  })

  it('names the field of a dependency that there is not, and what may be meant', () => {
    const specs = processes({ web: 'dbb constructor', db: '' })
    const message = refusal('UNKNOWN_DEPENDENCY', () => startOrder(specs))
    expect(message).toContain('processes.web.dependsOn.dbb is no process here: did you mean "db"?')
    expect(message).toContain('processes.web.dependsOn.constructor is no process here: use one')
  })

  it('knows what a process needs, and who needs it, over all steps', () => {
    expect([...withDependencies(['web'], shop)].sort()).toEqual(['cache', 'db', 'volume', 'web'])
    expect([...withDependents(['volume'], shop)].sort()).toEqual(['db', 'volume', 'web', 'worker'])
  })

  /** Graphs in which everybody depends on some who stand before, shuffled. */
  const graphs = fc
    .array(fc.array(fc.nat(20), { maxLength: 4 }), { maxLength: 20 })
    .chain((rows) => {
      const specs = rows.map((row, index) => ({
        name: `p${index}`,
        dependsOn: Object.fromEntries(
          row.filter((each) => each < index).map((each) => [`p${each}`, 'ready' as const]),
        ),
      }))
      return fc.shuffledSubarray(specs, { minLength: specs.length, maxLength: specs.length })
    })

  it('has everybody once, after all that it needs, and no later than it has to be', () => {
    fc.assert(
      fc.property(graphs, (specs) => {
        const waves = startOrder(specs)
        expect(waves.flat().sort()).toEqual(specs.map(({ name }) => name).sort())
        const waveOf = new Map(
          waves.flatMap((wave, index) => wave.map((name) => [name, index] as const)),
        )
        for (const { name, dependsOn } of specs) {
          const needed = Object.keys(dependsOn).map((each) => waveOf.get(each) ?? Infinity)
          expect(waveOf.get(name)).toBe(Math.max(-1, ...needed) + 1)
        }
        expect(stopOrder(specs).flat()).toEqual(waves.flat().reverse())
      }),
    )
  })

  it('is refused for any graph with a circle in it, and the circle is a true one', () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 5 }), (specs, length) => {
        const ring = Array.from({ length }, (_, index) => ({
          name: `ring${index}`,
          dependsOn: { [`ring${(index + 1) % length}`]: 'ready' as const },
        }))
        const message = refusal('CYCLE', () => startOrder([...specs, ...ring]))
        expect(message.match(/ring\d+(?= ->)/g)).toHaveLength(length)
      }),
    )
  })
})

describe('what blocks a process', () => {
  const facts = (phase: InstanceFacts['phase'], more: Partial<InstanceFacts> = {}) => [
    { name: 'db', phase, alive: false, ready: false, ...more },
  ]
  const ended = (how: 'cleanly' | 'uncleanly') => facts('stopped', { ended: how })

  it.each<[DependencyCondition, string, readonly InstanceFacts[], string]>([
    ['started', 'runs', facts('starting', { alive: true }), 'nothing'],
    ['started', 'has come and gone', ended('cleanly'), 'nothing'],
    ['started', 'waits itself', facts('waiting'), 'waits for db to start: db is waiting'],
    ['ready', 'is ready', facts('running', { alive: true, ready: true }), 'nothing'],
    [
      'ready',
      'is not ready',
      facts('running', { alive: true }),
      'waits for db to be ready: db is running',
    ],
    [
      'ready',
      'is in back-off',
      facts('backoff'),
      'waits for db to be ready: db is waiting for its next try',
    ],
    [
      'ready',
      'was given up',
      facts('failed'),
      'waits for db to be ready: db is given up (hopeless)',
    ],
    ['completed', 'failed', ended('uncleanly'), 'nothing'],
    [
      'completed',
      'runs',
      facts('running', { alive: true }),
      'waits for db to complete: db is running',
    ],
    ['completed-successfully', 'is done', ended('cleanly'), 'nothing'],
    [
      'completed-successfully',
      'failed',
      ended('uncleanly'),
      'waits for db to complete successfully: db is at its end, which came uncleanly (hopeless)',
    ],
    ['ready', 'is not there', [], 'waits for db to be ready: it is not there (hopeless)'],
  ])('that waits for `%s` of one that %s', (condition, _, known, expected) => {
    const [blocker] = blockedBy({ dependsOn: { db: condition } }, () => known)
    const told = blocker ? `${blocker.text}${blocker.hopeless ? ' (hopeless)' : ''}` : 'nothing'
    expect(told).toBe(expected)
  })

  it('is every replica that falls short, and no other', () => {
    const replicas: InstanceFacts[] = [
      { name: 'db@1', phase: 'running', alive: true, ready: true },
      { name: 'db@2', phase: 'starting', alive: true, ready: false },
    ]
    expect(blockedBy({ dependsOn: { db: 'ready' } }, () => replicas)).toEqual([
      {
        name: 'db',
        condition: 'ready',
        hopeless: false,
        text: 'waits for db to be ready: db@2 is starting',
      },
    ])
  })
})

describe('the end of a member concerns', () => {
  const started = ['a', 'b', 'c']
  it.each([
    ['one-for-one', 'b', ['b']],
    ['one-for-all', 'b', ['a', 'b', 'c']],
    ['rest-for-one', 'b', ['b', 'c']],
    ['rest-for-one', 'a', ['a', 'b', 'c']],
    ['one-for-all', 'late', ['late']],
  ] as const)('with %s, of %s: %j', (strategy, member, affected) => {
    expect(affectedBy(member, strategy, started)).toEqual(affected)
  })
})
