import { assert, integer, property, string, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hitParts, matchOf } from './hit-text.ts'

const HOSTILE = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b-\u200f]/u

describe('a line that was found', () => {
  it('is shown with its matches', () => {
    expect(
      hitParts({
        text: 'a needle, a needle!',
        ranges: [
          [2, 8],
          [12, 18],
        ],
        isCut: false,
      }),
    ).toEqual([
      { text: 'a ', isMatch: false },
      { text: 'needle', isMatch: true },
      { text: ', a ', isMatch: false },
      { text: 'needle', isMatch: true },
      { text: '!', isMatch: false },
    ])
  })

  it('that is long is shown where it matches', () => {
    const text = `${'x'.repeat(5_000)}needle${'y'.repeat(5_000)}`
    const parts = hitParts({ text, ranges: [[5_000, 5_006]], isCut: false })
    expect(parts[0]).toEqual({ text: '…', isMatch: false })
    expect(parts.find(({ isMatch }) => isMatch)?.text).toBe('needle')
    expect(parts.map((part) => part.text).join('').length).toBeLessThan(500)
    expect(matchOf({ text, ranges: [[5_000, 5_006]] })).toBe('needle')
  })

  it('hides nothing and turns nothing, whatever it holds', () => {
    const range = tuple(integer({ min: 0, max: 600 }), integer({ min: 0, max: 600 }))
    assert(
      property(string({ unit: 'binary', maxLength: 600 }), range, (text, [from, to]) => {
        const parts = hitParts({
          text,
          ranges: [[Math.min(from, to), Math.max(from, to)]],
          isCut: true,
        })
        expect(parts.map((part) => part.text).join('')).not.toMatch(HOSTILE)
      }),
    )
  })
})
