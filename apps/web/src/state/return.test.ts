import { fakeClock } from '@conductor/testing'
import { expect, it, vi } from 'vitest'
import { createReturn } from './return.ts'

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

it('asks less and less often, and goes back once', async () => {
  const clock = fakeClock()
  const isThere = vi.fn(async () => false)
  const onThere = vi.fn()
  const server = createReturn({ clock, isThere, onThere })
  for (const waitMs of [1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
    const before = isThere.mock.calls.length
    clock.advance(waitMs - 1)
    await settled()
    expect(isThere).toHaveBeenCalledTimes(before)
    clock.advance(1)
    await settled()
    expect(isThere).toHaveBeenCalledTimes(before + 1)
  }
  isThere.mockResolvedValue(true)
  clock.advance(15_000)
  await settled()
  clock.advance(60_000)
  server.tryNow()
  await settled()
  expect(onThere).toHaveBeenCalledOnce()
  expect(isThere).toHaveBeenCalledTimes(7)
})

it('asks at once when a person wants that, and only once at a time', async () => {
  const isThere = vi.fn(() => new Promise<boolean>(() => {}))
  const server = createReturn({ clock: fakeClock(), isThere, onThere: () => {} })
  server.tryNow()
  server.tryNow()
  expect(isThere).toHaveBeenCalledOnce()
  expect(server.isTrying.value).toBe(true)
})

it('a request that fails is a server that is not there', async () => {
  const clock = fakeClock()
  const onThere = vi.fn()
  const server = createReturn({ clock, isThere: () => Promise.reject(new Error('no')), onThere })
  server.tryNow()
  await settled()
  expect(server.isTrying.value).toBe(false)
  expect(onThere).not.toHaveBeenCalled()
})
