import { describe, expect, it } from 'vitest'
import { findInLog, MOST_FOUND, markFound } from './find-in-log.ts'

const lines = ['one', 'Two (two)', 'three'].map((text, id) => ({ id, text, spans: [] }))

describe('finding in a log', () => {
  it('takes words as they are, capital letters or not', () => {
    expect(findInLog(lines, 'TWO')).toEqual([1])
    expect(findInLog(lines, '(two)')).toEqual([1])
    expect(findInLog(lines, '.')).toEqual([])
    expect(findInLog(lines, '')).toEqual([])
  })

  it('ends where nobody counts any more', () => {
    const many = Array.from({ length: MOST_FOUND + 5 }, (_, id) => ({ id, text: 'x', spans: [] }))
    expect(findInLog(many, 'x')).toHaveLength(MOST_FOUND)
  })

  it('sets off each place, and loses nothing', () => {
    expect(markFound('Two (two)', 'two')).toEqual([
      { text: 'Two', found: true },
      { text: ' (', found: false },
      { text: 'two', found: true },
      { text: ')', found: false },
    ])
    expect(markFound('x', '')).toEqual([{ text: 'x', found: false }])
  })
})
