import { fakeClock, until } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startWatchdog, type WatchdogOptions } from './start-watchdog.ts'

/** Answers of `isLive` arrive by promises: lets them. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A watchdog under a systemd that wants a ping every 30 s. */
function setup(options: Partial<WatchdogOptions> = {}) {
  const clock = fakeClock()
  const pings: number[] = []
  const changes: unknown[] = []
  const watchdog = startWatchdog({
    notifier: {
      watchdogTimeoutMs: 30_000,
      async watchdog() {
        pings.push(clock.now())
        return 'sent'
      },
    },
    isLive: () => true,
    onLiveness: (...change) => changes.push(change),
    clock,
    ...options,
  })
  /** Time passes in steps of half a second, and promises settle in between. */
  async function pass(ms: number): Promise<void> {
    clock.advance(0)
    await settle()
    for (let left = ms; left > 0; left -= 500) {
      clock.advance(Math.min(left, 500))
      await settle()
    }
  }
  return { clock, pings, changes, watchdog, pass }
}

describe('startWatchdog', () => {
  it('pings at once, and then at half of the time that systemd gives', async () => {
    const { pings, changes, pass } = setup()
    await pass(60_000)
    expect(pings).toEqual([0, 15_000, 30_000, 45_000, 60_000])
    expect(changes).toEqual([[true]])
  })

  it('does nothing where systemd wants no pings', async () => {
    const { clock, watchdog, pass } = setup({
      notifier: { watchdogTimeoutMs: undefined, watchdog: () => expect.unreachable() },
      isLive: () => expect.unreachable(),
    })
    await pass(60_000)
    expect(watchdog.state).toEqual({ name: 'off' })
    expect(clock.pending).toBe(0)
    await watchdog.close()
  })

  it('stops at once when liveness fails, looks more often, and resumes in time', async () => {
    let live = true
    const { pings, changes, pass } = setup({ isLive: () => live })
    await pass(14_500)
    live = false
    await pass(5_500)
    expect(pings).toEqual([0])
    live = true
    await pass(1_000)
    expect(pings).toEqual([0, 21_000])
    await pass(15_000)
    expect(pings).toEqual([0, 21_000, 36_000])
    expect(changes).toEqual([[true], [false, undefined], [true]])
  })

  it('does not ping while an answer is pending, and asks no second time', async () => {
    let asked = 0
    let answer: (live: boolean) => void = () => {}
    const { pings, pass, watchdog } = setup({
      isLive: () => {
        asked++
        return new Promise((resolve) => {
          answer = resolve
        })
      },
    })
    await pass(120_000)
    expect({ asked, pings }).toEqual({ asked: 1, pings: [] })
    expect(watchdog.state.name).toBe('asking')
    answer(true)
    await settle()
    expect(pings).toEqual([120_000])
  })

  it.each<[string, () => boolean | Promise<boolean>]>([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('does not ping when isLive %s, and tells why once', async (_, isLive) => {
    const { pings, changes, pass } = setup({ isLive })
    await pass(30_000)
    expect(pings).toEqual([])
    expect(changes).toEqual([[false, new Error('no')]])
  })

  it('takes nothing but true for alive', async () => {
    const { pings, pass } = setup({ isLive: () => 'yes' as unknown as boolean })
    await pass(30_000)
    expect(pings).toEqual([])
  })

  it('does not ping from a loop that hangs, and asks again when it turns', async () => {
    const { clock, pings, pass } = setup()
    await pass(1_000)
    clock.freeze(100_000)
    await settle()
    expect(pings).toEqual([0])
    await pass(0)
    expect(pings).toEqual([0, 101_000])
  })

  it('sends one ping at a time, and is not late for what a ping took', async () => {
    const pings: number[] = []
    let arrive: () => void = () => {}
    const clock = fakeClock()
    const { pass } = setup({
      clock,
      notifier: {
        watchdogTimeoutMs: 30_000,
        watchdog: () => {
          pings.push(clock.now())
          return new Promise((resolve) => {
            arrive = () => resolve('failed')
          })
        },
      },
    })
    const passed = async (ms: number) => {
      clock.advance(ms)
      await settle()
    }
    await pass(0)
    await passed(0)
    await passed(10_000)
    arrive()
    await settle()
    await passed(5_000)
    expect(pings).toEqual([0, 15_000])
    await passed(100_000)
    expect(pings).toEqual([0, 15_000])
  })

  it('is closed for good, with a late answer and a timer left behind by nobody', async () => {
    let answer: (live: boolean) => void = () => {}
    const { clock, pings, pass, watchdog } = setup({
      isLive: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    })
    await pass(0)
    await Promise.all([watchdog.close(), watchdog.close()])
    answer(true)
    await pass(60_000)
    expect(pings).toEqual([])
    expect(clock.pending).toBe(0)
    expect(watchdog.state).toEqual({ name: 'off' })
  })

  it('closes after the ping that is under way', async () => {
    let arrive: () => void = () => {}
    const { pass, watchdog } = setup({
      notifier: {
        watchdogTimeoutMs: 30_000,
        watchdog: () =>
          new Promise((resolve) => {
            arrive = () => resolve('sent')
          }),
      },
    })
    await pass(0)
    let closed = false
    const closing = watchdog.close().then(() => {
      closed = true
    })
    await settle()
    expect(closed).toBe(false)
    arrive()
    await closing
  })

  it('pings on a real clock', async () => {
    let pings = 0
    const watchdog = startWatchdog({
      notifier: {
        watchdogTimeoutMs: 20,
        watchdog: async () => {
          pings++
          return 'sent'
        },
      },
      isLive: async () => true,
    })
    await until(() => pings >= 3)
    await watchdog.close()
  })

  it('never pings without a fresh yes, and misses none in time while all is well', async () => {
    const act = fc.oneof(
      fc.record({
        type: fc.constant('live' as const),
        to: fc.constantFrom('yes', 'no', 'throws', 'hangs'),
      }),
      fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
        let mode = 'yes'
        let yeses = 0
        const hanging: (() => void)[] = []
        const { clock, pings, pass, watchdog } = setup({
          isLive: () => {
            if (mode === 'throws') throw new Error('no')
            if (mode === 'hangs')
              return new Promise((resolve) => hanging.push(() => resolve(false)))
            if (mode === 'yes') yeses++
            return mode === 'yes'
          },
        })
        let wellSinceMs = 0
        for (const each of acts) {
          if (each.type === 'live') {
            if (mode !== 'yes') wellSinceMs = clock.now()
            mode = each.to
            for (const end of hanging.splice(0)) end()
            await settle()
            continue
          }
          const before = pings.length
          await pass(each.ms)
          expect(pings.length).toBe(yeses)
          if (mode !== 'yes') expect(pings.length).toBe(before)
          else {
            const lastMs = Math.max(wellSinceMs, pings.at(-1) ?? 0)
            expect(clock.now() - lastMs).toBeLessThan(15_500)
          }
        }
        await watchdog.close()
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 60 },
    )
  })
})
