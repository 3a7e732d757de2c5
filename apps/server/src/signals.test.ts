import { fakeClock } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { createStopSignals } from './signals.ts'

function setup() {
  const clock = fakeClock()
  const told: string[] = []
  const signal = createStopSignals({
    clock,
    onStop: (name) => told.push(`stop ${name}`),
    onExit: (name) => told.push(`exit ${name}`),
  })
  return { clock, told, signal }
}

describe('stop signals', () => {
  it('begin the end with the first, and cut it short with the second', () => {
    const { clock, told, signal } = setup()
    signal('SIGINT')
    clock.advance(300)
    signal('SIGINT')
    expect(told).toEqual(['stop SIGINT', 'exit SIGINT'])
  })

  it('count once when npm and the terminal both send the same one', () => {
    const { clock, told, signal } = setup()
    signal('SIGINT')
    clock.advance(249)
    signal('SIGINT')
    expect(told).toEqual(['stop SIGINT'])
  })

  it('are two when they differ, however close', () => {
    const { told, signal } = setup()
    signal('SIGINT')
    signal('SIGTERM')
    expect(told).toEqual(['stop SIGINT', 'exit SIGTERM'])
  })
})
