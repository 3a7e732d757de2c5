import { fakeClock } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { createLiveness } from './liveness.ts'

function setup() {
  const clock = fakeClock()
  const told: string[] = []
  const tell = (what: string) => () => void told.push(`${what} at ${clock.now()}`)
  return {
    clock,
    told,
    liveness: createLiveness({ clock, ping: tell('ping'), dead: tell('dead') }),
  }
}

describe('silence', () => {
  it('is asked about every third, and believed in after all of it', () => {
    const { clock, told, liveness } = setup()
    liveness.start(30_000)
    clock.advance(60_000)
    expect(told).toEqual(['ping at 10000', 'ping at 20000', 'dead at 30000'])
    expect(clock.pending).toBe(0)
  })

  it('ends with anything that is heard', () => {
    const { clock, told, liveness } = setup()
    liveness.start(30_000)
    for (let second = 0; second < 60; second++) {
      clock.advance(1_000)
      liveness.heard()
    }
    clock.advance(9_999)
    expect(told).toEqual([])
    clock.advance(20_001)
    expect(told.at(-1)).toBe('dead at 90000')
  })

  it.each(['freeze', 'suspend'] as const)(
    'proves nothing while our own timers stand still (%s): there is a third more to answer in',
    (how) => {
      const { clock, told, liveness } = setup()
      liveness.start(30_000)
      clock.advance(9_000)
      clock[how](3_600_000)
      // A frozen timer is due at once, one that slept goes on.
      clock.advance(how === 'freeze' ? 0 : 1_000)
      expect(told).toHaveLength(1)
      expect(told[0]).toMatch(/^ping/)
      clock.advance(9_999)
      expect(told).toHaveLength(1)
      clock.advance(1)
      expect(told[1]).toMatch(/^dead/)
    },
  )

  it('means nothing after stop, and as much as the latest start says', () => {
    const { clock, told, liveness } = setup()
    liveness.start(10_000)
    liveness.start(3_000)
    clock.advance(2_999)
    liveness.stop()
    expect(clock.pending).toBe(0)
    expect(told).toEqual(['ping at 1000', 'ping at 2000'])
  })
})
