import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  identifyProcess,
  type ProcessIdentity,
  processState,
  signalProcess,
} from '@conductor/process-identity'
import { bundle, temporaryFolder, until } from '@conductor/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type Running, run } from '../src/testing/processes.ts'

const programs = { daemon: '', 'cli-host': '', 'fake-electron': '' }

beforeAll(() => {
  for (const name of Object.keys(programs) as (keyof typeof programs)[])
    programs[name] = bundle(new URL(`./${name}.ts`, import.meta.url), afterAll)
})

const PATIENCE = { timeoutMs: 20_000 }

/** A folder for one daemon, which ends with the test. */
function setup(graceMs: number) {
  const folder = temporaryFolder(onTestFinished)
  const runFile = join(folder, 'running.json')
  const daemons: ProcessIdentity[] = []
  onTestFinished(async () => {
    for (const each of daemons) signalProcess(each, 'SIGKILL')
    await until(() => daemons.every((each) => processState(each) === 'dead'), PATIENCE)
  })
  const log = () => (existsSync(`${runFile}.log`) ? readFileSync(`${runFile}.log`, 'utf8') : '')
  const host = (name: 'cli-host' | 'fake-electron', env: NodeJS.ProcessEnv = {}): Running =>
    run(programs[name], [runFile, process.execPath, programs.daemon, runFile, `${graceMs}`], {
      env,
    })
  /** The daemon that wrote the run-file. */
  async function daemon(): Promise<ProcessIdentity> {
    const { identity } = await until(() => JSON.parse(readFileSync(runFile, 'utf8')), PATIENCE)
    daemons.push(identity)
    return identity
  }
  return {
    folder,
    runFile,
    log,
    host,
    daemon,
    headless: () => run(programs.daemon, [runFile, `${graceMs}`]),
    logs: (text: string, times = 1) =>
      until(
        () =>
          log()
            .split('\n')
            .filter((line) => line.includes(text)).length >= times,
        {
          ...PATIENCE,
          what: `${text} in the log`,
        },
      ),
    gone: (it: ProcessIdentity) => until(() => processState(it) === 'dead', PATIENCE),
  }
}

describe.each(['cli-host', 'fake-electron'] as const)('%s', (name) => {
  it('that is killed by SIGKILL takes its daemon along, after the grace', async () => {
    const { host, daemon, logs, gone, folder, log } = setup(600)
    const app = host(name)
    const it = await daemon()
    await app.says(/^connected$/)
    await logs('connected')
    const killedMs = performance.now()
    app.child.kill('SIGKILL')
    await logs('ends: expired')
    expect(performance.now() - killedMs).toBeGreaterThanOrEqual(600)
    await gone(it)
    expect(log().trim().split('\n')).toEqual([
      'idle',
      'connected',
      'grace',
      'closing',
      'fired',
      'ends: expired',
      'closed',
    ])
    expect(readdirSync(folder)).toEqual(['running.json.log'])
  })

  it('that comes back in the grace keeps the daemon', async () => {
    const { host, daemon, logs, log } = setup(10_000)
    const app = host(name)
    const it = await daemon()
    await logs('connected')
    app.child.kill('SIGKILL')
    await logs('grace')
    const back = host(name)
    await back.says(/^connected$/)
    await logs('connected', 2)
    expect(processState(it)).toBe('alive')
    expect(log()).toBe('idle\nconnected\ngrace\nconnected\n')
  })
})

describe('a daemon', () => {
  it('that was started by hand is used, and never ended', async () => {
    const { headless, host, daemon, logs, log } = setup(50)
    headless()
    const it = await daemon()
    await logs('idle')
    const app = host('cli-host')
    await app.says(/^attached unlinked$/)
    expect(await app.ended).toBe(0)
    expect(log()).toBe('idle\n')
    expect(processState(it)).toBe('alive')
  })

  it('that came second takes its turn when the first was killed', async () => {
    const { headless, logs, log } = setup(50)
    const first = headless()
    await logs('idle')
    headless()
    await logs('HELD')
    expect(log()).not.toContain('connected\ngrace')
    first.child.kill('SIGKILL')
    await logs('idle', 2)
  })

  it('is held by an app that is stopped', async () => {
    const { host, daemon, logs, log } = setup(100)
    const app = host('cli-host')
    await daemon()
    await logs('connected')
    app.child.kill('SIGSTOP')
    const stoppedMs = performance.now()
    await until(() => performance.now() - stoppedMs > 500)
    expect(log()).toBe('idle\nconnected\n')
    app.child.kill('SIGKILL')
    await logs('ends: expired')
  })

  it('that is meant to stay is not linked', async () => {
    const { host, daemon, log } = setup(50)
    const app = host('fake-electron', { CONDUCTOR_KEEP_DAEMON: '1' })
    const it = await daemon()
    await app.says(/^ready$/)
    app.child.kill('SIGTERM')
    expect(await app.ended).toBe(0)
    expect(processState(it)).toBe('alive')
    expect(log()).not.toContain('connected')
  })

  it('that never listened is ended by the app as a last resort, with its group', async () => {
    const { folder, runFile } = setup(50)
    const pids = join(folder, 'pids')
    const script = `sleep 1000 & echo $$ $! > ${pids}.new; mv ${pids}.new ${pids}; wait`
    const app = run(programs['fake-electron'], [runFile, '/bin/sh', '-c', script])
    const members = (await until(() => readFileSync(pids, 'utf8'), PATIENCE))
      .split(' ')
      .flatMap((pid) => identifyProcess(Number(pid)) ?? [])
    expect(members).toHaveLength(2)
    await app.says(/^ready$/)
    app.child.kill('SIGTERM')
    await until(() => members.every((each) => processState(each) === 'dead'), PATIENCE)
  })
})
