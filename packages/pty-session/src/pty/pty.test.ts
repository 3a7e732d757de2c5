import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { NEVER_READS, RAW_CAT, testEnv, testPtys } from '../testing/test-pty.ts'
import { findProgram } from './find-program.ts'
import { heldMasters } from './masters.ts'
import { readNative } from './native.ts'

const testPty = testPtys(onTestFinished)

describe('a pty', () => {
  it('tells how its program ended', async () => {
    expect(await testPty('exit 7').exit).toEqual({ code: 7, signal: undefined })
    expect(await testPty('kill -TERM $$').exit).toEqual({ code: undefined, signal: 'SIGTERM' })
  })

  it('is a terminal of the size that was asked for, and of the next one', async () => {
    const pty = testPty('stty size; read line; stty size', { cols: 100, rows: 30 })
    await pty.said('30 100')
    pty.resize({ cols: 132, rows: 43 })
    await pty.type('\n')
    await pty.exit
    expect(pty.text).toContain('43 132')
  })

  it('clamps a size that no terminal has', async () => {
    const pty = testPty('read line; stty size', { cols: 0, rows: Number.NaN })
    pty.resize({ cols: 1e9, rows: -4 })
    await pty.type('\n')
    await pty.exit
    expect(pty.text).toContain('1 10000')
  })

  it('gives the program its environment, and nothing else', async () => {
    const env = { PATH: testEnv['PATH'] ?? '', EMPTY: '', ODD: 'ä = "x"\n\ty' }
    const pty = testPty('', { command: '/usr/bin/env', args: ['-0'], env })
    await pty.exit
    const said = pty.output.toString().replaceAll('\r\n', '\n').split('\0').filter(Boolean)
    expect(said.sort()).toEqual(
      Object.entries(env)
        .map((pair) => pair.join('='))
        .sort(),
    )
  })

  it('starts in the folder that was asked for', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const pty = testPty('pwd', { cwd })
    await pty.exit
    expect(pty.text).toBe(`${cwd}\r\n`)
  })

  it('carries every byte there is, in both directions', async () => {
    const pty = testPty(RAW_CAT)
    await pty.said('ready\n')
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const wrong = Buffer.from([0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf8, 0xe2, 0x82])
    const sent = Buffer.concat([every, wrong, every])
    await pty.write(sent)
    const begin = Buffer.byteLength('ready\n')
    await until(() => pty.output.length >= begin + sent.length)
    expect(pty.output.subarray(begin)).toEqual(sent)
  })

  it('brings a paste of 2 MiB of random bytes through cat and back', async () => {
    const pty = testPty(RAW_CAT)
    await pty.said('ready\n')
    const sent = randomBytes(2 * 1024 * 1024)
    const typed = pty.write(sent)
    expect(pty.backlogBytes).toBeGreaterThan(1024 * 1024)
    await typed
    expect(pty.backlogBytes).toBe(0)
    await until(() => pty.output.length >= 6 + sent.length, { timeoutMs: 20_000 })
    expect(pty.output.subarray(6).equals(sent)).toBe(true)
  })

  it('types in the order of the calls', async () => {
    const pty = testPty(RAW_CAT)
    await pty.said('ready\n')
    const lines = Array.from({ length: 500 }, (_, index) => `${index}:${'x'.repeat(index)};`)
    await Promise.all(lines.map((line) => pty.type(line)))
    await pty.said('499:')
    await until(() => pty.text.endsWith(lines.at(-1) ?? ''))
    expect(pty.text).toBe(`ready\n${lines.join('')}`)
  })

  it('stops reading while it is paused, and loses nothing', async () => {
    const pty = testPty('head -c 300000 /dev/zero | tr "\\0" x', {
      onData: () => pty.pause(),
    })
    for (let last = 0; pty.output.length < 300_000; ) {
      await until(() => pty.output.length > last)
      last = pty.output.length
      await new Promise(setImmediate)
      expect(pty.output.length).toBe(last)
      pty.resume()
    }
    expect(await pty.exit).toMatchObject({ code: 0 })
    expect(pty.output.length).toBe(300_000)
  })

  it('serves others after each burst of a flood', async () => {
    let turns = 0
    let longest = 0
    let burst = 0
    const pty = testPty('head -c 2000000 /dev/zero | tr "\\0" x', {
      burstBytes: 8 * 1024,
      onData(chunk) {
        burst += chunk.length
        longest = Math.max(longest, burst)
      },
    })
    const turn = () => {
      turns++
      burst = 0
      if (pty.output.length < 2_000_000) setImmediate(turn)
    }
    turn()
    await pty.exit
    expect(longest).toBeLessThanOrEqual(8 * 1024 + 2 * 4_095)
    expect(turns).toBeGreaterThan(2_000_000 / (8 * 1024 + 4_095))
  })

  it('ignores a resize after the exit', async () => {
    const pty = testPty('exit 0')
    await pty.exit
    expect(() => pty.resize({ cols: 10, rows: 10 })).not.toThrow()
  })

  it('refuses to type after the exit', async () => {
    const pty = testPty('exit 0')
    await pty.exit
    await expect(pty.type('x')).rejects.toMatchObject({ code: 'ENDED' })
    expect(pty.backlogBytes).toBe(0)
  })

  it('refuses all that waited to be typed when the program ends', async () => {
    const pty = testPty(NEVER_READS)
    await pty.said('ready')
    const typed = [1, 2, 3].map(() => pty.write(Buffer.alloc(100_000)))
    const outcome = Promise.allSettled(typed)
    pty.signal('SIGKILL')
    for (const each of await outcome)
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'ENDED' } })
    expect(pty.backlogBytes).toBe(0)
  })

  it('signals the process group, and nobody after the exit', async () => {
    const pty = testPty('trap "echo got it" USR1; echo ready; while :; do read line || :; done')
    await pty.said('ready')
    pty.signal('SIGUSR1')
    await pty.said('got it')
    pty.signal('SIGKILL')
    await pty.exit
    expect(() => pty.signal('SIGKILL')).not.toThrow()
  })

  it('knows no signal of another name', () => {
    const pty = testPty('read line')
    expect(() => pty.signal('SIGWHAT' as NodeJS.Signals)).toThrow(/BAD_OPTION.*SIGWHAT/)
  })

  it('leaves no descriptor behind, however it ends', async () => {
    const descriptors = () => readdirSync('/proc/self/fd').length
    const before = new Set(heldMasters())
    const openBefore = descriptors()
    const programs = ['exit 0', 'kill -9 $$', 'read line'].map((script) => testPty(script))
    expect(heldMasters().size).toBe(before.size + 3)
    expect(descriptors()).toBe(openBefore + 6)
    const [, , closed] = programs
    closed?.close()
    closed?.close()
    await Promise.all(programs.slice(0, 2).map(({ exit }) => exit))
    expect(new Set(heldMasters())).toEqual(before)
    expect(descriptors()).toBe(openBefore)
    await expect(closed?.type('x')).rejects.toMatchObject({ code: 'ENDED' })
  })

  it('hangs up its program when it is closed, and tells nothing of it', async () => {
    const pty = testPty('read line')
    const { identity } = pty
    pty.close()
    await pty.end({ graceMs: 5_000 })
    expect(identity.pid).toBe(pty.pid)
    expect(await Promise.race([pty.exit, 'nothing'])).toBe('nothing')
  })
})

describe('a program that cannot be started', () => {
  const start = (options: Partial<Parameters<typeof findProgram>[0]>) => () =>
    findProgram({ command: 'sh', args: [], cwd: '/', env: testEnv, ...options })

  it('is told by field and fix', () => {
    const folder = temporaryFolder(onTestFinished)
    const plain = join(folder, 'plain')
    writeFileSync(plain, '#!/bin/sh\n')
    expect(start({ command: 'no-such-thing' })).toThrow(
      /^\[pty-session\/SPAWN_FAILED\] command "no-such-thing" is in no folder of env\.PATH \(\/usr\/bin:\/bin\): install it/,
    )
    expect(start({ command: '/no/such' })).toThrow(/command "\/no\/such" does not exist/)
    expect(start({ command: plain })).toThrow(/plain" may not be executed by this user: try chmod/)
    expect(start({ command: folder })).toThrow(/is a folder, not a program/)
    expect(start({ command: './sh' })).toThrow(/"\.\/sh" is a relative path: make it absolute/)
    expect(start({ command: '' })).toThrow(/command is empty/)
    expect(start({ cwd: '/no/such' })).toThrow(/cwd "\/no\/such" does not exist/)
    expect(start({ cwd: plain })).toThrow(/cwd ".*" is not a folder/)
    expect(start({ cwd: 'relative' })).toThrow(/cwd "relative" is a relative path/)
    expect(start({ args: ['x'.repeat(200_000)] })).toThrow(
      /SPAWN_FAILED.*args\[0\] has 200000 bytes/,
    )
  })

  it('is refused when a text has a zero byte, behind which it would be cut', () => {
    expect(start({ args: ['a', 'b\0c'] })).toThrow(/BAD_OPTION.*args\[1\]/)
    expect(start({ env: { X: 'b\0c' } })).toThrow(/BAD_OPTION.*env\.X/)
    expect(start({ env: { 'A=B': 'c' } })).toThrow(/BAD_OPTION.*A=B/)
  })

  it('forks nothing', () => {
    const before = heldMasters().size
    expect(() => testPty('', { command: 'no-such-thing' })).toThrow(/SPAWN_FAILED/)
    expect(heldMasters().size).toBe(before)
  })

  it('is found in the PATH it gets, past files that cannot be run', () => {
    const folder = temporaryFolder(onTestFinished)
    for (const name of ['a', 'b', 'c']) mkdirSync(join(folder, name))
    writeFileSync(join(folder, 'a', 'tool'), '')
    mkdirSync(join(folder, 'b', 'tool'))
    writeFileSync(join(folder, 'c', 'tool'), '')
    const env = { PATH: ['a', 'b', 'c'].map((name) => join(folder, name)).join(':') }
    expect(start({ command: 'tool', env })).toThrow(/a\/tool may not be executed/)
    chmodSync(join(folder, 'c', 'tool'), 0o755)
    expect(start({ command: 'tool', env })()).toBe(join(folder, 'c', 'tool'))
    expect(start({ command: 'tool', cwd: join(folder, 'c'), env: { PATH: '/bin:' } })()).toBe(
      join(folder, 'c', 'tool'),
    )
    expect(start({ env: {} })()).toMatch(/\/bin\/sh$/)
  })
})

it('a node-pty that was not built says how to build it', () => {
  const require = Object.assign(() => ({}), { resolve: () => '/nowhere/lib/utils.js' })
  // Only what readNative uses of a `require`.
  expect(() => readNative(require as unknown as NodeJS.Require)).toThrow(
    /NATIVE_MISSING.*"allowScripts": \{ "node-pty": true \}.*"onlyBuiltDependencies": \["node-pty"\]/,
  )
})
