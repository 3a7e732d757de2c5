import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testEnv, testPtys } from '../testing/test-pty.ts'
import { type LaunchOptions, launchWithoutMasters } from './launcher.ts'
import { closeInheritedPtys, heldMasters } from './masters.ts'

const testPty = testPtys(onTestFinished)

const LIST_DESCRIPTORS = 'for fd in /proc/self/fd/*; do readlink $fd; done; echo end'

describe('a program', () => {
  it('inherits no master of another pty, however many there are', async () => {
    for (let index = 0; index < 20; index++) testPty('read line')
    expect(heldMasters().size).toBeGreaterThanOrEqual(20)
    const pty = testPty(LIST_DESCRIPTORS)
    await pty.exit
    expect(pty.text).toContain('end')
    expect(pty.text).not.toContain('ptmx')
  })

  it('of the first pty is started as it is, with nothing in between', () => {
    const launch = launchWithoutMasters({ ...plain, unwanted: [] })
    expect(launch).toEqual({ file: '/bin/echo', args: ['a b'], env: ['X=1'] })
  })

  it('is found leaking, and told once, where nothing can close a descriptor', () => {
    let leaks = 0
    const launch = launchWithoutMasters({
      ...plain,
      tools: { perl: undefined, bash: undefined },
      onLeak: () => leaks++,
    })
    expect([launch.file, leaks]).toEqual(['/bin/echo', 1])
  })
})

const LIST_SOME = 'for fd in 3 17 18 19 20; do test -e /proc/self/fd/$fd && printf "$fd "; done'

const plain: LaunchOptions = {
  file: '/bin/echo',
  args: ['a b'],
  env: { X: '1' },
  unwanted: [18, 20],
  onLeak: () => {},
}

/** Runs a script behind a launcher that is told to close 18 and 20. */
function behind(tool: 'perl' | 'bash', script: string, env: Readonly<Record<string, string>>) {
  const tools = { perl: undefined, bash: undefined, [tool]: `/usr/bin/${tool}` }
  const launch = launchWithoutMasters({
    ...plain,
    tools,
    env,
    file: '/bin/sh',
    args: ['-c', script, 'name', 'a  b', '$HOME "'],
  })
  const pairs = launch.env.map((pair) => pair.split(/=([\s\S]*)/) as [string, string])
  return testPty('', {
    command: launch.file,
    args: launch.args,
    env: Object.fromEntries(pairs),
  })
}

describe.each(['perl', 'bash'] as const)('behind %s, a program', (tool) => {
  it('keeps the pid, and gets its arguments as they are', async () => {
    const pty = behind(tool, 'echo $$ "$1" "$2"', testEnv)
    await pty.exit
    expect(pty.text).toBe(`${pty.pid} a  b $HOME "\r\n`)
  })

  it('has every descriptor but the unwanted ones, also above 9', async () => {
    const tools = { perl: undefined, bash: undefined, [tool]: `/usr/bin/${tool}` }
    const launch = launchWithoutMasters({
      ...plain,
      tools,
      file: '/bin/sh',
      args: ['-c', LIST_SOME],
    })
    const given = openSync('/dev/null', 'r')
    onTestFinished(() => closeSync(given))
    const stdio = ['ignore', 'pipe', 'inherit', ...Array<number>(18).fill(given)] as const
    const child = spawn(launch.file, launch.args, { stdio: [...stdio], env: testEnv })
    let said = ''
    child.stdout?.on('data', (chunk) => {
      said += chunk
    })
    await once(child, 'close')
    expect(said).toBe('3 17 19 ')
  })

  it('says why it cannot be run', async () => {
    const tools = { perl: undefined, bash: undefined, [tool]: `/usr/bin/${tool}` }
    const launch = launchWithoutMasters({ ...plain, tools, file: '/no/such' })
    const pty = testPty('', { command: launch.file, args: launch.args })
    expect(await pty.exit).toEqual({ code: 127, signal: undefined })
    expect(pty.text).toMatch(/\/no\/such.*No such file/)
  })
})

describe('behind perl, a program', () => {
  it('has exactly its environment, also where Perl listens to it', async () => {
    const env = {
      PERL5OPT: '-Mno_such_module',
      PERL5LIB: '/nowhere',
      PERL_BADLANG: '7',
      PERL_UNICODE: 'SDA',
      LC_ALL: 'xx_XX.nowhere',
      ODD: 'é\n=x',
      EMPTY: '',
    }
    const pty = behind('perl', 'exec env -0', { ...env, PATH: '/usr/bin:/bin' })
    await pty.exit
    const said = pty.output.toString().replaceAll('\r\n', '\n').split('\0').filter(Boolean)
    const dash = /^(PWD|OLDPWD|_)=/
    expect(said.filter((pair) => !dash.test(pair)).sort()).toEqual(
      [...Object.entries(env), ['PATH', '/usr/bin:/bin']].map((pair) => pair.join('=')).sort(),
    )
  })

  it('ignores and blocks no signal', async () => {
    const pty = behind('perl', 'exec grep -E "^Sig(Blk|Ign)" /proc/self/status', testEnv)
    await pty.exit
    expect(pty.text).toBe('SigBlk:\t0000000000000000\r\nSigIgn:\t0000000000000000\r\n')
  })
})

describe('masters that were inherited', () => {
  it('are closed, and our own are not', async () => {
    const { open } = createRequire(import.meta.url)('node-pty/lib/utils.js').loadNativeModule(
      'pty',
    ).module
    const { master, slave } = open(80, 24)
    onTestFinished(() => closeSync(slave))
    const pty = testPty('read line; echo still here')
    expect(closeInheritedPtys()).toBe(1)
    expect(() => fstatSync(master)).toThrow(/EBADF/)
    expect(closeInheritedPtys()).toBe(0)
    await pty.type('\n')
    await pty.said('still here')
  })
})
