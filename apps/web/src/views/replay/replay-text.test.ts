import { describe, expect, it } from 'vitest'
import { durationText, readJump } from './replay-text.ts'

describe('where to go', () => {
  it.each([
    ['12345', { to: 'offset', offset: 12_345 }],
    [' 1,234,567 ', { to: 'offset', offset: 1_234_567 }],
    ['1:05', { to: 'time', ms: 65_000 }],
    ['2:03:04.5', { to: 'time', ms: 7_384_500 }],
    ['90:00', { to: 'time', ms: 5_400_000 }],
    ['', undefined],
    ['-5', undefined],
    ['1:2:3:4', undefined],
    ['noon', undefined],
    ['1e9', undefined],
  ])('is read from %j', (text, jump) => {
    expect(readJump(text)).toEqual(jump)
  })
})

it('tells times as a stopwatch does', () => {
  expect([0, 999, 65_000, 3_600_000, 90_061_000].map(durationText)).toEqual([
    '0:00',
    '0:00',
    '1:05',
    '1:00:00',
    '25:01:01',
  ])
})
