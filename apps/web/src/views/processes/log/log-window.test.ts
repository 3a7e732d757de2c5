import { array, assert, integer, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogLine } from './log-line.ts'
import { BLOCK_LINES, columnsOf, measureLog, rowsOf } from './log-window.ts'

const linesOf = (lengths: readonly number[]): LogLine[] =>
  lengths.map((length, id) => ({ id, text: 'x'.repeat(length), spans: [] }))

describe('how high a line is', () => {
  it.each([
    ['', 10, 1],
    ['x'.repeat(10), 10, 1],
    ['x'.repeat(11), 10, 2],
    ['漢字漢字漢字', 10, 2],
    ['x'.repeat(5_000), Number.POSITIVE_INFINITY, 1],
  ])('%s in %d columns', (text, columns, rows) => {
    expect(rowsOf(text, columns)).toBe(rows)
  })

  it('counts what is wide twice', () => {
    expect(columnsOf('a漢😀é')).toBe(6)
  })
})

describe('what of a log is drawn', () => {
  it('holds what is seen, and the rest is room of the right height', () => {
    assert(
      property(
        record({
          lengths: array(integer({ min: 0, max: 300 }), { maxLength: 400, size: 'max' }),
          from: integer({ min: 0, max: 900 }),
          height: integer({ min: 1, max: 60 }),
        }),
        ({ lengths, from, height }) => {
          const lines = linesOf(lengths)
          const log = measureLog(lines, 80)
          const rows = lines.reduce((sum, { text }) => sum + rowsOf(text, 80), 0)
          expect(log.rows).toBe(rows)
          const { first, last, rowsBefore, rowsAfter } = log.windowOf(from, from + height)
          const drawn = lines
            .slice(first, last)
            .reduce((sum, { text }) => sum + rowsOf(text, 80), 0)
          expect(rowsBefore + drawn + rowsAfter).toBe(rows)
          expect(rowsBefore).toBeLessThanOrEqual(Math.min(from, rows))
          expect(rowsBefore + drawn).toBeGreaterThanOrEqual(Math.min(from + height, rows))
        },
      ),
      // Hundreds of lengths take for ever to be made fewer.
      { endOnFailure: true },
    )
  })

  it('is little of a long one', () => {
    const log = measureLog(linesOf(Array(100_000).fill(20)), 80)
    const { first, last } = log.windowOf(50_000, 50_040)
    expect(last - first).toBeLessThanOrEqual(4 * BLOCK_LINES)
  })

  it('finds a line again by its row', () => {
    const log = measureLog(linesOf([200, ...Array(60).fill(10)]), 80)
    expect([0, 1, 60].map(log.rowOf)).toEqual([0, 3, 62])
  })

  it('is not measured anew where only the end has grown', () => {
    const lines = linesOf(Array(200).fill(10))
    const before = measureLog(lines, 80)
    const grown = [...lines, { id: 200, text: 'x'.repeat(100), spans: [] }]
    const after = measureLog(grown, 80, before)
    expect(after.rows).toBe(202)
    expect(after.blocks[0]?.rows).toBe(50)
    expect(measureLog(grown, 40, after).rows).toBe(203)
    const open = [...grown.slice(0, -1), { id: 200, text: 'x'.repeat(300), spans: [] }]
    expect(measureLog(open, 80, after).rows).toBe(204)
  })
})
