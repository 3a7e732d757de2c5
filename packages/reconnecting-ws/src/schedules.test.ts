import { seeded } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endless, fullJitter, type Schedule, seedSchedule } from './schedules.ts'

describe('seedSchedule', () => {
  it('is 1, 2, 4, 8, 16, 30, 30 … seconds and ends after 20', () => {
    const seconds = Array.from(
      { length: 21 },
      (_, i) => (seedSchedule(i + 1) ?? Number.NaN) / 1_000,
    )
    expect(seconds).toEqual([1, 2, 4, 8, 16, ...Array(15).fill(30), Number.NaN])
    expect(seedSchedule.attempts).toBe(20)
  })
})

describe('fullJitter', () => {
  it('stays below the doubled base and the cap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer(), (attempt, seed) => {
        const delayMs = fullJitter({ baseMs: 100, capMs: 5_000, random: seeded(seed) })(attempt)
        expect(delayMs).toBeGreaterThanOrEqual(0)
        expect(delayMs).toBeLessThan(Math.min(5_000, 100 * 2 ** (attempt - 1)))
      }),
    )
  })

  it('fills the whole range, so that clients do not come back in step', () => {
    const schedule = fullJitter({ baseMs: 1_000, random: seeded(7) })
    const delays = Array.from({ length: 1_000 }, () => schedule(1) ?? Number.NaN)
    for (const tenth of Array(10).keys())
      expect(delays.filter((ms) => Math.floor(ms / 100) === tenth).length).toBeGreaterThan(60)
  })

  it('ends after as many attempts as it is told, or never', () => {
    expect(fullJitter({ attempts: 2 })(2)).toBeDefined()
    expect(fullJitter({ attempts: 2 })(3)).toBeUndefined()
    expect(fullJitter()(1e6)).toBeLessThan(30_000)
  })
})

describe('endless', () => {
  it('goes on with the last wait of a schedule that ends', () => {
    const schedule = endless(seedSchedule)
    expect(schedule(3)).toBe(4_000)
    expect(schedule(1_000)).toBe(30_000)
    expect(schedule.attempts).toBeUndefined()
  })

  it('takes a plain function too, as a restart policy is one', () => {
    const policy: Schedule = (failures) => (failures > 3 ? undefined : failures * 10)
    expect([1, 3, 4, 99].map(endless(policy))).toEqual([10, 30, 30, 30])
  })

  it('does not retry where the schedule never does', () => {
    expect(endless(() => undefined)(5)).toBeUndefined()
  })
})
