import { describe, expect, it } from 'vitest'
import { median, percentile } from './statistics.ts'

describe('statistics', () => {
  it('take the middle, or the mean of the two middle ones', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
  })

  it('give the nearest rank as a percentile', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
    expect(percentile(hundred, 0.5)).toBe(51)
    expect(percentile(hundred, 0.99)).toBe(100)
    expect(percentile([7], 0.99)).toBe(7)
  })

  it('refuse to speak about nothing', () => {
    expect(() => median([])).toThrow('no samples')
  })
})
