import { fakeClock } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClientInfo } from '../first-line.ts'
import type { ListenerEvent, OpenListener } from '../listener/listener.ts'
import { createWatchdogOver } from './watchdog.ts'

const GRACE_MS = 5_000

/** A watchdog over a listener that is the test's. */
function setup() {
  const clock = fakeClock()
  const clients: ClientInfo[] = []
  const asked = { withdrawn: 0, published: 0, ended: 0 }
  let tell: (event: ListenerEvent) => void = () => {}
  let drained: ListenerEvent['type'] | 'slow' = 'empty'
  const open: OpenListener = (_, listener) => {
    tell = listener
    return {
      listening: true,
      clients,
      withdraw() {
        asked.withdrawn++
        if (drained !== 'slow') tell({ type: drained as 'empty' })
      },
      publish: () => void asked.published++,
      async end() {
        asked.ended++
      },
    }
  }
  const fired: number[] = []
  const watchdog = createWatchdogOver(open, {
    path: '/fake/supervise.sock',
    graceMs: GRACE_MS,
    onExpire: () => fired.push(clock.now()),
    clock,
  })
  const names: string[] = []
  watchdog.subscribe(({ to }) => names.push(to.name))
  const says = (type: 'listening' | 'empty' | 'unsure' | 'probe') => tell({ type })
  return {
    clock,
    watchdog,
    fired,
    names,
    asked,
    says,
    join() {
      clients.push({})
      tell({ type: 'joined' })
    },
    leave(type: 'left' | 'probe' = 'left') {
      if (clients.pop()) tell({ type })
    },
    drains(how: typeof drained) {
      drained = how
    },
  }
}

describe('a watchdog', () => {
  it('does not fire for as long as nobody has ever come', () => {
    const { clock, says, fired, watchdog } = setup()
    clock.advance(1e9)
    says('listening')
    clock.advance(1e9)
    expect(fired).toEqual([])
    expect(watchdog).toMatchObject({ state: { name: 'idle' }, armed: false })
    expect(clock.pending).toBe(0)
  })

  it('fires once, the grace after the last client has gone', () => {
    const { clock, says, join, leave, fired, names, asked } = setup()
    says('listening')
    join()
    join()
    leave()
    clock.advance(60_000)
    leave()
    clock.advance(GRACE_MS - 1)
    expect(fired).toEqual([])
    clock.advance(1e6)
    expect(fired).toEqual([60_000 + GRACE_MS])
    expect(names).toEqual([
      'idle',
      'connected',
      'connected',
      'connected',
      'grace',
      'closing',
      'fired',
    ])
    expect(asked).toEqual({ withdrawn: 1, published: 0, ended: 1 })
  })

  it('is cancelled by a client that comes back, and counts from the start afterwards', () => {
    const { clock, says, join, leave, fired } = setup()
    says('listening')
    join()
    leave()
    clock.advance(GRACE_MS - 1)
    join()
    clock.advance(1e6)
    leave()
    clock.advance(GRACE_MS - 1)
    expect(fired).toEqual([])
    clock.advance(1)
    expect(fired).toHaveLength(1)
  })

  it('stays for a client that is found when the address is already withdrawn, and publishes it again', () => {
    const { clock, says, join, leave, fired, drains, asked, watchdog } = setup()
    says('listening')
    join()
    leave()
    drains('slow')
    clock.advance(GRACE_MS)
    expect(watchdog.state.name).toBe('closing')
    join()
    says('empty')
    clock.advance(1e6)
    expect(fired).toEqual([])
    expect(asked).toEqual({ withdrawn: 1, published: 1, ended: 0 })
  })

  it('gives the grace again when it cannot be told whether somebody was late', () => {
    const { clock, says, join, leave, fired, drains, asked } = setup()
    says('listening')
    join()
    leave()
    drains('unsure')
    clock.advance(3 * GRACE_MS)
    expect(fired).toEqual([])
    expect(asked).toEqual({ withdrawn: 3, published: 3, ended: 0 })
    drains('empty')
    clock.advance(GRACE_MS)
    expect(fired).toHaveLength(1)
  })

  it('does not fire while a lease is held, and gives the grace when the last is released', () => {
    const { clock, says, join, leave, fired, watchdog } = setup()
    const first = watchdog.hold('a build')
    says('listening')
    clock.advance(1e6)
    expect(watchdog.state.name).toBe('idle')
    join()
    leave()
    const second = watchdog.hold('a session')
    expect(watchdog.holds).toEqual(['a build', 'a session'])
    clock.advance(1e6)
    first()
    first()
    clock.advance(1e6)
    expect(watchdog.state.name).toBe('held')
    second()
    clock.advance(GRACE_MS - 1)
    expect(fired).toEqual([])
    clock.advance(1)
    expect(fired).toHaveLength(1)
  })

  it('takes a lease in the grace, and while it is closing', () => {
    const { clock, says, join, leave, fired, watchdog, drains, asked } = setup()
    says('listening')
    join()
    leave()
    clock.advance(GRACE_MS - 1)
    watchdog.hold('one')()
    drains('slow')
    clock.advance(GRACE_MS)
    expect(watchdog.state.name).toBe('closing')
    watchdog.hold('two')
    says('empty')
    clock.advance(1e6)
    expect(fired).toEqual([])
    expect(watchdog.state.name).toBe('held')
    expect(asked.published).toBe(1)
  })

  it('is neither armed nor kept alive by a probe', () => {
    const { clock, says, join, leave, fired, watchdog } = setup()
    says('listening')
    join()
    leave('probe')
    expect(watchdog.armed).toBe(false)
    join()
    leave()
    for (let each = 0; each < 9; each++) {
      clock.advance(GRACE_MS / 10)
      join()
      leave('probe')
    }
    clock.advance(GRACE_MS / 10)
    expect(fired).toEqual([GRACE_MS])
  })

  it('is armed by a client that comes while a probe is there', () => {
    const { clock, says, join, leave, fired } = setup()
    says('listening')
    join()
    join()
    leave()
    leave('probe')
    clock.advance(GRACE_MS)
    expect(fired).toHaveLength(1)
  })

  it.each<[string, (clock: ReturnType<typeof fakeClock>) => void]>([
    ['slept', (clock) => clock.suspend(3_600_000)],
    ['was frozen', (clock) => clock.freeze(3_600_000)],
  ])('gives the whole grace again when the machine %s', (_, pause) => {
    const { clock, says, join, leave, fired } = setup()
    says('listening')
    join()
    leave()
    clock.advance(GRACE_MS - 1_000)
    pause(clock)
    clock.advance(1_000)
    expect(fired).toEqual([])
    clock.advance(GRACE_MS - 1_001)
    expect(fired).toEqual([])
    clock.advance(1_001)
    expect(fired).toHaveLength(1)
  })

  it.each([-1, 3_600_000, -3_600_000])(
    'stays idle and connected, and fires once and never early, when the date is set by %i ms',
    (jumpMs) => {
      const { clock, says, join, leave, fired } = setup()
      says('listening')
      clock.suspend(jumpMs)
      clock.advance(10 * GRACE_MS)
      join()
      clock.suspend(jumpMs)
      clock.advance(10 * GRACE_MS)
      expect(fired).toEqual([])
      leave()
      clock.advance(GRACE_MS / 2)
      clock.suspend(jumpMs)
      clock.advance(GRACE_MS / 2 - 1)
      expect(fired).toEqual([])
      // Set ahead, it cannot be told from sleep, and the grace begins again.
      clock.advance(GRACE_MS + 1)
      expect(fired).toHaveLength(1)
    },
  )

  it('never fires once it is closed, and leaves no timer', async () => {
    const { clock, says, join, leave, fired, watchdog, asked } = setup()
    says('listening')
    join()
    leave()
    await Promise.all([watchdog.close(), watchdog.close()])
    clock.advance(1e6)
    expect(fired).toEqual([])
    expect(clock.pending).toBe(0)
    expect(asked.ended).toBe(1)
  })

  it('tells nobody who has unsubscribed', () => {
    const { says, watchdog } = setup()
    watchdog.subscribe(() => expect.unreachable())()
    says('listening')
  })

  it('fires at most once, never unarmed, never while connected or held, and always in time', () => {
    const act = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('join', 'leave', 'probe', 'hold', 'release') },
      { weight: 1, arbitrary: fc.constantFrom('empty', 'unsure', 'slow', 'listening') },
      { weight: 4, arbitrary: fc.integer({ min: 0, max: 2 * GRACE_MS }) },
    )
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const { clock, watchdog, fired, says, join, leave, drains } = setup()
        const leases: (() => void)[] = []
        says('listening')
        let came = false
        let aloneSinceMs: number | undefined
        let drained = 'empty'
        const alone = () => watchdog.clients.length === 0 && leases.length === 0
        for (const each of acts) {
          const before = fired.length
          const wasAlone = came && alone()
          if (typeof each === 'number') clock.advance(each)
          else if (each === 'join') join()
          else if (each === 'leave') {
            came ||= watchdog.clients.length > 0
            leave()
          } else if (each === 'probe') {
            join()
            leave('probe')
          } else if (each === 'hold') leases.push(watchdog.hold('test'))
          else if (each === 'release') leases.pop()?.()
          else if (each === 'listening') says('listening')
          else {
            drains(each as 'empty')
            drained = each
          }
          if (drained !== 'empty' && watchdog.state.name === 'closing') says('empty')
          expect(fired.length).toBeLessThanOrEqual(1)
          if (fired.length > before) {
            expect(wasAlone).toBe(true)
            expect((fired[0] ?? 0) - (aloneSinceMs ?? Infinity)).toBeGreaterThanOrEqual(GRACE_MS)
          }
          if (!alone() || !came) aloneSinceMs = undefined
          else aloneSinceMs ??= clock.now()
        }
        drains('empty')
        for (const release of leases) release()
        while (watchdog.clients.length > 0) {
          came = true
          leave()
        }
        clock.advance(GRACE_MS)
        expect(fired.length).toBe(came ? 1 : 0)
        expect(clock.pending).toBe(0)
      }),
      { numRuns: 500 },
    )
  })
})
