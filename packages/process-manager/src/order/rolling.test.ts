import { type Driver, drive } from '@conductor/machine'
import { fakeClock, seeded } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type RollingEffect,
  type RollingInput,
  type RollingRules,
  type RollingState,
  rollingState,
  rollingTransition,
} from './rolling.ts'

const all = ['web@1', 'web@2', 'web@3']

/** Drives a replacement and notes what it asks for, as `stop web@1`. */
function rollout(rules: Partial<RollingRules> = {}, ready: readonly string[] = all) {
  const { minReady = 2, atATime = 1, patienceMs = 1_000 } = rules
  const asked: string[] = []
  const clock = fakeClock()
  const driver: Driver<RollingState, RollingInput> = drive<
    RollingState,
    RollingInput,
    RollingEffect
  >({
    initial: rollingState(all, ready),
    transition: (state, input, nowMs) =>
      rollingTransition(state, input, { minReady, atATime, patienceMs, nowMs }),
    timeout: { type: 'timeout' },
    perform: ({ type, instance }) => asked.push(`${type} ${instance}`),
    clock,
  })
  const say = (type: 'ready' | 'unready' | 'exited', instance: string): void =>
    driver.send({ type, instance })
  driver.send({ type: 'begin' })
  return { driver, clock, asked, say, took: () => asked.splice(0) }
}

describe('a rolling restart', () => {
  it('replaces one after the other, each when the one before is ready', () => {
    const { driver, say, took } = rollout()
    for (const instance of all) {
      expect(took()).toEqual([`stop ${instance}`])
      say('exited', instance)
      expect(took()).toEqual([`start ${instance}`])
      say('ready', instance)
    }
    expect(took()).toEqual([])
    expect(driver.state).toMatchObject({ name: 'done', replaced: all, ready: all })
  })

  it('replaces several at a time if the promise leaves room for it', () => {
    expect(rollout({ atATime: 1, minReady: 0 }).took()).toEqual(['stop web@1'])
    expect(rollout({ atATime: 2, minReady: 1 }).took()).toEqual(['stop web@1', 'stop web@2'])
    expect(rollout({ atATime: 3, minReady: 2 }).took()).toEqual(['stop web@1'])
  })

  it('replaces the one that is not ready first, which costs nothing', () => {
    expect(rollout({}, ['web@1', 'web@3']).took()).toEqual(['stop web@2'])
  })

  it('waits while another one is away, and goes on when that is back', () => {
    const { say, took } = rollout()
    say('exited', 'web@1')
    say('exited', 'web@2')
    took()
    say('ready', 'web@1')
    // web@2 is away by itself, so it may be replaced; web@3 may not.
    expect(took()).toEqual(['stop web@2'])
    say('exited', 'web@2')
    expect(took()).toEqual(['start web@2'])
    say('ready', 'web@2')
    expect(took()).toEqual(['stop web@3'])
  })

  it('stops nothing more when a new one does not get ready in time', () => {
    const { driver, clock, say, took } = rollout()
    say('exited', 'web@1')
    took()
    clock.advance(1_000)
    expect(driver.state).toMatchObject({
      name: 'failed',
      reason: 'web@1 did not get ready in time',
      todo: ['web@2', 'web@3'],
      ready: ['web@2', 'web@3'],
    })
    say('ready', 'web@1')
    expect(took()).toEqual([])
  })

  it('stops nothing more when a new one is given up, or ends after it got ready', () => {
    const given = rollout()
    given.say('exited', 'web@1')
    given.driver.send({ type: 'failed', instance: 'web@1', reason: 'exited with code 1' })
    expect(given.driver.state).toMatchObject({
      name: 'failed',
      reason: 'web@1: exited with code 1',
    })

    const ended = rollout()
    ended.say('exited', 'web@1')
    ended.say('ready', 'web@1')
    ended.say('exited', 'web@1')
    expect(ended.driver.state).toMatchObject({ name: 'failing', stopping: ['web@2'] })
    ended.took()
    ended.say('exited', 'web@2')
    expect(ended.took()).toEqual(['start web@2'])
    expect(ended.driver.state).toMatchObject({ name: 'failed', todo: ['web@3'] })
  })

  it('goes on when an old one is given up, which is one more reason', () => {
    const { driver, say, took } = rollout()
    driver.send({ type: 'failed', instance: 'web@3', reason: 'exited with code 1' })
    say('exited', 'web@1')
    took()
    say('ready', 'web@1')
    expect(took()).toEqual(['stop web@3'])
  })

  it('gives up when the promise cannot be kept, and says so', () => {
    const { driver, clock, took } = rollout({ minReady: 3 })
    expect(took()).toEqual([])
    clock.advance(1_000)
    expect(driver.state).toMatchObject({
      name: 'failed',
      reason: 'web@1, web@2, web@3 cannot be stopped: 3 are ready, and 3 must stay so',
    })
  })

  it('does not wait longer because an old one comes and goes', () => {
    const { driver, clock, say } = rollout()
    say('exited', 'web@1')
    for (let round = 0; round < 11; round++) {
      say('unready', 'web@3')
      say('ready', 'web@3')
      clock.advance(100)
    }
    expect(driver.state.name).toBe('failed')
  })

  it('takes news of a process that was told to go for old', () => {
    const { driver, say } = rollout()
    say('ready', 'web@1')
    expect(driver.state).toMatchObject({ stopping: ['web@1'], ready: ['web@2', 'web@3'] })
  })
})

/** What new processes do once started. */
type Fate = 'ready' | 'failed' | 'never'

/** Plays a whole replacement with these fates, in an order that `chance` picks. */
function play(
  fates: readonly Fate[],
  ready: readonly boolean[],
  rules: RollingRules,
  seed: number,
) {
  const chance = seeded(seed)
  const names = fates.map((_, index) => `p@${index + 1}`)
  const up = new Set(names.filter((_, index) => ready[index]))
  const running = new Set(names)
  const news: RollingInput[] = []
  let least = up.size
  let stopsAfterFault = 0
  const clock = fakeClock()
  const driver = drive<RollingState, RollingInput, RollingEffect>({
    initial: rollingState(names, [...up]),
    transition: (state, input, nowMs) => rollingTransition(state, input, { ...rules, nowMs }),
    timeout: { type: 'timeout' },
    clock,
    perform({ type, instance }) {
      if (type === 'stop') {
        if (driver.state.name !== 'rolling') stopsAfterFault += 1
        // One that is not ready may go whatever the promise.
        if (up.delete(instance)) least = Math.min(least, up.size)
        running.delete(instance)
        news.push({ type: 'exited', instance })
        return
      }
      running.add(instance)
      const fate = fates[names.indexOf(instance)]
      if (fate === 'failed') news.push({ type: 'failed', instance, reason: 'broken' })
      if (fate === 'ready') news.push({ type: 'ready', instance })
    },
  })
  driver.send({ type: 'begin' })
  for (let turn = 0; turn < 1_000 && !isAtRest(driver.state); turn++) {
    const [input] = news.splice(Math.floor(chance() * news.length), 1)
    if (input?.type === 'ready') up.add(input.instance)
    if (input) driver.send(input)
    else clock.advance(rules.patienceMs)
  }
  return { state: driver.state, least, running, stopsAfterFault }
}

function isAtRest({ name }: RollingState): boolean {
  return name === 'done' || name === 'failed'
}

const fleets = fc.integer({ min: 1, max: 8 }).chain((size) =>
  fc.record({
    fates: fc.array(
      fc.oneof(
        { weight: 8, arbitrary: fc.constant<Fate>('ready') },
        fc.constantFrom<Fate>('failed', 'never'),
      ),
      { minLength: size, maxLength: size },
    ),
    ready: fc.array(
      fc.boolean().chain((odd) => (odd ? fc.boolean() : fc.constant(true))),
      { minLength: size, maxLength: size },
    ),
    minReady: fc.integer({ min: 0, max: size }),
    atATime: fc.integer({ min: 1, max: size }),
    seed: fc.integer(),
  }),
)

it('never goes below the promise, leaves nothing stopped, and always comes to rest', () => {
  fc.assert(
    fc.property(fleets, ({ fates, ready, minReady, atATime, seed }) => {
      const rules = { minReady, atATime, patienceMs: 1_000 }
      const { state, least, running, stopsAfterFault } = play(fates, ready, rules, seed)
      const readyAtFirst = ready.filter(Boolean).length
      expect(least).toBeGreaterThanOrEqual(Math.min(minReady, readyAtFirst))
      expect(isAtRest(state)).toBe(true)
      expect(running.size).toBe(fates.length)
      expect(stopsAfterFault).toBe(0)
      if (fates.every((fate) => fate === 'ready') && minReady < fates.length)
        expect(state.name).toBe('done')
      if (state.name === 'done') expect(state.ready).toHaveLength(fates.length)
    }),
    { numRuns: 2_000 },
  )
})

it('is at rest for good, whatever is sent to it', () => {
  const instance = fc.constantFrom(...all)
  const inputs = fc.oneof(
    fc.record({ type: fc.constantFrom('ready', 'unready', 'exited'), instance }),
    fc.record({ type: fc.constant('failed'), instance, reason: fc.string() }),
    fc.record({ type: fc.constantFrom('begin', 'timeout') }),
  ) as fc.Arbitrary<RollingInput> // fast-check does not pair types with their fields
  fc.assert(
    fc.property(fc.array(inputs, { maxLength: 60 }), (sent) => {
      let state: RollingState = rollingState(all, all)
      for (const input of sent) {
        const now = { minReady: 2, atATime: 1, patienceMs: 1, nowMs: 0 }
        const [next, ...effects] = rollingTransition(state, input, now)
        if (isAtRest(state)) expect([next, effects]).toEqual([state, []])
        const { todo, stopping, starting, replaced } = next
        // Each instance is in exactly one place, except one that could not be stopped, which is in none.
        const placed = [...todo, ...stopping, ...starting, ...replaced]
        expect(new Set(placed).size).toBe(placed.length)
        if (next.name === 'idle' || next.name === 'rolling' || next.name === 'done')
          expect(placed.toSorted()).toEqual(all)
        state = next
      }
    }),
  )
})
