import { fakeClock } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from './clock.ts'
import { type DriveOptions, type Driver, drive, type Step } from './drive.ts'

type Lamp =
  | { readonly name: 'off' }
  | { readonly name: 'on'; readonly deadlineMs: number }
  | { readonly name: 'dim'; readonly deadlineMs: number }
type Press = 'press' | 'hold' | 'dim' | 'timeout'

const DAY_MS = 86_400_000

/** A staircase lamp: `press` lights it for a while, another press puts it out. */
function lamp(lightForMs: number) {
  return (state: Lamp, input: Press, nowMs: number): Step<Lamp, string> => {
    if (input === 'hold') return [state, 'click']
    if (input === 'timeout' || state.name === 'on')
      return input === 'dim'
        ? [{ name: 'dim', deadlineMs: nowMs + lightForMs / 2 }]
        : [{ name: 'off' }, 'dark']
    return [{ name: 'on', deadlineMs: nowMs + lightForMs }, 'light']
  }
}

function setup(options: Partial<DriveOptions<Lamp, Press, string>> = {}, lightForMs = 100) {
  const clock = fakeClock()
  const done: string[] = []
  const path: string[] = []
  const driver: Driver<Lamp, Press> = drive<Lamp, Press, string>({
    initial: { name: 'off' },
    transition: lamp(lightForMs),
    timeout: 'timeout',
    perform: (effect) => done.push(`${effect} at ${clock.now()}`),
    onChange: (next, previous) => path.push(`${previous.name} > ${next.name}`),
    clock,
    ...options,
  })
  return { clock, done, path, driver }
}

describe('drive', () => {
  it('moves to the next state, tells of it, and performs the effects in order', () => {
    const log: string[] = []
    const { driver } = setup({
      transition: (state) => [
        state.name === 'off' ? { name: 'on', deadlineMs: 1 } : state,
        'a',
        'b',
      ],
      perform: (effect) => log.push(effect),
      onChange: (next) => log.push(next.name),
    })
    driver.send('press')
    expect(driver.state.name).toBe('on')
    expect(log).toEqual(['on', 'a', 'b'])
  })

  it('does not call a state that stays a change, but performs its effects', () => {
    const { driver, path, done } = setup()
    driver.send('hold')
    expect(path).toEqual([])
    expect(done).toEqual(['click at 0'])
  })

  it('lets inputs sent from inside wait until the step is done', () => {
    const log: string[] = []
    const { driver } = setup({
      onChange: (next) => {
        log.push(`now ${next.name}`)
        if (next.name === 'on') driver.send('press')
      },
      perform: (effect) => log.push(`${effect} in ${driver.state.name}`),
    })
    driver.send('press')
    expect(log).toEqual(['now on', 'light in on', 'now off', 'dark in off'])
  })

  it('sends the timeout when the deadline has passed, and not before', () => {
    const { driver, clock, done } = setup()
    driver.send('press')
    clock.advance(99)
    expect(driver.state.name).toBe('on')
    clock.advance(1)
    expect(driver.state.name).toBe('off')
    expect(done).toEqual(['light at 0', 'dark at 100'])
  })

  it('starts the timer of an initial state that has a deadline', () => {
    const { driver, clock } = setup({ initial: { name: 'on', deadlineMs: 30 } })
    clock.advance(30)
    expect(driver.state.name).toBe('off')
  })

  it('cancels the timer with the state it belongs to', () => {
    const { driver, clock, done } = setup()
    driver.send('press')
    driver.send('press')
    expect(clock.pending).toBe(0)
    clock.advance(1_000)
    expect(done).toEqual(['light at 0', 'dark at 0'])
  })

  it('has one timer at most, that of the present state', () => {
    const { driver, clock } = setup()
    driver.send('press')
    clock.advance(90)
    driver.send('dim')
    expect(clock.pending).toBe(1)
    clock.advance(49)
    expect(driver.state.name).toBe('dim')
    clock.advance(1)
    expect(driver.state.name).toBe('off')
  })

  it('waits longer than setTimeout can', () => {
    const { driver, clock } = setup({}, 60 * DAY_MS)
    driver.send('press')
    clock.advance(60 * DAY_MS - 1)
    expect(driver.state.name).toBe('on')
    clock.advance(1)
    expect(driver.state.name).toBe('off')
  })

  it('waits on when the timer comes early', () => {
    const early: Clock & { advance(ms: number): void } = (() => {
      const clock = fakeClock()
      return {
        ...clock,
        setTimeout: (callback: () => void, delayMs: number) =>
          clock.setTimeout(callback, delayMs > 1 ? delayMs - 1 : delayMs),
      }
    })()
    const at: number[] = []
    const { driver } = setup({ clock: early, perform: () => at.push(early.now()) })
    driver.send('press')
    early.advance(200)
    expect(at).toEqual([0, 100])
  })

  it('tells the transition how late a timeout is', () => {
    const late: number[] = []
    const { driver, clock } = setup({
      transition: (state, input, nowMs) => {
        if (input === 'timeout' && state.name === 'on') late.push(nowMs - state.deadlineMs)
        return lamp(100)(state, input, nowMs)
      },
    })
    driver.send('press')
    clock.freeze(60_000)
    clock.advance(0)
    expect(late).toEqual([59_900])
  })

  it('does not ask again when a state answers its timeout by staying', () => {
    let asked = 0
    const { clock } = setup({
      initial: { name: 'on', deadlineMs: 10 },
      transition: (state) => {
        asked++
        return [state]
      },
    })
    clock.advance(1_000)
    expect(asked).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('lets a throw in perform out of send, after the inputs that were waiting', () => {
    const { driver, path } = setup({
      perform: (effect) => {
        if (effect !== 'light') return
        driver.send('press')
        throw new Error('no bulb')
      },
    })
    expect(() => driver.send('press')).toThrow('no bulb')
    expect(path).toEqual(['off > on', 'on > off'])
    driver.send('hold')
    expect(driver.state.name).toBe('off')
  })

  it('holds one timer in a timed state and none in any other, whatever happens', () => {
    const act = fc.oneof(fc.constantFrom<Press>('press', 'hold', 'dim'), fc.nat(150))
    fc.assert(
      fc.property(fc.array(act), (acts) => {
        const { driver, clock } = setup()
        for (const a of acts) {
          if (typeof a === 'number') clock.advance(a)
          else driver.send(a)
          expect(clock.pending).toBe('deadlineMs' in driver.state ? 1 : 0)
          if ('deadlineMs' in driver.state)
            expect(driver.state.deadlineMs).toBeGreaterThan(clock.now())
        }
      }),
    )
  })
})
