import { createNotifier } from '@conductor/sd-notify'
import { type FakeClock, fakeClock } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { createSupervisor, type SupervisorOptions } from './supervisor.ts'

/** Half a second at a time, so that answers arrive between timers. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    clock.advance(500)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function setup({ watchdogTimeoutMs }: { watchdogTimeoutMs?: number } = {}) {
  const clock = fakeClock()
  const told: string[] = []
  const tell = async (text: string) => {
    told.push(text)
    return 'sent' as const
  }
  const notifier: SupervisorOptions['notifier'] = {
    watchdogTimeoutMs,
    ready: (status) => tell(`ready: ${status}`),
    stopping: (status) => tell(`stopping: ${status}`),
    extendTimeout: (ms) => tell(`extend ${ms}`),
    watchdog: () => tell('ping'),
  }
  const lives: boolean[] = []
  const onLiveness = (live: boolean) => void lives.push(live)
  const supervisor = createSupervisor({ notifier, onLiveness, clock })
  return { clock, told, lives, supervisor }
}

describe('what systemd is told', () => {
  it('is a start that may take longer the more sessions there are, a status, and an end', async () => {
    const { supervisor, told } = setup()
    supervisor.starting(1_000)
    supervisor.ready('listening', async () => true)
    supervisor.stopping(15_000)
    await supervisor.close()
    expect(told).toEqual([
      'extend 130000',
      'ready: listening',
      expect.stringMatching(/^stopping: /),
      'extend 20000',
    ])
  })

  it('is a ping at half of its time while the server lives, also while it ends, and none after', async () => {
    const { clock, supervisor, told, lives } = setup({ watchdogTimeoutMs: 30_000 })
    supervisor.ready('listening', async () => true)
    await pass(clock, 46_000)
    supervisor.stopping(15_000)
    const pings = () => told.filter((text) => text === 'ping').length
    expect(pings()).toBe(4)
    await pass(clock, 15_000)
    expect(pings()).toBe(5)
    await supervisor.close()
    await supervisor.close()
    await pass(clock, 60_000)
    expect([pings(), clock.pending]).toEqual([5, 0])
    expect(lives).toEqual([])
  })

  it('is no ping while the server does not live, and the log hears of each change once', async () => {
    const { clock, supervisor, told, lives } = setup({ watchdogTimeoutMs: 30_000 })
    let live = true
    supervisor.ready('listening', async () => live)
    await pass(clock, 500)
    live = false
    await pass(clock, 40_000)
    expect(told.filter((text) => text === 'ping')).toHaveLength(1)
    live = true
    await pass(clock, 1_500)
    expect(told.filter((text) => text === 'ping')).toHaveLength(2)
    expect(lives).toEqual([false, true])
    await supervisor.close()
  })

  it('is nothing where no systemd asked', async () => {
    const clock = fakeClock()
    const told: unknown[] = []
    const notifier = createNotifier({ env: {}, clock, onTrouble: (error) => void told.push(error) })
    const onLiveness = (live: boolean) => void told.push(live)
    const supervisor = createSupervisor({ notifier, onLiveness, clock })
    supervisor.starting(3)
    supervisor.ready('listening', async () => false)
    await pass(clock, 120_000)
    supervisor.stopping(1)
    await supervisor.close()
    expect(told).toEqual([])
  })
})
