import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { identifyProcess, identifySelf, processState } from '@conductor/process-identity'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { StatusJson } from './commands/status.ts'
import { writeRunFile } from './testing/fake-server.ts'
import { MAIN, type Program, start } from './testing/program.ts'

async function conductor(cwd: string, ...args: string[]): Promise<Program & { code: unknown }> {
  const program = start(onTestFinished, cwd, args)
  const code = await program.whenOver()
  return Object.assign(program, { code })
}

async function status(cwd: string): Promise<StatusJson> {
  return JSON.parse((await conductor(cwd, 'status', '--json')).stdout) as StatusJson
}

/** A folder whose server, if it gets one, ends with the test. */
function folder(): string {
  const cwd = temporaryFolder(onTestFinished)
  onTestFinished(async () => {
    await conductor(cwd, 'stop', '--force', '--timeout', '3s')
  })
  return cwd
}

describe('a server in the background', () => {
  it('is ready when start returns, outlives it, and is gone when stop returns', async () => {
    const cwd = folder()
    const started = await conductor(cwd, 'start')
    expect([started.code, started.stderr]).toEqual([0, ''])
    const password = readFileSync(join(cwd, 'data', 'password'), 'utf8').trim()
    expect(started.stdout).toMatch(
      new RegExp(
        `^the server is ready: http://127.0.0.1:\\d+ \\(pid \\d+\\)\npassword: ${password} \\(kept in .*\\)\n$`,
      ),
    )
    const { pid = 0, url, ...now } = await status(cwd)
    expect(now).toMatchObject({ state: 'ready', sessions: 0, processes: { total: 0, ready: 0 } })
    expect(await (await fetch(`${url}/readyz`)).status).toBe(200)
    const log = join(cwd, 'data', 'server.log')
    expect(statSync(log).mode & 0o777).toBe(0o600)
    expect(readFileSync(log, 'utf8')).not.toContain(password)
    // In a session of its own, with no folder that it would hold.
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3]).toBe(
      String(pid),
    )

    const again = await conductor(cwd, 'start')
    expect([again.code, again.stdout]).toEqual([0, `a server runs already: ${url} (pid ${pid})\n`])
    const identity = identifyProcess(pid) ?? identifySelf()
    const stopped = await conductor(cwd, 'stop')
    expect([stopped.code, stopped.stdout]).toEqual([0, `the server has stopped (pid ${pid})\n`])
    expect(processState(identity)).toBe('dead')
    expect(readFileSync(log, 'utf8')).toContain('server stopped')
    expect((await conductor(cwd, 'stop')).stdout).toMatch(/^no server runs on /)
    expect((await conductor(cwd, 'status')).code).toBe(1)
  })

  it('is one, of several starts at once, and all of them name it', async () => {
    const cwd = folder()
    const starts = await Promise.all(['', '', ''].map(() => conductor(cwd, 'start', '--json')))
    expect(starts.map(({ code, stderr }) => [code, stderr])).toEqual(starts.map(() => [0, '']))
    const told = starts.map(
      ({ stdout }) => JSON.parse(stdout) as { pid: number; alreadyRunning: boolean },
    )
    expect(new Set(told.map(({ pid }) => pid))).toEqual(new Set([(await status(cwd)).pid]))
    expect(told.filter(({ alreadyRunning }) => !alreadyRunning)).toHaveLength(1)
  })

  it('keeps its sessions over a restart', async () => {
    const cwd = folder()
    await conductor(cwd, 'start')
    const before = await status(cwd)
    const id = (await conductor(cwd, 'new', '--', 'cat')).stdout.trim()
    const restarted = await conductor(cwd, 'restart')
    expect([restarted.code, restarted.stderr]).toEqual([0, ''])
    const after = await status(cwd)
    expect([after.state, after.sessions]).toEqual(['ready', 1])
    expect(after.pid).not.toBe(before.pid)
    expect((await conductor(cwd, 'kill', id)).code).toBe(0)
  })

  it('that cannot start says why, with its last lines', async () => {
    const cwd = folder()
    const taken = createServer().listen(0, '127.0.0.1')
    await until(() => taken.listening)
    onTestFinished(() => void taken.close())
    const { port } = taken.address() as { readonly port: number }
    const command = ['env', `AI_CONDUCTOR_ADDR=127.0.0.1:${port}`, process.execPath, MAIN]
    const failed = start(onTestFinished, cwd, ['start'], command)
    expect(await failed.whenOver()).toBe(1)
    expect(failed.stderr).toMatch(/^conductor: the server did not start \(code 1\); its log, /)
    expect(failed.stderr).toContain(String(port))
    expect((await status(cwd)).state).toBe('stopped')
  })

  it('that was killed is stale, is nobody’s to stop, and is replaced', async () => {
    const cwd = folder()
    await conductor(cwd, 'start')
    const { pid = 0 } = await status(cwd)
    const identity = identifyProcess(pid) ?? identifySelf()
    process.kill(pid, 'SIGKILL')
    await until(() => processState(identity) === 'dead')
    expect(await status(cwd)).toMatchObject({ state: 'stale', pid })
    const stopped = await conductor(cwd, 'stop')
    expect([stopped.code, stopped.stdout]).toEqual([
      0,
      expect.stringContaining('without a goodbye'),
    ])
    expect((await conductor(cwd, 'start')).stdout).toMatch(/^the server is ready/)
  })

  it('that hangs is not signalled by stop, and is by stop --force', async () => {
    const cwd = folder()
    await conductor(cwd, 'start')
    const { pid = 0 } = await status(cwd)
    const identity = identifyProcess(pid) ?? identifySelf()
    process.kill(pid, 'SIGSTOP')
    const asked = await conductor(cwd, 'stop', '--timeout', '500ms')
    expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining('stop --force')])
    expect(processState(identity)).toBe('alive')
    expect((await conductor(cwd, 'stop', '--force', '--timeout', '500ms')).code).toBe(0)
    expect(processState(identity)).toBe('dead')
  })

  it('is no process that merely has its pid: that one is never signalled, not even by force', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const bystander = start(onTestFinished, cwd, ['60'], ['sleep'])
    const identity = identifyProcess(bystander.child.pid ?? 0) ?? identifySelf()
    // Another one had this pid before; and one of which nobody can tell.
    for (const other of [{ startTime: '1' }, { bootId: '', host: identity.host, startTime: '' }]) {
      writeRunFile(join(cwd, 'data'), {
        ...{ pid: identity.pid, url: 'http://127.0.0.1:9' },
        identity: { ...identity, ...other },
      })
      await conductor(cwd, 'stop', '--force', '--timeout', '200ms')
      expect(processState(identity)).toBe('alive')
    }
    const unknown = await conductor(cwd, 'stop', '--force', '--timeout', '200ms')
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringContaining('was not signalled'),
    ])
    process.kill(identity.pid, 'SIGKILL')
  })

  it('finds a long log put aside', async () => {
    const cwd = folder()
    await conductor(cwd, 'start')
    await conductor(cwd, 'stop')
    appendFileSync(join(cwd, 'data', 'server.log'), Buffer.alloc(10 * 1024 * 1024 + 1))
    await conductor(cwd, 'start')
    expect(existsSync(join(cwd, 'data', 'server.log.1'))).toBe(true)
    expect(statSync(join(cwd, 'data', 'server.log')).size).toBeLessThan(10_000)
  })

  // The way is watched for longer than the server is ever silent.
  it('is well, says the doctor, through the address that a browser would use too', async () => {
    const cwd = folder()
    const before = await conductor(cwd, 'doctor')
    expect([before.code, before.stderr]).toEqual([0, ''])
    await conductor(cwd, 'start')
    const { url = '' } = await status(cwd)
    const { code, stdout } = await conductor(cwd, 'doctor', '--url', url)
    expect(stdout.match(/^PASS {2}(server|proxy.*?|heartbeat): .*$/gm)).toHaveLength(6)
    expect([code, stdout.includes('FAIL')]).toEqual([0, false])
    const json = await conductor(cwd, 'doctor', '--json', '--url', 'http://127.0.0.1:9')
    expect([json.code, JSON.parse(json.stdout)]).toEqual([
      1,
      expect.objectContaining({ healthy: false }),
    ])
  })
})
