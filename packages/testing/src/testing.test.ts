import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FakeSocket, fakeClock, fakeWebSockets, seeded, temporaryFolder, until } from './index.ts'

describe('fakeClock', () => {
  it('runs timers at their own moment, in order, also those set by a timer', () => {
    const clock = fakeClock()
    const ran: string[] = []
    clock.setTimeout(() => ran.push(`b ${clock.now()}`), 20)
    clock.setTimeout(() => {
      ran.push(`a ${clock.now()}`)
      clock.setTimeout(() => ran.push(`c ${clock.now()}`), 10)
    }, 10)
    clock.advance(25)
    expect(ran).toEqual(['a 10', 'b 20', 'c 20'])
    expect(clock.now()).toBe(25)
    expect(clock.pending).toBe(0)
  })

  it('runs nothing while frozen, and what fell due runs late', () => {
    const clock = fakeClock()
    const ran: number[] = []
    clock.setTimeout(() => ran.push(clock.now()), 10)
    clock.freeze(60_000)
    expect(ran).toEqual([])
    clock.advance(0)
    expect(ran).toEqual([60_000])
  })

  it('moves only the date while the machine sleeps', () => {
    const clock = fakeClock()
    const beforeMs = clock.date()
    clock.suspend(5_000)
    expect(clock.date() - beforeMs).toBe(5_000)
    expect(clock.now()).toBe(0)
  })

  it('fires a timer beyond 2^31 - 1 ms at once, as the real one does', () => {
    const clock = fakeClock()
    let ran = false
    clock.setTimeout(() => {
      ran = true
    }, 2 ** 31)
    clock.advance(1)
    expect(ran).toBe(true)
  })

  it('forgets a cleared timer and says when timers are a loop', () => {
    const clock = fakeClock()
    clock.clearTimeout(clock.setTimeout(() => expect.unreachable(), 1))
    clock.advance(1)
    const again = (): unknown => clock.setTimeout(again, 0)
    again()
    expect(() => clock.advance(1)).toThrow('is a loop')
  })
})

describe('FakeSocket', () => {
  it('tells its handlers and its listeners', () => {
    const socket = new FakeSocket()
    const heard: string[] = []
    socket.onopen = () => heard.push('handler')
    socket.addEventListener('open', () => heard.push('listener'))
    socket.opens()
    expect(heard).toEqual(['handler', 'listener'])
  })

  it('refuses what a real socket refuses', () => {
    const socket = new FakeSocket()
    expect(() => socket.send('early')).toThrow('still connecting')
    expect(() => socket.close(1001)).toThrow('may not close with 1001')
    expect(() => socket.close(1000, 'é'.repeat(62))).toThrow('123 bytes')
  })

  it('is remembered by the constructor it was made with', () => {
    const fakes = fakeWebSockets()
    expect(() => fakes.last()).toThrow('nobody')
    const socket = new fakes.WebSocket('ws://host/', ['v1'])
    expect(fakes.last()).toBe(socket)
    expect(socket.args).toEqual([['v1']])
  })
})

describe('temporaryFolder', () => {
  let folder = ''
  it('is there during the test', () => {
    folder = temporaryFolder(onTestFinished)
    writeFileSync(join(folder, 'file'), 'x')
    expect(existsSync(folder)).toBe(true)
  })
  it('is gone after it', () => expect(existsSync(folder)).toBe(false))
})

describe('until', () => {
  it('returns the first truthy result', async () => {
    let looks = 0
    expect(await until(() => ++looks > 2 && looks)).toBe(3)
  })

  it('says what it waited for and what it saw last', async () => {
    const waiting = until(() => 0, { timeoutMs: 20, what: 'the server is up' })
    await expect(waiting).rejects.toThrow('not true within 20 ms: the server is up\nlast seen: 0')
  })

  it('takes a throw for "not yet" and keeps it as the cause', async () => {
    const refused = new Error('ECONNREFUSED')
    const waiting = until(() => Promise.reject(refused), { timeoutMs: 20 })
    await expect(waiting).rejects.toMatchObject({ cause: refused })
  })

  it('does not wait for a promise that never settles', async () => {
    await expect(until(() => new Promise(() => {}), { timeoutMs: 20 })).rejects.toThrow('20 ms')
  })
})

describe('seeded', () => {
  it('repeats itself for the same seed, and differs for another', () => {
    const some = (seed: number) => Array.from({ length: 5 }, seeded(seed))
    expect(some(1)).toEqual(some(1))
    expect(some(1)).not.toEqual(some(2))
  })

  it('stays in [0, 1) and fills it evenly', () => {
    const random = seeded(42)
    const numbers = Array.from({ length: 10_000 }, random)
    expect(numbers.every((n) => n >= 0 && n < 1)).toBe(true)
    expect(numbers.reduce((sum, n) => sum + n) / numbers.length).toBeCloseTo(0.5, 1)
  })
})
