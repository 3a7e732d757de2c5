import { describe, expect, it } from 'vitest'
import { figure, formatFigures, higher, judge, lower } from './figure.ts'

describe('a figure', () => {
  it('is judged by its median against what is asked', () => {
    expect(judge(figure('a', 'ratio', '', [0.9, 0.1, 0.85], higher(0.65, 0.8)))).toBe('aim')
    expect(judge(figure('a', 'ratio', '', [0.7], higher(0.65, 0.8)))).toBe('ok')
    expect(judge(figure('a', 'ratio', '', [0.6], higher(0.65, 0.8)))).toBe('miss')
    expect(judge(figure('a', 'echo', 'ms', [0.8], lower(0.8, 0.4)))).toBe('ok')
    expect(judge(figure('a', 'echo', 'ms', [0.81], lower(0.8, 0.4)))).toBe('miss')
    expect(judge(figure('a', 'peer', 'ms', [5]))).toBeUndefined()
  })

  it('is printed with its spread, its limits and the verdict', () => {
    const text = formatFigures([
      figure('a', 'throughput', 'x', [0.7, 0.8, 0.75], higher(0.65, 0.8)),
      figure('b', 'ttyd', 'MB/s', [123.456]),
    ])
    expect(text.split('\n').slice(1)).toEqual([
      'throughput    0.75 x  0.7 … 0.8  0.65  0.8  ok',
      'ttyd        123 MB/s',
    ])
  })
})
