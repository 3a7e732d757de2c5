import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import {
  type Client,
  clientOf,
  isAlive,
  logIn,
  type Program,
  startProgram,
} from '../testing/program.ts'
import { cutPower, hostOf, standIns } from '../testing/stand-ins.ts'

const PASSWORD = 'correct horse battery'
const TASK = 'make it so'

interface Session {
  readonly id: string
  readonly pid: number
  readonly status: string
  readonly reason?: string
}

function machine() {
  const home = temporaryFolder(onTestFinished)
  const agents = standIns(home)
  const work = join(home, 'work')
  mkdirSync(work)
  function boot(env: Record<string, string> = {}): Program {
    return startProgram(onTestFinished, home, {
      ...env,
      AI_CONDUCTOR_PASSWORD: PASSWORD,
      AI_CONDUCTOR_CONFIG: agents.configPath,
      PATH: `${agents.binDir}:${process.env['PATH']}`,
    })
  }
  return {
    home,
    agents,
    work,
    boot,
    async enter(program: Program, token?: string): Promise<Client> {
      const url = await program.url()
      const client = token ? clientOf(url, token) : await logIn(url, PASSWORD)
      // Hooks run from the last to the first: this one while the server that it needs still runs.
      onTestFinished(async () => {
        for (const { id } of await client.json<Session[]>('/api/sessions').catch(() => []))
          await client.request(`/api/sessions/${id}`, { method: 'DELETE' })
      })
      return client
    },
  }
}

const post = (body: object) => ({ method: 'POST', body: JSON.stringify(body) })
const outputOf = async (client: Client, id: string) =>
  (await client.request(`/api/sessions/${id}/output`)).text()

describe('after a reboot', () => {
  it('each kind of session comes back as it can, under its id, with all it had said', async () => {
    const { agents, work, boot, enter, home } = machine()
    const first = boot()
    const client = await enter(first)
    const make = (body: object) =>
      client.json<Session>('/api/sessions', post({ cwd: work, ...body }))
    const native = await make({ agent: 'claude-code', prompt: TASK })
    const prompt = await make({ agent: 'typed', prompt: TASK })
    const orchestrator = await make({ agent: 'typed', kind: 'orchestrator' })
    const worker = await make({ agent: 'typed' })
    const shell = await make({ command: 'sh' })
    const command = await make({ command: 'sh', args: ['-c', 'echo once; cat'] })
    const done = await make({
      command: 'sh',
      args: ['-c', 'read -r x'],
      kind: 'worker',
      prompt: TASK,
    })
    const all = [native, prompt, orchestrator, worker, shell, command]
    const paste = `\u001b[200~${TASK}\u001b[201~`
    await until(() => agents.calls().filter((each) => each.endsWith(`< ${paste}`)).length === 2)
    await until(async () => (await outputOf(client, native.id)).includes('answered'))
    await until(async () => (await outputOf(client, command.id)).includes('once'))
    for (const { pid } of all) {
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(TASK)
      expect(readFileSync(`/proc/${hostOf(pid)}/cmdline`, 'utf8')).not.toContain(TASK)
    }
    expect(statSync(join(home, 'data', 'sessions', prompt.id, 'session.json')).mode & 0o777).toBe(
      0o600,
    )
    await until(
      async () => !(await client.json<Session[]>('/api/sessions')).some(({ id }) => id === done.id),
    )

    first.kill('SIGKILL')
    await first.whenOver()
    cutPower(all.map(({ pid }) => pid))
    const callsBefore = agents.calls().length
    const second = boot()
    const next = await enter(second, client.token)
    const list = await next.json<Session[]>('/api/sessions')
    expect(list.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
    const now = (id: string) => list.find((each) => each.id === id)
    for (const { id, pid } of [native, prompt, orchestrator, shell]) {
      expect(now(id)?.status).toBe('running')
      expect(now(id)?.pid).not.toBe(pid)
    }
    for (const { id } of [worker, command]) {
      expect(now(id)).toMatchObject({
        status: 'lost',
        reason: expect.stringContaining('SESSION_NOT_RESUMABLE'),
      })
      const refused = await next.request(`/api/sessions/${id}/restore`, { method: 'POST' })
      expect(refused.status).toBe(409)
      expect(await refused.json()).toMatchObject({ code: 'SESSION_NOT_RESUMABLE' })
      expect(second.stderr).toMatch(new RegExp(`"level":40.*SESSION_NOT_RESUMABLE.*${id}`))
    }
    await until(() =>
      agents
        .calls()
        .slice(callsBefore)
        .some((each) => each === `typed < ${paste}`),
    )
    const calls = agents.calls().slice(callsBefore)
    const [launch = ''] = agents.calls()
    const sessionId = /--session-id (\S+)/.exec(launch)?.[1]
    expect(calls).toContain(`claude --resume ${sessionId}`)
    expect(calls.filter((each) => each === 'typed ')).toHaveLength(2)
    expect(calls.filter((each) => each.startsWith('claude <'))).toEqual([])
    const text = await until(async () => {
      const found = await outputOf(next, native.id)
      return found.split('claude is here').length === 3 ? found : undefined
    })
    expect(text.indexOf('answered')).toBeLessThan(text.indexOf('[started again]'))
    expect((await outputOf(next, command.id)).match(/once/g)).toHaveLength(1)

    // And a second time, with both histories.
    second.kill('SIGKILL')
    await second.whenOver()
    cutPower(list.filter(({ status }) => status === 'running').map(({ pid }) => pid))
    const last = await enter(boot(), client.token)
    await until(async () => (await outputOf(last, native.id)).split('claude is here').length === 4)
    const recording = await last.request(`/api/sessions/${native.id}/recording?format=asciicast-v3`)
    const lines = (await recording.text())
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each))
    expect(lines.slice(1).filter(([, code]) => code === 'm')).toHaveLength(2)
  })

  it('in good order, sessions come back as well', async () => {
    const { boot, enter, work } = machine()
    const first = boot()
    const client = await enter(first)
    const { id, pid } = await client.json<Session>(
      '/api/sessions',
      post({ agent: 'typed', kind: 'orchestrator', cwd: work }),
    )
    await until(async () => (await outputOf(client, id)).includes('typed is here'))
    const host = hostOf(pid)
    first.kill('SIGTERM')
    await first.whenOver()
    process.kill(host, 'SIGTERM')
    await until(() => !isAlive(host), { timeoutMs: 15_000 })
    const next = await enter(boot(), client.token)
    expect(await next.json('/api/sessions')).toMatchObject([{ id, status: 'running' }])
    const viewer = new WebSocket(`${next.url.replace('http', 'ws')}/ws/${id}`, {
      headers: { 'X-Session-Token': next.token },
    })
    let seen = ''
    viewer.on('message', (text) => {
      seen += (JSON.parse(String(text)) as { data?: string }).data ?? ''
    })
    await until(() => seen.split('typed is here').length === 3)
    expect(seen).toMatch(/typed is here.*\[started again\].*typed is here/s)
    viewer.terminate()
  })

  it('what may still run is never started beside itself', async () => {
    const { boot, enter } = machine()
    const first = boot()
    const client = await enter(first)
    const { id, pid } = await client.json<Session>('/api/sessions', post({}))
    const host = hostOf(pid)
    const restore = (via: Client) => via.request(`/api/sessions/${id}/restore`, { method: 'POST' })
    const running = await restore(client)
    expect([running.status, await running.json()]).toMatchObject([
      409,
      { code: 'SESSION_NOT_RESTORABLE' },
    ])
    first.kill('SIGKILL')
    await first.whenOver()
    process.kill(host, 'SIGSTOP')
    const next = await enter(boot(), client.token)
    expect(await next.json('/api/sessions')).toMatchObject([{ id, status: 'unreachable' }])
    const stopped = await restore(next)
    expect([stopped.status, await stopped.json()]).toMatchObject([
      409,
      { code: 'SESSION_NOT_RESTORABLE' },
    ])
    process.kill(host, 'SIGCONT')
    await until(async () => (await next.json<Session[]>('/api/sessions'))[0]?.status === 'running')
    expect(await next.json('/api/sessions')).toMatchObject([{ id, pid }])
  })

  it('sessions that shared a host come back, in another one', async () => {
    const { boot, enter } = machine()
    const shared = { AI_CONDUCTOR_SESSIONS_PER_HOST: '2' }
    const first = boot(shared)
    const client = await enter(first)
    const made = [
      await client.json<Session>('/api/sessions', post({})),
      await client.json<Session>('/api/sessions', post({})),
    ]
    const [one, two] = made
    process.kill(hostOf(one?.pid ?? 0), 'SIGKILL')
    await until(async () =>
      (await client.json<Session[]>('/api/sessions')).every(({ status }) => status === 'lost'),
    )
    const restored = await client.json<Session>(`/api/sessions/${one?.id}/restore`, post({}))
    expect(restored.status).toBe('running')
    first.kill('SIGKILL')
    await first.whenOver()
    const next = await enter(boot(shared), client.token)
    expect(await next.json('/api/sessions')).toMatchObject([
      { id: one?.id, pid: restored.pid, status: 'running' },
      { id: two?.id, status: 'running' },
    ])
  })

  it('a session that a host lost is restored by hand, once for all who ask', async () => {
    const { boot, enter } = machine()
    const client = await enter(boot())
    const { id, pid } = await client.json<Session>('/api/sessions', post({}))
    process.kill(hostOf(pid), 'SIGKILL')
    await until(async () => (await client.json<Session>(`/api/sessions/${id}`)).status === 'lost')
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        client.json<Session>(`/api/sessions/${id}/restore`, post({})),
      ),
    )
    expect(new Set(answers.map((each) => each.pid)).size).toBe(1)
    expect(answers[0]).toMatchObject({ id, status: 'running' })
    expect(answers[0]?.pid).not.toBe(pid)
    expect(isAlive(pid)).toBe(false)
  })

  it('a pid that somebody else has now is nobody of ours, and is not signalled', async () => {
    const { home, boot, enter } = machine()
    const innocent = spawn('sleep', ['1000'], { detached: true })
    onTestFinished(() => void innocent.kill('SIGKILL'))
    const reused = innocent.pid ?? 0
    const first = boot()
    const client = await enter(first)
    const { id, pid } = await client.json<Session>('/api/sessions', post({}))
    first.kill('SIGKILL')
    await first.whenOver()
    cutPower([pid])
    for (const path of [
      join(home, 'data', 'running.json'),
      join(home, 'data', 'sessions', id, 'host.json'),
      join(home, 'data', 'sessions', id, 'session.json'),
    ]) {
      const file = JSON.parse(readFileSync(path, 'utf8')) as { pid?: number; identity: object }
      // Not of the time when the other one started, which may be the same tick.
      file.identity = { ...file.identity, pid: reused, startTime: '1' }
      if (file.pid) file.pid = reused
      writeFileSync(path, JSON.stringify(file))
    }
    const next = await enter(boot(), client.token)
    expect(await next.json('/api/sessions')).toMatchObject([{ id, status: 'running' }])
    await next.request(`/api/sessions/${id}`, { method: 'DELETE' })
    expect(isAlive(reused)).toBe(true)
    expect(readdirSync(join(home, 'data', 'sessions'))).toEqual([])
  })
})

describe('an agent', () => {
  it.each(['typed', 'reads-stdin', 'reads-file'])(
    'is told its task as one that is %s',
    async (agent) => {
      const { agents, work, boot, enter } = machine()
      const client = await enter(boot())
      const made = await client.json<Session>(
        '/api/sessions',
        post({ agent, prompt: TASK, cwd: work }),
      )
      await until(() => agents.calls().some((each) => each.includes('<') && each.includes(TASK)))
      expect(agents.calls()[0]).not.toContain(TASK)
      expect(readFileSync(`/proc/${made.pid}/cmdline`, 'utf8')).not.toContain(TASK)
      if (agent !== 'typed')
        await until(async () => (await outputOf(client, made.id)).includes('is told'))
    },
  )

  it('shows its task in its arguments only where the config allows that', async () => {
    const { agents, work, boot, enter } = machine()
    const client = await enter(boot())
    const ask = (agent: string) =>
      client.request('/api/sessions', post({ agent, prompt: TASK, cwd: work }))
    const refused = await ask('shows')
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ details: [{ field: 'prompt' }] })
    expect((await ask('may-show')).status).toBe(201)
    await until(() => agents.calls().includes(`may-show --task ${TASK}`))
  })
})
