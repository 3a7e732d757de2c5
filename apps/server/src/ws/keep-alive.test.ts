import { fakeClock } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { createKeepAlive } from './keep-alive.ts'

function setup() {
  const clock = fakeClock()
  const told: string[] = []
  const keepAlive = createKeepAlive({
    clock,
    silenceMs: 3_000,
    ping: () => told.push(`ping ${clock.now()}`),
    onSilent: () => told.push(`silent ${clock.now()}`),
  })
  return { clock, told, keepAlive }
}

describe('keeping a connection alive', () => {
  it('asks after each third of the silence, and gives up after all of it', () => {
    const { clock, told } = setup()
    clock.advance(10_000)
    expect(told).toEqual(['ping 1000', 'ping 2000', 'silent 3000'])
    expect(clock.pending).toBe(0)
  })

  it('asks nobody who speaks', () => {
    const { clock, told, keepAlive } = setup()
    for (let i = 0; i < 20; i++) {
      clock.advance(900)
      keepAlive.heard()
    }
    expect(told).toEqual([])
  })

  it('gives another third when our own timers stood still', () => {
    const { clock, told, keepAlive } = setup()
    clock.freeze(60_000)
    clock.advance(0)
    expect(told).toEqual(['ping 60000'])
    clock.advance(900)
    keepAlive.heard()
    clock.advance(500)
    expect(told).toEqual(['ping 60000'])
  })

  it('gives up after that third when nobody answers', () => {
    const { clock, told } = setup()
    clock.freeze(60_000)
    clock.advance(5_000)
    expect(told.at(-1)).toBe('silent 61000')
  })

  it('does not count silence while it does not listen', () => {
    const { clock, told, keepAlive } = setup()
    keepAlive.pause()
    clock.advance(60_000)
    keepAlive.resume()
    clock.advance(900)
    expect(told).toEqual([])
    keepAlive.stop()
    expect(clock.pending).toBe(0)
  })
})
