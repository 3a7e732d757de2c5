import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ProcessJson } from './server/process-json.ts'
import { MAIN, type Program, serve, start } from './testing/program.ts'

/** Counts for as long as its folder is there: so nothing stays behind, whatever a test does. */
const TICKER = 'i=0; while [ -e "$0" ]; do i=$((i+1)); echo "line $i"; sleep 0.02; done'

/** A folder with a processes file: `ticker`, and `web` after it. */
function project(): string {
  const cwd = temporaryFolder(onTestFinished)
  const script = join(cwd, 'ticker.sh')
  writeFileSync(script, TICKER)
  const processes = {
    ticker: { command: 'sh', args: [script], groups: ['all'] },
    web: { command: 'sh', args: [script], groups: ['all'], dependsOn: { ticker: 'started' } },
  }
  writeFileSync(join(cwd, 'conductor.json'), JSON.stringify({ processes }))
  return cwd
}

async function conductor(cwd: string, ...args: string[]): Promise<Program & { code: unknown }> {
  const program = start(onTestFinished, cwd, args)
  const code = await program.whenOver()
  return Object.assign(program, { code })
}

async function processes(cwd: string): Promise<ProcessJson[]> {
  return JSON.parse((await conductor(cwd, 'ps', '--json')).stdout) as ProcessJson[]
}

describe('the command line and the real server', () => {
  it('start, list, explain and stop daemons', async () => {
    const cwd = project()
    const server = await serve(onTestFinished, cwd)
    const up = await conductor(cwd, 'up')
    expect([up.code, up.stderr]).toEqual([0, ''])
    expect(up.stdout).toMatch(/^ticker is ready \(pid \d+\)\nweb is ready \(pid \d+\)\n$/)
    const [ticker, web] = await processes(cwd)
    expect([ticker?.phase, web?.phase]).toEqual(['running', 'running'])

    // Again: nothing has changed, and nothing is touched.
    expect((await conductor(cwd, 'up')).code).toBe(0)
    expect((await processes(cwd))[0]?.pid).toBe(ticker?.pid)

    expect((await conductor(cwd, 'restart', 'web')).stdout).toMatch(/^web is ready \(pid \d+\)\n$/)
    expect((await processes(cwd))[1]?.pid).not.toBe(web?.pid)
    expect((await conductor(cwd, 'why', 'web')).stdout).toMatch(/^web is running\n {2}/)
    expect((await conductor(cwd, 'down', 'all')).stdout).toBe('ticker is stopped\nweb is stopped\n')
    expect((await processes(cwd)).map(({ phase }) => phase)).toEqual(['stopped', 'stopped'])
    expect((await conductor(cwd, 'why', 'ticker')).stdout).toContain('conductor down')

    server.child.kill('SIGTERM')
    expect(await server.whenOver()).toBe(0)
    expect(existsSync(join(cwd, 'data', 'cli-token'))).toBe(false)
    expect((await conductor(cwd, 'ps')).code).toBe(1)
  })

  it('lose no line and no daemon to a kill -9 of the server, and repeat none', async () => {
    const cwd = project()
    const first = await serve(onTestFinished, cwd)
    expect((await conductor(cwd, 'up')).code).toBe(0)
    const before = await processes(cwd)
    const logs = start(onTestFinished, cwd, ['logs', '-f', 'ticker'])
    await until(() => logs.stdout.split('\n').length > 20, { timeoutMs: 15_000 })
    first.child.kill('SIGKILL')
    await first.whenOver()
    const seen = logs.stdout.split('\n').length
    await until(() => logs.stderr.includes('waiting for the next one'), { timeoutMs: 15_000 })

    await serve(onTestFinished, cwd)
    const after = await processes(cwd)
    expect(after.map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid))
    await until(() => logs.stdout.split('\n').length > seen + 100, { timeoutMs: 20_000 })
    logs.child.kill('SIGINT')
    expect(await logs.whenOver()).toBe(0)
    const lines = logs.stdout.split('\n').slice(0, -1)
    expect(lines).toEqual(lines.map((_, index) => `line ${index + 1}`))
    expect((await conductor(cwd, 'down')).code).toBe(0)
  })

  it('leave daemons running over a graceful end, and the next server has them at once', async () => {
    const cwd = project()
    const first = await serve(onTestFinished, cwd)
    await conductor(cwd, 'up')
    const before = await processes(cwd)
    first.child.kill('SIGTERM')
    expect(await first.whenOver()).toBe(0)
    await serve(onTestFinished, cwd)
    const after = await processes(cwd)
    expect(after.map(({ pid, ready }) => [pid, ready])).toEqual(
      before.map(({ pid }) => [pid, true]),
    )
    expect((await conductor(cwd, 'down')).code).toBe(0)
  })

  it('tell a monitor the truth, at once after a kill -9 too', async () => {
    const cwd = project()
    const server = await serve(onTestFinished, cwd)
    const check = () => conductor(cwd, 'check', 'data')
    await until(async () => (await check()).code === 0, { timeoutMs: 15_000 })
    expect((await check()).stdout).toMatch(/^OK - Last heartbeat \d+s ago \| age=\d+s;60;120;0/)
    expect((await conductor(cwd, 'daemon-status')).stdout).toContain(`PID: ${server.child.pid}\n`)
    server.child.kill('SIGKILL')
    await server.whenOver()
    expect((await check()).code).toBe(2)
    expect((await conductor(cwd, 'daemon-status')).code).toBe(1)
  })

  it('say what failed, with the last words of the daemon', async () => {
    const cwd = project()
    await serve(onTestFinished, cwd)
    const bad = {
      ...{ command: 'sh', args: ['-c', 'echo the reason >&2; exit 3'], restart: { mode: 'never' } },
      ready: { kind: 'delay', delayMs: 5_000 },
    }
    writeFileSync(join(cwd, 'bad.json'), JSON.stringify({ processes: { bad } }))
    const up = await conductor(cwd, 'up', 'bad.json')
    expect([up.code, up.stdout]).toEqual([1, ''])
    expect(up.stderr).toContain('code 3')
    expect(up.stderr).toContain('the reason')
  })

  it('say nothing when their reader has seen enough', async () => {
    const cwd = project()
    await serve(onTestFinished, cwd)
    await conductor(cwd, 'up')
    const pipe = `"${process.execPath}" "${MAIN}" logs -f ticker | head -n 1`
    const program = start(onTestFinished, cwd, [pipe], ['sh', '-c'])
    expect(await program.whenOver()).toBe(0)
    expect([program.stdout, program.stderr]).toEqual(['line 1\n', ''])
    expect((await conductor(cwd, 'down')).code).toBe(0)
  })

  it('keep their token to this user', async () => {
    const cwd = project()
    await serve(onTestFinished, cwd)
    expect(statSync(join(cwd, 'data', 'cli-token')).mode & 0o777).toBe(0o600)
  })

  it('refuse a second server on the same folder', async () => {
    const cwd = project()
    await serve(onTestFinished, cwd)
    const second = await conductor(cwd, 'serve')
    expect(second.code).toBe(1)
    expect(second.stderr).toContain('already running')
  })
})
