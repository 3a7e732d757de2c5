import { expect, it } from 'vitest'
import { draw } from './random.ts'

it('gives these numbers for seed 1, for ever: stored states depend on them', () => {
  const values: number[] = []
  let rng = 1
  for (let index = 0; index < 3; index++) {
    const drawn = draw(rng)
    rng = drawn.rng
    values.push(drawn.value)
  }
  expect(values).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522])
})

it('is spread evenly over tenths', () => {
  const tenths = Array.from({ length: 10 }, () => 0)
  let rng = 42
  for (let index = 0; index < 10_000; index++) {
    const drawn = draw(rng)
    rng = drawn.rng
    const tenth = Math.floor(drawn.value * 10)
    tenths[tenth] = (tenths[tenth] ?? 0) + 1
  }
  for (const count of tenths) expect(Math.abs(count - 1_000)).toBeLessThan(150)
})
