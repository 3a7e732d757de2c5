import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createProcessManager } from '@conductor/process-manager'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Client, clientOf, isAlive, type Program, startProgram } from '../testing/program.ts'

/** A folder, and a daemon in it that runs for as long as the folder is there. */
function project() {
  const cwd = temporaryFolder(onTestFinished)
  const script = join(cwd, 'daemon.sh')
  writeFileSync(script, 'echo here; while [ -e "$0" ]; do sleep 0.05; done')
  const spec = (name: string, more: object = {}) => ({
    ...{ name, command: 'sh', args: [script] },
    ...more,
  })
  return { cwd, stateDir: join(cwd, 'data'), spec }
}

/** The server, asked with the token of the command line. */
async function serve(cwd: string): Promise<{ program: Program; client: Client }> {
  const program = startProgram(onTestFinished, cwd)
  const url = await program.url()
  const token = readFileSync(join(cwd, 'data', 'cli-token'), 'utf8').trim()
  return { program, client: clientOf(url, token) }
}

interface Answer {
  readonly pid: number
  readonly adopted: boolean
}

const add = (client: Client, spec: object) =>
  client.json<Answer>('/api/processes', { method: 'POST', body: JSON.stringify(spec) })

describe('a managed process', () => {
  it('goes on when the server ends or is killed, unless it says otherwise; the next one has it', async () => {
    const { cwd, spec } = project()
    const first = await serve(cwd)
    const { pid } = await add(first.client, spec('stays'))
    const mortal = await add(first.client, spec('goes', { outlive: false }))
    first.program.kill('SIGTERM')
    expect(await first.program.whenOver()).toBe(0)
    expect([isAlive(pid), isAlive(mortal.pid)]).toEqual([true, false])

    const second = await serve(cwd)
    expect(await second.client.json('/api/processes/stays')).toMatchObject({ pid, adopted: true })
    second.program.kill('SIGKILL')
    await second.program.whenOver()
    expect(isAlive(pid)).toBe(true)

    const third = await serve(cwd)
    expect(await third.client.json('/api/processes/stays')).toMatchObject({ pid, adopted: true })
    await third.client.request('/api/processes/stays', { method: 'DELETE' })
    expect(isAlive(pid)).toBe(false)
  })

  it('is in the metrics, whatever its state is the server is ready, and its end is told', async () => {
    const { cwd, spec } = project()
    const { client } = await serve(cwd)
    const { pid } = await add(client, spec('web'))
    const events = (await client.request('/api/events')).body?.getReader()
    // Before that it has no last words.
    const logs = async () => (await client.request('/api/processes/web/logs')).text()
    await until(async () => (await logs()) === 'here\n')
    process.kill(pid, 'SIGKILL')
    let told = ''
    await until(async () => {
      told += Buffer.from((await events?.read())?.value ?? []).toString()
      return told.includes('event: process.death')
    })
    await events?.cancel()
    expect(told).toContain('killed by SIGKILL')
    const metrics = await (await client.request('/metrics')).text()
    expect(metrics).toContain('conductor_process_exits_total{cause="signal",process="web"} 1\n')
    expect(metrics).toContain('conductor_process_state{process="web",state="backoff"} 1\n')
    expect(await (await client.request('/readyz?verbose')).text()).toContain('[+]processes ok\n')
    const deaths = await client.json<object[]>('/api/processes/web/deaths')
    expect(deaths).toMatchObject([{ lastLines: ['here'], at: expect.stringMatching(/Z$/) }])
    await client.request('/api/processes/web', { method: 'DELETE' })
  })

  it('that needs longer than any time-out of HTTP is waited for', { timeout: 60_000 }, async () => {
    const { cwd, spec } = project()
    const { client } = await serve(cwd)
    const ready = { kind: 'delay', delayMs: 16_000 }
    const begin = performance.now()
    expect(await add(client, spec('slow', { ready }))).toMatchObject({ ready: true })
    expect(performance.now() - begin).toBeGreaterThan(15_500)
    await client.request('/api/processes/slow', { method: 'DELETE' })
  })
})

describe('the server', () => {
  it('says who has its processes, when another manager does, and gives everything back', async () => {
    const { cwd, stateDir } = project()
    const root = join(stateDir, 'processes')
    const other = await createProcessManager({ root })
    onTestFinished(() => other.close())
    const program = startProgram(onTestFinished, cwd)
    expect(await program.whenOver()).toBe(1)
    expect(program.stderr).toMatch(new RegExp(`^[^\\n]*${root}[^\\n]*\\n$`))
    expect(existsSync(join(stateDir, 'running.json'))).toBe(false)
    await other.close()
    await serve(cwd)
  })

  it('beats in its state folder, counts its work there, and leaves no beat behind', async () => {
    const { cwd, stateDir } = project()
    const { program, client } = await serve(cwd)
    const path = join(stateDir, 'daemon.heartbeat')
    await until(() => existsSync(path))
    await client.request('/api/processes')
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      pid: program.pid,
      timestamp: expect.stringMatching(/Z$/),
      progress: { requests: {} },
    })
    expect(statSync(stateDir).mode & 0o077).toBe(0)
    program.kill('SIGTERM')
    await program.whenOver()
    for (const name of ['daemon.heartbeat', 'cli-token', 'running.json'])
      expect(existsSync(join(stateDir, name))).toBe(false)
  })
})
