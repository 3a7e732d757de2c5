import { fakeClock } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressKey, createLockOut } from './lock-out.ts'

describe('the lock-out', () => {
  it('begins with the fifth wrong password and doubles from 1 s to 30 s', () => {
    const clock = fakeClock()
    const lockOut = createLockOut({ clock })
    const waits: number[] = []
    for (let i = 0; i < 12; i++) {
      lockOut.failed('a')
      waits.push(lockOut.waitMs('a'))
      clock.advance(lockOut.waitMs('a'))
    }
    expect(waits).toEqual([0, 0, 0, 0, 1e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3, 30e3])
  })

  it('is not extended by asking', () => {
    const clock = fakeClock()
    const lockOut = createLockOut({ clock })
    for (let i = 0; i < 5; i++) lockOut.failed('a')
    for (let i = 0; i < 1_000; i++) lockOut.waitMs('a')
    clock.advance(1_000)
    expect(lockOut.waitMs('a')).toBe(0)
  })

  it('forgets after a success and after a quarter of an hour', () => {
    const clock = fakeClock()
    const lockOut = createLockOut({ clock })
    for (let i = 0; i < 9; i++) lockOut.failed('a')
    lockOut.succeeded('a')
    lockOut.failed('a')
    expect(lockOut.waitMs('a')).toBe(0)
    for (let i = 0; i < 9; i++) lockOut.failed('b')
    clock.advance(15 * 60_000)
    lockOut.failed('b')
    expect(lockOut.waitMs('b')).toBe(0)
  })

  it('remembers at most so many addresses, and forgets the one that failed longest ago', () => {
    const lockOut = createLockOut({ clock: fakeClock(), most: 10_000 })
    for (let i = 0; i < 50_000; i++) lockOut.failed(`10.0.${i}`)
    expect(lockOut.size).toBe(10_000)
  })

  it('never locks for longer than its longest lock, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60_000 })), (gaps) => {
        const clock = fakeClock()
        const lockOut = createLockOut({ clock })
        for (const gap of gaps) {
          lockOut.failed('a')
          expect(lockOut.waitMs('a')).toBeLessThanOrEqual(30_000)
          clock.advance(gap)
        }
      }),
    )
  })
})

describe('the address of a lock', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('of %s is %s', (address, key) => {
    expect(addressKey(address)).toBe(key)
  })
})
