import { execFileSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createNotifier, type Notifier, type NotifierOptions } from './notifier.ts'

/** A notifier whose program writes down what it is run with, one argument per line. */
function setup(options: NotifierOptions = {}) {
  const folder = temporaryFolder(onTestFinished)
  const [command, log] = [join(folder, 'notify'), join(folder, 'log')]
  writeFileSync(command, `#!/bin/sh\nshift\nprintf '[%s]\\n' "$@" >> ${log}\n`)
  chmodSync(command, 0o755)
  const env = { NOTIFY_SOCKET: '/nobody/reads', PATH: process.env['PATH'], ...options.env }
  const notifier = createNotifier({ command, ...options, env })
  return { notifier, lines: () => readFileSync(log, 'utf8').match(/(?<=^\[).*(?=\]$)/gm) ?? [] }
}

describe.skipIf(process.platform === 'win32')('createNotifier', () => {
  it.each<[string, (notifier: Notifier) => Promise<unknown>, string[]]>([
    ['ready', (it) => it.ready(), ['READY=1']],
    ['ready with a status', (it) => it.ready('up'), ['READY=1', 'STATUS=up']],
    ['status', (it) => it.status('3 sessions'), ['STATUS=3 sessions']],
    ['reloading', (it) => it.reloading(), ['RELOADING=1', 'MONOTONIC_USEC=123456789']],
    ['stopping', (it) => it.stopping('bye'), ['STOPPING=1', 'STATUS=bye']],
    ['watchdog', (it) => it.watchdog(), ['WATCHDOG=1']],
    ['watchdogTrigger', (it) => it.watchdogTrigger(), ['WATCHDOG=trigger']],
    ['extendTimeout', (it) => it.extendTimeout(1_500.0001), ['EXTEND_TIMEOUT_USEC=1500001']],
    ['mainPid', (it) => it.mainPid(4711), ['MAINPID=4711']],
    ['errno', (it) => it.errno(2), ['ERRNO=2']],
    ['notify', (it) => it.notify({ X_A: 'b', RESTART_RESET: 1 }), ['X_A=b', 'RESTART_RESET=1']],
  ])('%s says what systemd expects', async (_, call, expected) => {
    const { notifier, lines } = setup({ monotonicUsec: () => 123_456_789 })
    expect(await call(notifier)).toBe('sent')
    expect(lines()).toEqual(expected)
  })

  it('tells the time of a reload by the clock that all processes share', async () => {
    const { notifier, lines } = setup()
    const ask = () =>
      Number(
        execFileSync('python3', [
          '-ISc',
          'import time; print(time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)',
        ]),
      )
    const before = ask()
    await notifier.reloading()
    const told = Number(lines()[1]?.replace('MONOTONIC_USEC=', ''))
    expect(told).toBeGreaterThanOrEqual(before)
    expect(told).toBeLessThanOrEqual(ask())
  })

  it.each([
    ['no systemd', {}],
    ['an empty address', { NOTIFY_SOCKET: '' }],
    ['a descriptor but no address', { CONDUCTOR_NOTIFY_FD: '0:1' }],
  ])('with %s does nothing, whatever it is told', async (_, env) => {
    const notifier = createNotifier({
      env,
      command: '/nowhere',
      onTrouble: () => expect.unreachable(),
    })
    expect(notifier.transport).toBe('none')
    expect(await Promise.all([notifier.ready('up'), notifier.watchdog()])).toEqual([
      'absent',
      'absent',
    ])
  })

  it('wants no pings where it could send none', () => {
    expect(createNotifier({ env: { WATCHDOG_USEC: '30000000' } }).watchdogTimeoutMs).toBeUndefined()
    expect(setup({ env: { WATCHDOG_USEC: '30000000' } }).notifier.watchdogTimeoutMs).toBe(30_000)
  })

  it('takes the variables away when asked, and only its own', () => {
    const env = {
      NOTIFY_SOCKET: '/x',
      WATCHDOG_USEC: '1',
      WATCHDOG_PID: '1',
      CONDUCTOR_NOTIFY_FD: '99:1',
      LISTEN_FDS: '1',
    }
    createNotifier({ env })
    expect(Object.keys(env)).toHaveLength(5)
    createNotifier({ env, unsetEnv: true })
    expect(env).toEqual({ LISTEN_FDS: '1' })
  })

  it('refuses wrong values at once, also without systemd', () => {
    const notifier = createNotifier({ env: {} })
    expect(() => notifier.status('a\nMAINPID=1')).toThrow('[sd-notify/BAD_OPTION]')
    expect(() => notifier.extendTimeout(0)).toThrow('[sd-notify/BAD_OPTION] extendTimeout')
    expect(() => notifier.extendTimeout(Number.NaN)).toThrow('BAD_OPTION')
    expect(() => notifier.mainPid(0)).toThrow('[sd-notify/BAD_OPTION] mainPid')
    expect(() => notifier.mainPid(-7)).toThrow('BAD_OPTION')
    expect(() => notifier.errno(4_096)).toThrow('[sd-notify/BAD_OPTION] errno')
    expect(() => createNotifier({ env: {}, timeoutMs: 0 })).toThrow(
      '[sd-notify/BAD_OPTION] timeoutMs',
    )
  })
})
