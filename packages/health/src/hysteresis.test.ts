import { drive } from '@conductor/machine'
import { fakeClock } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type CheckEffect,
  type CheckInput,
  type CheckState,
  type CheckTiming,
  initialCheckState,
  transition,
} from './hysteresis.ts'
import type { ProbeResult, ProbeStatus } from './probe-spec.ts'

const result = (status: ProbeStatus): ProbeResult => ({ status, message: '', durationMs: 0 })

function setup(given: Partial<CheckTiming> = {}) {
  const timing: CheckTiming = {
    initialDelayMs: 0,
    periodMs: 10,
    timeoutMs: 5,
    successThreshold: 1,
    failureThreshold: 3,
    ...given,
  }
  const clock = fakeClock()
  const effects: CheckEffect[] = []
  const driver = drive<CheckState, CheckInput, CheckEffect>({
    initial: initialCheckState(timing, clock.now()),
    transition: (state, input, nowMs) => transition(state, input, timing, nowMs),
    timeout: { type: 'timeout' },
    perform: (effect) => effects.push(effect),
    clock,
  })
  /** Lets the next look begin and sees this. */
  const see = (status: ProbeStatus): string => {
    clock.advance(timing.periodMs)
    driver.send({ type: 'seen', look: driver.state.look, result: result(status) })
    return driver.state.belief.health
  }
  return { clock, driver, effects, see, timing }
}

describe('the table', () => {
  it('believes so many in a row, and what broke the row does not count', () => {
    const { see } = setup({ successThreshold: 2, failureThreshold: 3 })
    const health = (['pass', 'fail', 'pass', 'pass', 'fail', 'fail', 'pass', 'fail'] as const).map(
      see,
    )
    expect(health.join(' ')).toBe('unknown unknown unknown healthy healthy healthy healthy healthy')
    expect([see('fail'), see('fail'), see('pass'), see('pass')]).toEqual([
      'healthy',
      'unhealthy',
      'unhealthy',
      'healthy',
    ])
  })

  it('takes a warning for a pass', () => {
    const { see } = setup({ successThreshold: 2 })
    expect([see('warn'), see('pass')]).toEqual(['unknown', 'healthy'])
  })

  it('does not end health because once it could not be told, but when it never can be', () => {
    const { see } = setup()
    expect([see('unknown'), see('pass'), see('unknown'), see('unknown')]).toEqual([
      'unknown',
      'healthy',
      'healthy',
      'healthy',
    ])
    expect(see('unknown')).toBe('unhealthy')
  })

  it('begins after the initial delay, and counts the period from the end of a look', () => {
    const { clock, driver, effects } = setup({ initialDelayMs: 100 })
    clock.advance(99)
    expect(effects).toEqual([])
    clock.advance(1)
    expect(effects).toEqual([{ type: 'look', look: 1 }])
    clock.advance(1_000)
    expect(effects).toHaveLength(1)
    driver.send({ type: 'seen', look: 1, result: result('pass') })
    expect(driver.state).toMatchObject({ name: 'waiting', deadlineMs: 1_110 })
  })

  it('looks once after a long sleep', () => {
    const { clock, effects, see, driver } = setup()
    see('pass')
    clock.freeze(10_000_000)
    clock.advance(0)
    expect(effects.filter(({ type }) => type === 'look')).toHaveLength(2)
    expect(driver.state.belief).toEqual({ health: 'healthy', passes: 1, failures: 0 })
  })

  it('forgets rows in a pause, but not what it believes', () => {
    const { driver, see, effects, clock } = setup()
    see('pass')
    see('fail')
    see('fail')
    driver.send({ type: 'pause' })
    clock.advance(1_000)
    expect(driver.state).toMatchObject({
      name: 'paused',
      belief: { health: 'healthy', failures: 0 },
    })
    driver.send({ type: 'resume' })
    clock.advance(0)
    expect(effects.at(-1)).toEqual({ type: 'look', look: 4 })
    driver.send({ type: 'seen', look: 4, result: result('fail') })
    expect(driver.state.belief).toMatchObject({ health: 'healthy', failures: 1 })
  })

  it('looks in a pause when it is asked to, and goes on with the pause', () => {
    const { driver } = setup()
    driver.send({ type: 'pause' })
    driver.send({ type: 'lookNow' })
    expect(driver.state.name).toBe('looking')
    driver.send({ type: 'seen', look: 1, result: result('pass') })
    expect(driver.state).toMatchObject({ name: 'paused', belief: { health: 'healthy' } })
  })
})

const statuses = fc.constantFrom<ProbeStatus>('pass', 'warn', 'fail', 'unknown')
const acts = fc.oneof(
  fc.record({ type: fc.constant('advance' as const), ms: fc.nat(30) }),
  fc.record({ type: fc.constant('freeze' as const), ms: fc.nat(100_000) }),
  // `behind`: the result of an earlier look that comes late.
  fc.record({
    type: fc.constant('seen' as const),
    status: statuses,
    behind: fc.constantFrom(0, 0, 0, 1, 2),
  }),
  fc.record({ type: fc.constantFrom('pause', 'resume', 'lookNow') }),
  fc.record({ type: fc.constantFrom('close') }),
)

it('whatever happens: thresholds hold, no two looks, late results count for nothing', () => {
  const thresholds = fc.record({
    successThreshold: fc.integer({ min: 1, max: 4 }),
    failureThreshold: fc.integer({ min: 1, max: 4 }),
  })
  fc.assert(
    fc.property(thresholds, fc.array(acts, { maxLength: 80 }), (given, all) => {
      const { clock, driver, effects, timing } = setup(given)
      /** Our own account: the results that counted since the last pause, and what they prove. */
      let row: boolean[] = []
      let health = 'unknown'
      let inFlight: number | undefined
      const ends = (count: number, passed: boolean): boolean =>
        row.length >= count && row.slice(-count).every((each) => each === passed)

      const follow = (): void => {
        for (const effect of effects.splice(0)) {
          if (effect.type === 'look') {
            expect(inFlight).toBeUndefined()
            inFlight = effect.look
          } else if (effect.type === 'callOff') inFlight = undefined
        }
        expect(driver.state.name === 'looking').toBe(inFlight !== undefined)
        expect(driver.state.belief.health).toBe(health)
        expect(clock.pending).toBe(driver.state.name === 'waiting' ? 1 : 0)
      }

      for (const act of all) {
        if (act.type === 'advance' && 'ms' in act) clock.advance(act.ms)
        else if (act.type === 'freeze' && 'ms' in act) clock.freeze(act.ms)
        else if (act.type === 'seen' && 'status' in act) {
          const look = driver.state.look - act.behind
          if (look === inFlight) {
            inFlight = undefined
            row.push(act.status === 'pass' || act.status === 'warn')
            if (ends(timing.successThreshold, true)) health = 'healthy'
            else if (ends(timing.failureThreshold, false)) health = 'unhealthy'
          }
          driver.send({ type: 'seen', look, result: result(act.status) })
        } else {
          if (act.type === 'pause' && driver.state.name !== 'closed') {
            if (driver.state.name !== 'paused') row = []
          }
          // The remaining acts are inputs that are nothing but their type.
          driver.send({ type: act.type } as CheckInput)
        }
        follow()
      }
    }),
    { numRuns: 500 },
  )
})
