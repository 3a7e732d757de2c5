import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  identifyProcess,
  type ProcessIdentity,
  parseProcStat,
  processState,
} from '@conductor/process-identity'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { childEnvironment } from './child-environment.ts'
import { isLaunchFailure } from './launch-failure.ts'
import { fileText, fixture, launcherFor } from './launch-testing.ts'

const becomes = (identity: ProcessIdentity, program: string) =>
  until(() => readFileSync(`/proc/${identity.pid}/cmdline`, 'utf8').startsWith(program))
const environ = (pid: number) => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')

describe('a launch', () => {
  it('runs nothing of the program before go', async () => {
    const { start, folder } = launcherFor(onTestFinished)
    const launched = start('echo ran > proof')
    // Longer than any launch takes: the launcher has closed what it leaks and waits.
    await until(() => environ(launched.identity.pid).includes('CONDUCTOR_PROCESS=test'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(existsSync(join(folder, 'proof'))).toBe(false)
    launched.go()
    expect(await launched.exit).toEqual({ code: 0, signal: null })
    expect(readFileSync(join(folder, 'proof'), 'utf8')).toBe('ran\n')
  })

  it('that is abandoned runs nothing at all', async () => {
    const { start, folder } = launcherFor(onTestFinished)
    const launched = start('echo ran > proof')
    launched.abandon()
    expect(await launched.exit).toEqual({ code: 125, signal: null })
    expect(existsSync(join(folder, 'proof'))).toBe(false)
  })

  it('has the identity of the program, as the leader of a session and a group', async () => {
    const { start } = launcherFor(onTestFinished)
    const { identity, go, output } = start('echo $$; exec sleep 60')
    const before = { ...identity }
    go()
    await becomes(identity, 'sleep')
    expect(identifyProcess(identity.pid)).toEqual(before)
    expect(output()).toBe(`${identity.pid}\n`)
    expect(parseProcStat(readFileSync(`/proc/${identity.pid}/stat`, 'utf8'))).toMatchObject({
      session: identity.pid,
      processGroup: identity.pid,
    })
  })

  it('gives the program its three descriptors and no other', async () => {
    const { start } = launcherFor(onTestFinished)
    const { go, identity } = start('', { command: '/bin/sleep', args: ['60'] })
    go()
    await becomes(identity, '/bin/sleep')
    expect(readdirSync(`/proc/${identity.pid}/fd`)).toEqual(['0', '1', '2'])
  })

  it('gives it the ready descriptor, too, where asked', async () => {
    const { start } = launcherFor(onTestFinished)
    const { go, identity } = start('', { command: '/bin/sleep', args: ['60'], readyFd: true })
    go()
    await becomes(identity, '/bin/sleep')
    expect(readdirSync(`/proc/${identity.pid}/fd`)).toEqual(['0', '1', '2', '3'])
  })

  it.each([3, 9, 10, 200])('does not pass on descriptor %i that somebody leaked', async (fd) => {
    // A shell stands in for a native module: what it opens stays open across exec.
    const leaky = fixture('leaky', onTestFinished)
    const folder = temporaryFolder(onTestFinished)
    const child = spawn(
      'bash',
      ['-c', `exec ${fd}</etc/hostname; exec "$@"`, 'sh', process.execPath, leaky, folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    onTestFinished(() => void child.kill('SIGKILL'))
    const seen = JSON.parse(await fileText(join(folder, 'fds'))) as Record<string, string>
    expect(Object.keys(seen)).toEqual(['0', '1', '2'])
    expect(seen['0']).toBe('/dev/null')
  })

  it('reads from /dev/null', async () => {
    const { start } = launcherFor(onTestFinished)
    const { go, identity } = start('exec sleep 60')
    go()
    await until(() => readlinkSync(`/proc/${identity.pid}/fd/0`) === '/dev/null')
  })

  it('tells of readiness at the first line on the ready descriptor, and of nothing before', async () => {
    const { start, folder } = launcherFor(onTestFinished)
    const script =
      'printf starting >&3; echo > half; while [ ! -e on ]; do sleep 0.01; done; echo >&3; exec sleep 60'
    const launched = start(script, { readyFd: true })
    let ready = 0
    launched.onReady(() => ready++)
    launched.go()
    await until(() => existsSync(join(folder, 'half')))
    expect(ready).toBe(0)
    writeFileSync(join(folder, 'on'), '')
    await until(() => ready === 1)
    const late = await new Promise((resolve) => void launched.onReady(() => resolve('told')))
    expect(late).toBe('told')
  })

  it('passes every variable on, also those that a shell would not', async () => {
    const { start } = launcherFor(onTestFinished)
    const env = {
      PATH: '/usr/bin:/bin',
      'npm.config-x': 'a b',
      IFS: ':',
      'BASH_FUNC_f%%': '() { :;}',
      LINES2: 'one\ntwo',
      conductor_fd: 'mine',
    }
    const { go, identity } = start('', { env, command: '/bin/sleep', args: ['60'] })
    go()
    await becomes(identity, '/bin/sleep')
    const expected = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    expect(environ(identity.pid)).toEqual(expect.arrayContaining(expected))
  })

  it('tells latecomers of the exit, and not those that have left', async () => {
    const { start } = launcherFor(onTestFinished)
    const launched = start('exit 7')
    const told: string[] = []
    launched.onExit(() => told.push('left'))()
    launched.go()
    await launched.exit
    const late = await new Promise((resolve) => void launched.onExit(resolve))
    expect(late).toEqual({ code: 7, signal: null })
    expect(told).toEqual([])
  })

  it('tells by which signal it ended', async () => {
    const { start } = launcherFor(onTestFinished)
    const launched = start('kill -KILL $$')
    launched.go()
    expect(await launched.exit).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('of a script whose interpreter is missing shows in the exit and in the log', async () => {
    const { start, folder } = launcherFor(onTestFinished)
    const command = join(folder, 'script')
    writeFileSync(command, '#!/no/such/interpreter\n')
    chmodSync(command, 0o755)
    const launched = start('', { command, args: [] })
    launched.go()
    expect(await launched.exit).toEqual({ code: 127, signal: null })
    expect(launched.output()).toContain(command)
  })

  it('ends when its cgroup cannot be entered, without having run', async () => {
    const { start, folder } = launcherFor(onTestFinished)
    const launched = start('echo ran > proof', { cgroup: join(folder, 'none') })
    launched.go()
    expect(await launched.exit).toEqual({ code: 125, signal: null })
    expect(launched.output()).toContain('cgroup.procs')
    expect(existsSync(join(folder, 'proof'))).toBe(false)
  })

  it.each([
    ['a working folder that does not exist', { cwd: '/no/such' }, 'ENOENT'],
    ['a working folder that is a file', { cwd: '/etc/passwd' }, 'ENOTDIR'],
    ['a zero byte', { args: ['a\0b'] }, 'EINVAL'],
    ['an argument longer than the system takes', { args: ['x'.repeat(200_000)] }, 'E2BIG'],
  ])('refuses %s at once', (_, wrong, code) => {
    const { start } = launcherFor(onTestFinished)
    let thrown: unknown
    try {
      start('', wrong)
    } catch (error) {
      thrown = error
    }
    expect(isLaunchFailure(thrown) && thrown.code).toBe(code)
  })
})

describe('a manager that is killed', () => {
  async function managerThat(mode: 'waits' | 'goes') {
    const folder = temporaryFolder(onTestFinished)
    const manager = fixture('manager', onTestFinished)
    const child = spawn(process.execPath, [manager, folder, mode], { stdio: 'inherit' })
    onTestFinished(() => void child.kill('SIGKILL'))
    const identity = JSON.parse(await fileText(join(folder, 'identity'))) as ProcessIdentity
    return { folder, child, identity }
  }

  it('before go leaves nobody behind, and the program never ran', async () => {
    const { folder, child, identity } = await managerThat('waits')
    expect(processState(identity)).toBe('alive')
    child.kill('SIGKILL')
    await until(() => processState(identity) === 'dead')
    expect(existsSync(join(folder, 'proof'))).toBe(false)
  })

  it('after go has a program that runs on, unless somebody guards it', async () => {
    const { folder, child, identity } = await managerThat('goes')
    await fileText(join(folder, 'proof'))
    child.kill('SIGKILL')
    await until(() => child.signalCode)
    expect(processState(identity)).toBe('alive')
    process.kill(-identity.pid, 'SIGKILL')
    await until(() => processState(identity) === 'dead')
  })
})

describe('the environment of a child', () => {
  it('has no secret and no word of a supervisor in it', async () => {
    const { start, folder } = launcherFor(onTestFinished)
    const base = {
      PATH: '/usr/bin:/bin',
      LISTEN_ADDR: 'stays',
      AI_CONDUCTOR_ADDR: 'stays',
      EMPTY: undefined,
      NOTIFY_SOCKET: '/run/x',
      WATCHDOG_USEC: '1',
      WATCHDOG_PID: '1',
      LISTEN_FDS: '1',
      LISTEN_PID: '1',
      LISTEN_FDNAMES: 'a',
      SUPERVISOR_ENABLED: '1',
      AI_CONDUCTOR_PASSWORD: 'secret',
      AI_CONDUCTOR_PASSWORD_FILE: 'secret',
      AI_CONDUCTOR_API_TOKEN_2: 'secret',
      CONDUCTOR_PROCESS: 'outer',
      CONDUCTOR_ANYTHING: 'ours',
      READY_FD: '9',
      SHLVL: '2',
      OLDPWD: '/',
      SOCKET_PATH: '/outer.sock',
    }
    const spec = { name: 'web', cookie: 'abc', readyFd: true, env: { COLOR: 'blue' } }
    const { go, identity } = start('exec sleep 60', { env: childEnvironment(base, spec) })
    go()
    await becomes(identity, 'sleep')
    expect(environ(identity.pid).filter(Boolean).sort()).toEqual([
      'AI_CONDUCTOR_ADDR=stays',
      'COLOR=blue',
      'CONDUCTOR_PROCESS=web',
      'CONDUCTOR_PROCESS_ID=abc',
      'LISTEN_ADDR=stays',
      'PATH=/usr/bin:/bin',
      `PWD=${folder}`,
      'READY_FD=3',
    ])
  })

  it('gives what the spec says, but not another identity', () => {
    const spec = {
      name: 'web',
      cookie: 'abc',
      socketPath: '/run/web.sock',
      env: { NOTIFY_SOCKET: '/mine', CONDUCTOR_PROCESS_ID: 'forged', SOCKET_PATH: '/no' },
    }
    expect(childEnvironment({}, spec)).toEqual({
      NOTIFY_SOCKET: '/mine',
      SOCKET_PATH: '/run/web.sock',
      CONDUCTOR_PROCESS: 'web',
      CONDUCTOR_PROCESS_ID: 'abc',
    })
  })
})

it('an idle host program may end while its child runs on, if it does not keep it alive', async () => {
  const folder = temporaryFolder(onTestFinished)
  const manager = fixture('manager', onTestFinished)
  const child = spawn(process.execPath, [manager, folder, 'unref'], { stdio: 'inherit' })
  onTestFinished(() => void child.kill('SIGKILL'))
  await until(() => child.exitCode === 0)
  const identity = JSON.parse(await fileText(join(folder, 'identity'))) as ProcessIdentity
  expect(processState(identity)).toBe('alive')
  process.kill(-identity.pid, 'SIGKILL')
  await until(() => processState(identity) === 'dead')
})
