import { type Clock, systemClock } from '@conductor/machine'
import { fakeClock, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { PtySessionError } from '../pty-session-error.ts'
import { NEVER_READS, RAW_CAT, testPtys } from '../testing/test-pty.ts'
import { createInputQueue } from './input-queue.ts'
import { heldMasters } from './masters.ts'

const testPty = testPtys(onTestFinished)

describe('input that waits', () => {
  /** A terminal with room for so many bytes. */
  function terminal(room = 0) {
    const clock = fakeClock()
    const taken: Buffer[] = []
    const sizes: number[] = []
    let failure: string | undefined
    const state = { room, tries: 0 }
    const queue = createInputQueue({
      clock,
      write(bytes, offset, length) {
        state.tries++
        if (failure) throw Object.assign(new Error(failure), { code: failure })
        const count = Math.min(length, state.room)
        if (count === 0) throw Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' })
        sizes.push(length)
        state.room -= count
        taken.push(Buffer.from(bytes.subarray(offset, offset + count)))
        return count
      },
      afterTurn: (callback) => void clock.setTimeout(callback, 0),
      ended: (cause) => new PtySessionError('ENDED', 'over', { cause }),
    })
    const fail = (code: string) => {
      failure = code
    }
    return { clock, queue, state, sizes, fail, taken: () => Buffer.concat(taken).toString() }
  }
  const settled = (promise: Promise<void>) =>
    Promise.race([
      promise.then(() => 'typed'),
      new Promise((resolve) => setImmediate(resolve, 'waits')),
    ])

  it('goes in at once while there is room, at most 4 KiB at a time', async () => {
    const { queue, sizes, taken } = terminal(100_000)
    await queue.push(Buffer.alloc(10_000, 'a'))
    await queue.push(Buffer.from('b'))
    await queue.push(Buffer.alloc(0))
    expect(sizes).toEqual([4096, 4096, 1808, 1])
    expect(taken()).toBe(`${'a'.repeat(10_000)}b`)
    expect(queue.backlogBytes).toBe(0)
  })

  it('is tried again after 8, 16, 32, 32 … ms, and after 8 again when some went in', async () => {
    const { queue, clock, state } = terminal()
    const typed = queue.push(Buffer.from('abc'))
    const triesAfter = (ms: number) => {
      clock.advance(ms)
      return state.tries
    }
    expect([0, 7, 1, 15, 1, 31, 1, 31, 1].map(triesAfter)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5])
    state.room = 1
    clock.advance(32)
    expect([state.tries, queue.backlogBytes]).toEqual([7, 2])
    state.room = 10
    expect(await settled(typed)).toBe('waits')
    clock.advance(8)
    expect(await settled(typed)).toBe('typed')
    expect(clock.pending).toBe(0)
  })

  it('goes in order, whoever finds room first', async () => {
    const { queue, clock, state, taken } = terminal(1)
    const all = ['one ', 'two ', 'three '].map((text) => queue.push(Buffer.from(text)))
    state.room = 100
    all.push(queue.push(Buffer.from('four')))
    expect(taken()).toBe('o')
    clock.advance(8)
    await Promise.all(all)
    expect(taken()).toBe('one two three four')
  })

  it('is tried sooner when the program talks, at most every millisecond', () => {
    const { queue, clock, state } = terminal()
    void queue.push(Buffer.from('abc')).catch(() => {})
    for (let index = 0; index < 10; index++) queue.poke()
    expect(state.tries).toBe(1)
    clock.advance(1)
    for (let index = 0; index < 10; index++) queue.poke()
    expect(state.tries).toBe(2)
    expect(clock.pending).toBe(1)
  })

  it('lets others have their turn after 64 KiB', () => {
    const { queue, clock, taken } = terminal(1_000_000)
    void queue.push(Buffer.alloc(200_000))
    expect(taken().length).toBe(64 * 1024)
    clock.advance(0)
    expect(taken().length).toBe(200_000)
  })

  it('is refused at once when the program ends, all of it, and never tried again', async () => {
    const { queue, clock, state } = terminal()
    const all = ['a', 'b'].map((text) => queue.push(Buffer.from(text)))
    queue.end()
    for (const each of all) await expect(each).rejects.toMatchObject({ code: 'ENDED' })
    await expect(queue.push(Buffer.from('c'))).rejects.toMatchObject({ code: 'ENDED' })
    state.room = 100
    clock.advance(1_000)
    queue.poke()
    expect([state.tries, clock.pending, queue.backlogBytes]).toEqual([1, 0, 0])
  })

  it('is refused with the reason when the terminal fails', async () => {
    const { queue, fail } = terminal()
    fail('EIO')
    await expect(queue.push(Buffer.from('a'))).rejects.toMatchObject({
      code: 'ENDED',
      cause: { code: 'EIO' },
    })
  })
})

describe('input of real programs', () => {
  it('of one session never reaches the next one, in 50 reuses of a descriptor', async () => {
    let reuses = 0
    for (let round = 0; round < 50; round++) {
      const late: (() => void)[] = []
      const clock: Clock = {
        ...systemClock,
        setTimeout(callback, delayMs) {
          late.push(callback)
          return systemClock.setTimeout(callback, delayMs)
        },
      }
      const before = new Set(heldMasters())
      const descriptor = () => [...heldMasters()].filter((fd) => !before.has(fd))
      const first = testPty(NEVER_READS, { clock })
      const [firstFd] = descriptor()
      await first.said('ready')
      const typed = first.type('SECRET_FOR_A_'.repeat(40_000))
      const outcome = typed.catch((error: unknown) => error)
      // Full: it waits for a timer now.
      await until(() => late.length > 0)
      first.signal('SIGKILL')
      await first.exit
      const second = testPty(RAW_CAT)
      if (descriptor()[0] === firstFd) reuses++
      await second.said('ready')
      // Whatever the first one ever wanted to do later happens now, while the second has its descriptor.
      for (const callback of [...late]) callback()
      await second.type('over')
      await second.said('over')
      expect(second.text).toBe('ready\nover')
      expect(await outcome).toMatchObject({ code: 'ENDED' })
      second.signal('SIGKILL')
      await second.exit
    }
    expect(reuses).toBe(50)
  }, 60_000)

  it('costs less than 30 ms of CPU a second when 100 kB wait for a program that never reads', async () => {
    const pty = testPty(NEVER_READS)
    await pty.said('ready')
    pty.write(Buffer.alloc(100_000)).catch(() => {})
    const cpu = process.cpuUsage()
    const startMs = performance.now()
    await until(() => performance.now() - startMs >= 1_000, { everyMs: 250 })
    const { user, system } = process.cpuUsage(cpu)
    expect(pty.backlogBytes).toBeGreaterThan(70_000)
    expect((user + system) / (performance.now() - startMs)).toBeLessThan(30)
  })
})
