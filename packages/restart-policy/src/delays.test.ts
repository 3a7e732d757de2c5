import { describe, expect, it } from 'vitest'
import { boundsFor, delayFor, pick } from './delays.ts'
import type { Delay, Jitter } from './options.ts'

const first = (delay: Delay, count: number): number[] =>
  Array.from({ length: count }, (_, index) => delayFor(delay, index + 1))

describe('a delay', () => {
  it.each<[string, Delay, number[]]>([
    ['is fixed', { kind: 'fixed', delayMs: 7 }, [7, 7, 7, 7]],
    ['grows by steps', { kind: 'linear', initialMs: 10 }, [10, 20, 30, 40]],
    ['is capped', { kind: 'linear', initialMs: 10, stepMs: 5, maxMs: 18 }, [10, 15, 18, 18]],
    ['doubles', { kind: 'exponential', initialMs: 20_000 }, [20_000, 40_000, 60_000, 60_000]],
    ['triples', { kind: 'exponential', initialMs: 1, factor: 3, maxMs: 20 }, [1, 3, 9, 20]],
    ['is on a list', { kind: 'list', delaysMs: [3, 1, 4] }, [3, 1, 4, 4]],
  ])('%s', (_, delay, expected) => {
    expect(first(delay, 4)).toEqual(expected)
  })

  it.each<Delay>([
    { kind: 'fixed', delayMs: 0 },
    { kind: 'linear', initialMs: 0 },
    { kind: 'exponential', initialMs: 1, factor: 10 },
    { kind: 'list', delaysMs: [0, 1] },
    { kind: 'steps', initialMs: 1, maxMs: 1_000_000_000, steps: 3 },
  ])(
    'of kind $kind is a number at 10,000 attempts (cockatiel issue 86), and never less than before',
    (delay) => {
      let previousMs = 0
      for (let attempt = 1; attempt <= 10_000; attempt++) {
        const delayMs = delayFor(delay, attempt)
        if (!(delayMs >= previousMs && delayMs <= 1_000_000_000))
          expect.fail(`attempt ${attempt}: ${delayMs} after ${previousMs}`)
        previousMs = delayMs
      }
    },
  )
})

describe('jitter', () => {
  const delay: Delay = { kind: 'exponential', initialMs: 100, maxMs: 1_000 }

  it.each<[Jitter, number, number]>([
    [{ kind: 'none' }, 400, 400],
    [{ kind: 'full' }, 0, 400],
    [{ kind: 'equal' }, 200, 400],
    [{ kind: 'proportional', ratio: 0.1 }, 360, 440],
    [{ kind: 'additive', upToMs: 50 }, 400, 450],
  ])('%o keeps within its bounds', (jitter, minMs, maxMs) => {
    expect(boundsFor(delay, jitter, 3, null)).toEqual({ minMs, maxMs })
  })

  it('of AWS grows from what was waited last, up to the cap', () => {
    const jitter: Jitter = { kind: 'decorrelated' }
    expect(boundsFor(delay, jitter, 1, null)).toEqual({ minMs: 100, maxMs: 300 })
    expect(boundsFor(delay, jitter, 2, 150)).toEqual({ minMs: 100, maxMs: 450 })
    expect(boundsFor(delay, jitter, 3, 900)).toEqual({ minMs: 100, maxMs: 1_000 })
  })

  it('takes the lower bound at 0 and stays below the upper one, before rounding, at 1', () => {
    expect(pick({ minMs: 100, maxMs: 300 }, 0)).toBe(100)
    expect(pick({ minMs: 100, maxMs: 300 }, 0.5)).toBe(200)
    expect(pick({ minMs: 100, maxMs: 300 }, 1 - 2 ** -32)).toBe(300)
  })
})
