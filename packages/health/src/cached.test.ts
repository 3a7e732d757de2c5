import { fakeClock } from '@conductor/testing'
import { expect, it } from 'vitest'
import { cached } from './cached.ts'
import { createProbe } from './probe.ts'

function setup(cacheMs: number) {
  const clock = fakeClock()
  const ends: (() => void)[] = []
  const run = () => new Promise<void>((resolve) => void ends.push(resolve))
  const probe = cached(createProbe({ kind: 'function', run }), cacheMs, clock)
  return { clock, ends, probe }
}

it('shares a look under way, and keeps its result for as long as it is told', async () => {
  const { clock, ends, probe } = setup(1_000)
  const [first, second] = [probe(), probe()]
  clock.advance(300)
  ends[0]?.()
  expect(await first).toBe(await second)
  clock.advance(999)
  expect(await probe()).toBe(await first)
  expect(ends).toHaveLength(1)
  clock.advance(1)
  const next = probe()
  ends[1]?.()
  expect(await next).toMatchObject({ status: 'pass', durationMs: 0 })
  expect(ends).toHaveLength(2)
})

it('does not keep what was called off', async () => {
  const { ends, probe } = setup(1_000)
  const off = new AbortController()
  const first = probe({ signal: off.signal })
  off.abort()
  expect(await first).toMatchObject({ status: 'unknown' })
  ends[0]?.()
  await first
  const next = probe()
  await new Promise(setImmediate)
  ends[1]?.()
  expect(await next).toMatchObject({ status: 'pass' })
})

it('refuses a time that is none', () => {
  expect(() => setup(-1)).toThrow('[health/BAD_OPTION] cacheMs is -1')
})
