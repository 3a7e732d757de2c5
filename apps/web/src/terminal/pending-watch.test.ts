import { fakeClock } from '@conductor/testing'
import { beforeEach, expect, it } from 'vitest'
import { createPendingWatch, type PendingWatch } from './pending-watch.ts'

const clock = fakeClock()
let shown: (string | undefined)[]
let watch: PendingWatch

beforeEach(() => {
  shown = []
  watch = createPendingWatch({
    clock,
    read: () => new TextEncoder().encode('abc'),
    show: (pending) => shown.push(pending?.text),
  })
})

it('says nothing of typing that arrives in time', () => {
  watch.update(1)
  clock.advance(100)
  watch.update(2)
  clock.advance(49)
  watch.update(0)
  clock.advance(1_000)
  expect(shown).toEqual([])
  expect(clock.pending).toBe(0)
})

it('waits anew whenever something has arrived', () => {
  watch.update(5)
  clock.advance(100)
  watch.update(3)
  clock.advance(149)
  expect(shown).toEqual([])
  clock.advance(1)
  expect(shown).toEqual(['abc'])
})

it('is up to date once it is shown, and goes when all has arrived', () => {
  watch.update(1)
  clock.advance(150)
  watch.update(3)
  watch.update(0)
  expect(shown).toEqual(['abc', 'abc', undefined])
})

it('leaves no timer behind', () => {
  watch.update(1)
  watch.stop()
  expect(clock.pending).toBe(0)
})
