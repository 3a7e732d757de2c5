import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createLink } from '@conductor/supervisor-watchdog'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { clientOf, isAlive, logIn, type Program, startProgram } from './testing/program.ts'

const PASSWORD = 'correct horse battery'
const GRACE_MS = 600

function start(cwd: string, env: Record<string, string> = {}): Program {
  return startProgram(onTestFinished, cwd, {
    AI_CONDUCTOR_PASSWORD: PASSWORD,
    AI_CONDUCTOR_LINK_GRACE: `${GRACE_MS}ms`,
    ...env,
  })
}

/** An app that holds the link for as long as it lives. */
async function app(cwd: string): Promise<ChildProcess> {
  const program = 'require("net").connect(process.argv[1], () => console.log("linked")).resume()'
  const child = spawn(process.execPath, ['-e', program, join(cwd, 'data', 'supervise.sock')])
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

const metric = async (url: string, name: string) =>
  new RegExp(`^${name} (\\S+)$`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1]

describe('the liveness link', () => {
  it('ends the server 5 s after its app is killed, and no session with it', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const program = start(cwd, { AI_CONDUCTOR_OWNER: 'app', AI_CONDUCTOR_LINK_GRACE: '' })
    const client = await logIn(await program.url(), PASSWORD)
    const { id, pid } = await client.json<{ id: string; pid: number }>('/api/sessions', {
      method: 'POST',
    })
    const child = await app(cwd)
    await until(async () => (await metric(client.url, 'conductor_liveness_clients')) === '1')
    const before = performance.now()
    child.kill('SIGKILL')
    expect(await program.whenOver()).toBe(0)
    expect(performance.now() - before).toBeGreaterThan(4_950)
    expect(performance.now() - before).toBeLessThan(9_000)
    expect(program.stderr).toContain('the last app that needed it has gone')
    expect(existsSync(join(cwd, 'data', 'running.json'))).toBe(false)
    expect(isAlive(pid)).toBe(true)
    const next = clientOf(await start(cwd).url(), client.token)
    expect(await next.json('/api/sessions')).toMatchObject([{ id, pid, status: 'running' }])
    await next.request(`/api/sessions/${id}`, { method: 'DELETE' })
  })

  it('keeps it for an app that comes back late in the 5 s', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const program = start(cwd, { AI_CONDUCTOR_OWNER: 'app', AI_CONDUCTOR_LINK_GRACE: '' })
    const url = await program.url()
    const first = await app(cwd)
    const killedMs = performance.now()
    first.kill('SIGKILL')
    await until(
      async () =>
        (await metric(url, 'conductor_liveness_state{state="grace"}'.replace(/[{}]/g, '\\$&'))) ===
        '1',
    )
    // At 4.9 s it is a matter of the machine's mood: a fake clock has that, in supervisor-watchdog.
    await until(() => performance.now() - killedMs > 4_000)
    const link = createLink({ path: join(cwd, 'data', 'supervise.sock') })
    onTestFinished(() => link.close())
    await until(() => link.connected)
    const isOver = until(() => program.exit, { timeoutMs: 2_500 }).then(
      () => true,
      () => false,
    )
    expect(await isOver).toBe(false)
    expect(await metric(url, 'conductor_liveness_clients')).toBe('1')
  })

  it.each([
    ['that nobody ever linked to', {}, false],
    ['whose owner is "persistent"', { AI_CONDUCTOR_OWNER: 'persistent' }, true],
  ])('never ends one %s', async (_, env, linked) => {
    const cwd = temporaryFolder(onTestFinished)
    const program = start(cwd, { AI_CONDUCTOR_LINK_GRACE: '0s', ...env })
    const url = await program.url()
    if (linked) (await app(cwd)).kill('SIGKILL')
    await until(async () => (await metric(url, 'conductor_liveness_clients')) === '0')
    const isOver = until(() => program.exit, { timeoutMs: 1_000 }).then(
      () => true,
      () => false,
    )
    expect(await isOver).toBe(false)
  })

  it('that cannot be made is a warning', async () => {
    const cwd = temporaryFolder(onTestFinished)
    mkdirSync(join(cwd, 'data', 'supervise.sock'), { recursive: true, mode: 0o700 })
    const program = start(cwd)
    const url = await program.url()
    await until(() => program.stderr.includes('NOT_BOUND'))
    expect((await fetch(`${url}/api/health`)).status).toBe(200)
    program.kill('SIGTERM')
    expect(await program.whenOver()).toBe(0)
  })
})

describe('two servers that are started at once', () => {
  it('are one, and the other says who', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const both = [start(cwd), start(cwd)]
    const loser = await until(() => both.find(({ exit }) => exit))
    const winner = both.find((each) => each !== loser)
    await winner?.url()
    expect(loser.exit?.code).toBe(1)
    expect(loser.stderr).toMatch(new RegExp(`^already running: pid ${winner?.pid} `))
    // The link of the one that runs is not disturbed.
    const socket = connect(join(cwd, 'data', 'supervise.sock'))
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
  })
})

describe('the graceful end with an event stream and 50 viewers', () => {
  it('takes less than two seconds', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const program = start(cwd)
    const client = await logIn(await program.url(), PASSWORD)
    const { id } = await client.json<{ id: string }>('/api/sessions', { method: 'POST' })
    const events = await client.request('/api/events')
    const sockets = Array.from(
      { length: 50 },
      () =>
        new WebSocket(`${client.url.replace('http', 'ws')}/ws/${id}`, {
          headers: { 'X-Session-Token': client.token },
        }),
    )
    await Promise.all(sockets.map((socket) => once(socket, 'open')))
    const before = performance.now()
    program.kill('SIGTERM')
    expect(await program.whenOver()).toBe(0)
    expect(performance.now() - before).toBeLessThan(2_000)
    await events.text()
    const next = clientOf(await start(cwd).url(), client.token)
    await next.request(`/api/sessions/${id}`, { method: 'DELETE' })
  })
})
