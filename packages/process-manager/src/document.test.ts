import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BackgroundProcessManager, ProcessState } from './background-process-manager.ts'
import { PLUGIN_TIMEOUTS } from './spec/defaults.ts'
import { AT_ONCE, daemonConfig, openManager, sleeper } from './testing/manager-testing.ts'

describe('the manager of the document', () => {
  it('starts, tells, and stops a daemon, as the document shows it', async () => {
    const root = temporaryFolder(onTestFinished)
    const manager = new BackgroundProcessManager({ root })
    onTestFinished(() => manager.stopAllProcesses())
    expect(manager.getState('search')).toBeUndefined()

    await manager.startProcess(daemonConfig(root, 'search'))
    expect(manager.isRunning('search')).toBe(true)
    expect(manager.getState('search')).toBe(ProcessState.RUNNING)
    const pid = manager.getPid('search') ?? 0
    expect(isAlive(pid)).toBe(true)
    const info = manager.getProcessInfo('search')
    expect(info).toMatchObject({
      state: 'running',
      pid,
      failedHealthChecks: 0,
      restartAttempts: 0,
      config: { pluginName: 'search' },
    })
    expect(info?.lastStateChange).toBeGreaterThan(Date.now() - 60_000)

    await manager.stopProcess('search')
    expect(manager.getState('search')).toBe(ProcessState.STOPPED)
    expect(manager.getPid('search')).toBeUndefined()
    expect(isAlive(pid)).toBe(false)
  })

  it('has its files where the document has them, and removes what a stopped daemon leaves', async () => {
    const { manager, root, pid } = await openManager()
    await manager.startProcess(daemonConfig(root, 'search'))
    const folder = join(root, 'search')
    const record = readFileSync(join(folder, 'daemon.pid'), 'utf8')
    expect(record.split('\n')[0]).toBe(`${pid('search')}`)
    expect(statSync(join(folder, 'daemon.sock')).isSocket()).toBe(true)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, 'process.jsonl')).mode & 0o777).toBe(0o600)

    await manager.stopProcess('search')
    expect(existsSync(join(folder, 'daemon.pid'))).toBe(false)
    expect(existsSync(join(folder, 'daemon.sock'))).toBe(false)
    expect(existsSync(join(folder, 'log', 'daemon.log'))).toBe(true)
  })

  it('exports the defaults of the document', () => {
    expect(PLUGIN_TIMEOUTS).toMatchObject({
      BACKGROUND_PROCESS_STARTUP: 30_000,
      BACKGROUND_PROCESS_MAX_RESTART_ATTEMPTS: 3,
      BACKGROUND_PROCESS_RESTART_DELAY: 5_000,
    })
  })

  it('refuses to start what runs already', async () => {
    const { manager, root } = await openManager()
    await manager.startProcess(daemonConfig(root, 'search'))
    await expect(manager.startProcess(daemonConfig(root, 'search'))).rejects.toThrow(
      'already running',
    )
  })

  it('refuses to start anything during shutdown', async () => {
    const { manager, root } = await openManager()
    await manager.stopAllProcesses()
    await expect(manager.startProcess(daemonConfig(root, 'search'))).rejects.toThrow(
      'during shutdown',
    )
  })

  it('says at once that there is no such command, and does not try again', async () => {
    const { manager, root } = await openManager()
    const config = daemonConfig(root, 'search', [], { command: '/no/such/python' })
    const startMs = performance.now()
    await expect(manager.startProcess(config)).rejects.toThrow('/no/such/python')
    expect(performance.now() - startMs).toBeLessThan(5_000)
    expect(manager.getProcessInfo('search')).toMatchObject({ state: 'error' })
    expect(manager.getProcessInfo('search')).not.toHaveProperty('nextTryAt')
  })

  it('says at once why a daemon ended before it was ready, with its last words', async () => {
    const { manager, root } = await openManager()
    const start = manager.startProcess(daemonConfig(root, 'search', ['--exit-early']))
    await expect(start).rejects.toThrow(/exited with code 3.*Error: the disk is full/)
    expect(manager.getState('search')).toBe('error')
    expect(manager.getProcessInfo('search')?.lastError).toContain('exited with code 3')
  })

  it('ends a daemon that never opens its socket, when its time is over', async () => {
    const { manager, root } = await openManager()
    const config = daemonConfig(root, 'search', ['--no-socket'], { startupTimeout: 1_000 })
    await expect(manager.startProcess(config)).rejects.toThrow(
      `Timeout waiting for socket: ${config.socketPath}`,
    )
    expect(manager.getPid('search')).toBeUndefined()
    expect(manager.getState('search')).toBe('error')
  })

  it('starts again after a failed start', async () => {
    const { manager, root } = await openManager()
    await expect(
      manager.startProcess(daemonConfig(root, 'search', ['--exit-early'])),
    ).rejects.toThrow()
    await manager.startProcess(daemonConfig(root, 'search'))
    expect(manager.isRunning('search')).toBe(true)
  })

  it('stops all at once, also one that a signal has ended meanwhile', async () => {
    const { manager, pid } = await openManager()
    for (const name of ['a', 'b', 'c']) await manager.add(sleeper(name))
    await manager.up()
    const pids = ['a', 'b', 'c'].map(pid)
    process.kill(pids[0] ?? 0, 'SIGKILL')
    await manager.stopAllProcesses()
    expect(pids.map(isAlive)).toEqual([false, false, false])
    expect(manager.list().map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped'])
  })

  it('takes a stop of something unknown, or stopped, as done', async () => {
    const { manager } = await openManager()
    await manager.add(sleeper('a'))
    await manager.stopProcess('a')
    await manager.stopProcess('nobody')
  })

  it('starts it again after a crash, for as long as the policy says', async () => {
    const { manager, pid, anotherPid, phase } = await openManager()
    const delay = { kind: 'list', delaysMs: [0, 50] } as const
    await manager.add(sleeper('a', { restart: { delay, budget: { inARow: 2 } } }))
    await manager.up()
    const first = pid('a')
    process.kill(first, 'SIGKILL')
    const second = await anotherPid('a', first)
    process.kill(second, 'SIGKILL')
    const third = await anotherPid('a', second)
    expect(manager.getProcessInfo('a')).toMatchObject({ restartAttempts: 2, restarts: 2 })
    process.kill(third, 'SIGKILL')
    await phase('a', 'failed')
    expect(manager.getState('a')).toBe('error')
    expect(manager.why('a').text.join('\n')).toContain('given up (budget:in-a-row)')
  })

  it('stays stopped when it is stopped during the wait for the next try', async () => {
    const { manager, pid, phase } = await openManager()
    await manager.add(sleeper('a'))
    await manager.up()
    process.kill(pid('a'), 'SIGKILL')
    await phase('a', 'backoff')
    await manager.stopProcess('a')
    expect(manager.getState('a')).toBe('stopped')
    expect(manager.getProcessInfo('a')).not.toHaveProperty('nextTryAt')
  })

  it('restarts a daemon that hangs, though it still accepts connections', async () => {
    const { manager, pid, anotherPid, root } = await openManager()
    const path = join(root, 'a', 'daemon.sock')
    await manager.add({
      name: 'a',
      command: process.execPath,
      args: daemonConfig(root, 'a').args,
      ready: { kind: 'socket' },
      liveness: {
        probe: { kind: 'unix', path, send: 'ping\n', expect: 'pong' },
        periodMs: 50,
        timeoutMs: 1_000,
        failureThreshold: 2,
      },
      stop: { graceMs: 200 },
      restart: AT_ONCE,
    })
    await manager.up()
    const hung = pid('a')
    process.kill(hung, 'SIGSTOP')
    await anotherPid('a', hung)
    expect(isAlive(hung)).toBe(false)
    expect(manager.deaths('a')[0]).toMatchObject({ exit: { kind: 'probe', probe: 'liveness' } })
  })

  it('never unlinks at a path of the user what is no socket of its own', async () => {
    const { manager, root } = await openManager()
    const precious = join(root, 'precious')
    mkdirSync(root, { recursive: true })
    writeFileSync(precious, 'data')
    await manager.add(sleeper('a', { socketPath: precious }))
    await manager.up()
    await manager.stopProcess('a')
    expect(readFileSync(precious, 'utf8')).toBe('data')
  })

  it('refuses a socket path that is too long, and names the limit', async () => {
    const { manager, root } = await openManager()
    const socketPath = join(root, 'x'.repeat(120))
    const start = manager.startProcess(daemonConfig(root, 'search', [], { socketPath }))
    await expect(start).rejects.toThrow(/107|103/)
  })

  it('gives the daemon its socket path, and keeps secrets and supervisor variables from it', async () => {
    const env = {
      PATH: process.env['PATH'],
      AI_CONDUCTOR_PASSWORD: 'secret',
      NOTIFY_SOCKET: '/run/systemd/notify',
      HOME: '/home/me',
    }
    const { manager, root } = await openManager({ env })
    await manager.startProcess(
      daemonConfig(root, 'search', ['--env'], { envVars: { LEVEL: 'debug' } }),
    )
    const text = await until(() => {
      const lines = manager.log('search').tail().toString().split('\n')
      return lines.find((line) => line.startsWith('{'))
    })
    const seen: unknown = JSON.parse(text)
    expect(seen).toMatchObject({
      SOCKET_PATH: join(root, 'search', 'daemon.sock'),
      LEVEL: 'debug',
      HOME: '/home/me',
    })
    expect(seen).not.toHaveProperty('AI_CONDUCTOR_PASSWORD')
    expect(seen).not.toHaveProperty('NOTIFY_SOCKET')
  })
})
