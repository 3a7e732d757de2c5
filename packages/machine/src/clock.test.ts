import { fakeClock } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { systemClock } from './clock.ts'
import { sleepAwareClock } from './sleep-aware-clock.ts'

describe('systemClock', () => {
  it('goes on, and knows the date', async () => {
    const startMs = systemClock.now()
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 2))
    expect(systemClock.now()).toBeGreaterThan(startMs)
    expect(Math.abs(systemClock.date() - Date.now())).toBeLessThan(1_000)
  })

  it('forgets a cleared timer, and ignores what is none', async () => {
    systemClock.clearTimeout(systemClock.setTimeout(() => expect.unreachable(), 0))
    systemClock.clearTimeout(undefined)
    await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 5))
  })

  it('calls the timers without a `this`, which browsers would refuse', async () => {
    const real = globalThis.setTimeout
    let seen: unknown = 'never called'
    globalThis.setTimeout = function (this: unknown, ...args: Parameters<typeof real>) {
      seen = this
      return real(...args)
    } as typeof real
    try {
      systemClock.clearTimeout(systemClock.setTimeout(() => {}, 0))
    } finally {
      globalThis.setTimeout = real
    }
    expect(seen).toBeUndefined()
  })
})

describe('sleepAwareClock', () => {
  it('counts the time the machine slept, once', () => {
    const clock = fakeClock()
    const aware = sleepAwareClock(clock)
    clock.advance(100)
    clock.suspend(60_000)
    expect(aware.now()).toBe(60_100)
    expect(aware.now()).toBe(60_100)
    clock.advance(5)
    expect(aware.now()).toBe(60_105)
  })

  it('does not count a frozen program twice, whose monotonic clock went on', () => {
    const clock = fakeClock()
    const aware = sleepAwareClock(clock)
    clock.freeze(60_000)
    expect(aware.now()).toBe(60_000)
  })

  it('never goes back, and takes no notice of a date that is set back or nudged', () => {
    const clock = fakeClock(10)
    const aware = sleepAwareClock(clock)
    clock.suspend(-3_600_000)
    expect(aware.now()).toBe(10)
    clock.suspend(900)
    expect(aware.now()).toBe(10)
  })
})
