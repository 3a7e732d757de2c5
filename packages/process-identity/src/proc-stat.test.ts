import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isZombie, parseProcStat } from './proc-stat.ts'

const line = (name: string) =>
  `4242 (${name}) S 17 4242 4200 34817 4242 4194304 1 0 0 0 3 4 0 0 20 0 5 0 18446744073709551615 5000000 200\n`

describe('a line of /proc/PID/stat', () => {
  it('is read field by field', () => {
    expect(parseProcStat(line('bash'))).toEqual({
      pid: 4242,
      name: 'bash',
      state: 'S',
      parentPid: 17,
      processGroup: 4242,
      session: 4200,
      terminal: 34817,
      threads: 5,
      cpuTicks: 7,
      residentPages: 200,
      startTime: '18446744073709551615',
    })
  })

  it('is read from the last parenthesis on, whatever the program calls itself', () => {
    for (const name of ['a) R 1 (b', ') Z 0 0 0 0 (', '((', '))', 'two\nlines) S 1', ''])
      expect(parseProcStat(line(name))).toMatchObject({ name, state: 'S', session: 4200 })
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), (name) => {
        expect(parseProcStat(line(name))).toMatchObject({ name, pid: 4242, parentPid: 17 })
      }),
    )
  })

  it('is nothing when it is torn or something else', () => {
    const whole = line('bash')
    for (const text of ['', 'x', '4242', '4242 (bash', '4242 (bash) S 1 2', '-1 (x) S', ') ('])
      expect(parseProcStat(text)).toBeUndefined()
    expect(parseProcStat(whole.replace('18446744073709551615', 'soon'))).toBeUndefined()
    expect(parseProcStat(whole.replace(' 5000000 200', ' 5000000'))).toBeUndefined()
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseProcStat(text)?.pid ?? 1).toBeGreaterThan(0)
      }),
    )
  })
})

describe('a zombie', () => {
  it('is a process that has ended and was not waited for', () => {
    expect(isZombie({ state: 'Z', threads: 1 })).toBe(true)
    expect(isZombie({ state: 'X', threads: 0 })).toBe(true)
    for (const state of ['R', 'S', 'D', 'T', 't', 'I'])
      expect(isZombie({ state, threads: 1 })).toBe(false)
  })

  it('is not a process whose first thread has returned while others go on', () => {
    expect(isZombie({ state: 'Z', threads: 3 })).toBe(false)
  })
})
