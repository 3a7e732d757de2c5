import { fakeClock } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { createGrowth } from './growth.ts'

const KIB = 1024

function setup() {
  const clock = fakeClock()
  const told: number[] = []
  let end = 0
  const growth = createGrowth(clock, () => void told.push(end))
  return {
    clock,
    told,
    grow(bytes: number) {
      end += bytes
      growth.grew(end)
    },
  }
}

describe('growth', () => {
  it('of little is told at once, every time', () => {
    const { grow, told } = setup()
    for (let i = 0; i < 5; i++) grow(3)
    expect(told).toEqual([3, 6, 9, 12, 15])
  })

  it('of a flood is told at once, then every 2 ms, and the last of it always', () => {
    const { clock, grow, told } = setup()
    for (let i = 0; i < 3; i++) grow(128 * KIB)
    expect(told).toEqual([128 * KIB])
    clock.advance(2)
    expect(told).toEqual([128 * KIB, 384 * KIB])
    clock.advance(100)
    expect(told.length).toBe(2)
    expect(clock.pending).toBe(0)
  })

  it('of a fast flood is told every 512 KiB', () => {
    const { grow, told } = setup()
    for (let i = 0; i < 9; i++) grow(128 * KIB)
    expect(told).toEqual([128 * KIB, 640 * KIB, 1152 * KIB])
  })

  it('of little in the middle of a flood tells all at once', () => {
    const { clock, grow, told } = setup()
    grow(128 * KIB)
    grow(128 * KIB)
    grow(1)
    expect(told).toEqual([128 * KIB, 256 * KIB + 1])
    clock.advance(100)
    expect(told.length).toBe(2)
  })
})
