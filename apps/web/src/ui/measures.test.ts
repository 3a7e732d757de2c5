import { describe, expect, it } from 'vitest'
import { ageText, bytesText, percentText } from './measures.ts'

describe('measures', () => {
  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [61_000, '1 min'],
    [3_600_000, '1 h'],
    [11_100_000, '3 h 5 min'],
    [8 * 86_400_000 + 2 * 3_600_000, '8 d 2 h'],
    [Number.NaN, '–'],
  ])('%d ms are %s', (ms, text) => {
    expect(ageText(ms)).toBe(text)
  })

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [1_000, '1.0 KB'],
    [3.4 * 1024 * 1024, '3.4 MB'],
    [128 * 1024 * 1024, '128 MB'],
    [5e15, '4547 TB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text)
  })

  it('show small shares to one place', () => {
    expect([undefined, 0, 3.14, 99.6].map(percentText)).toEqual(['–', '0.0 %', '3.1 %', '100 %'])
  })
})
