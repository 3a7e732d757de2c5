import { fakeClock, until } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { createGracefulEnd, type GracefulEndOptions, type SessionsAtShutdown } from './lifecycle.ts'

function setup(over: Partial<GracefulEndOptions> = {}) {
  const steps: string[] = []
  const step = (name: string) => () => void steps.push(name)
  const end = createGracefulEnd({
    sessions: {
      refuseNew: step('refuse new'),
      endServerSessions: async () => void steps.push('end server sessions'),
      letGo: step('let go'),
    },
    closeProcesses: async () => void steps.push('close processes'),
    stopAccepting: step('stop accepting'),
    sayGoodbye: step('goodbye'),
    drain: async (withinMs) => void steps.push(`drain ${withinMs}`),
    releaseFiles: step('files'),
    clock: fakeClock(),
    onTrouble: (trouble) => void steps.push(`trouble: ${trouble}`),
    ...over,
  })
  return { end, steps }
}

const ORDER = [
  'stop accepting',
  'refuse new',
  'end server sessions',
  'close processes',
  'goodbye',
  'let go',
  'drain 15000',
  'files',
]

describe('the graceful end', () => {
  it('has one order, and happens once', async () => {
    const { end, steps } = setup()
    await Promise.all([end(), end()])
    expect(steps).toEqual(ORDER)
  })

  it('goes on to its end whatever fails', async () => {
    const { end, steps } = setup({
      sayGoodbye() {
        throw new Error('no')
      },
    })
    await end()
    expect(steps.at(-1)).toBe('files')
    expect(steps).toContain('trouble: graceful end: say goodbye')
  })

  it('does not wait for processes for longer than there is time', async () => {
    const clock = fakeClock()
    const { end, steps } = setup({ clock, closeProcesses: () => new Promise(() => {}) })
    const over = end()
    await until(() => clock.pending === 1)
    clock.advance(12_000)
    await over
    expect(steps).toContain('trouble: graceful end: close processes')
    expect(steps.at(-2)).toBe('drain 3000')
    expect(clock.pending).toBe(0)
  })

  it('cannot end a session that would go on: its type has no such method', () => {
    const methods: Record<keyof SessionsAtShutdown, true> = {
      refuseNew: true,
      endServerSessions: true,
      letGo: true,
    }
    expect(Object.keys(methods)).toHaveLength(3)
  })
})
