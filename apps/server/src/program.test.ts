import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { clientOf, logIn, type Program, startProgram } from './testing/program.ts'

const PASSWORD = 'correct horse battery'

function start(cwd: string, env: Record<string, string> = {}): Program {
  return startProgram(onTestFinished, cwd, { AI_CONDUCTOR_PASSWORD: PASSWORD, ...env })
}

describe('the program', () => {
  it('prints one line when it is ready, says the same in running.json, and removes it at the end', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const program = start(cwd)
    const url = await program.url()
    expect(program.stdout).toBe(`Listening on ${url}\n`)
    const path = join(cwd, 'data', 'running.json')
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
      pid: program.pid,
      port: Number(new URL(url).port),
      url,
      identity: { pid: program.pid },
    })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    program.kill('SIGTERM')
    expect(await program.whenOver()).toBe(0)
    expect(existsSync(path)).toBe(false)
  })

  it('makes a password when it has none, prints it once and keeps it to this user', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const first = start(cwd, { AI_CONDUCTOR_PASSWORD: '' })
    const url = await first.url()
    const password = /^Password: (\S+)$/m.exec(first.stdout)?.[1] ?? ''
    expect((await logIn(url, password)).token).toHaveLength(64)
    expect(statSync(join(cwd, 'data', 'password')).mode & 0o777).toBe(0o600)
    first.kill('SIGTERM')
    await first.whenOver()
    const second = start(cwd, { AI_CONDUCTOR_PASSWORD: '' })
    expect((await logIn(await second.url(), password)).token).toHaveLength(64)
    expect(second.stdout).not.toContain('Password')
  })

  it.each([
    [{ AI_CONDUCTOR_ADDR: 'nonsense' }, 'AI_CONDUCTOR_ADDR'],
    [{ AI_CONDUCTOR_SESSION_TIMEOUT: '5 parsecs' }, 'AI_CONDUCTOR_SESSION_TIMEOUT'],
    [{ AI_CONDUCTOR_ADDR: '0.0.0.0:0', AI_CONDUCTOR_PASSWORD: 'admin' }, 'AI_CONDUCTOR_PASSWORD'],
  ])('refuses %j with one line and 2, before anything is touched', async (env, name) => {
    const cwd = temporaryFolder(onTestFinished)
    const program = start(cwd, env)
    expect(await program.whenOver()).toBe(2)
    expect(program.stderr).toMatch(new RegExp(`^${name}: [^\\n]+\\n$`))
    expect(readdirSync(cwd)).toEqual([])
  })

  it('refuses to run twice: names the first, touches nothing, exits 1; and takes over after a crash', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const pidFile = join(cwd, 'conductor.pid')
    const first = start(cwd, { AI_CONDUCTOR_PID_FILE: pidFile })
    await first.url()
    const before = readFileSync(join(cwd, 'data', 'running.json'), 'utf8')
    const second = start(cwd, { AI_CONDUCTOR_PID_FILE: pidFile })
    expect(await second.whenOver()).toBe(1)
    expect(second.stderr).toMatch(new RegExp(`^already running: pid ${first.pid} [^\\n]*\\n$`))
    expect(readFileSync(join(cwd, 'data', 'running.json'), 'utf8')).toBe(before)

    const elsewhere = temporaryFolder(onTestFinished)
    const third = start(elsewhere, { AI_CONDUCTOR_PID_FILE: pidFile })
    expect(await third.whenOver()).toBe(1)
    expect(readFileSync(pidFile, 'utf8').split('\n')[0]).toBe(String(first.pid))
    expect(existsSync(join(elsewhere, 'data', 'running.json'))).toBe(false)

    first.kill('SIGKILL')
    await first.whenOver()
    const fourth = start(cwd, { AI_CONDUCTOR_PID_FILE: pidFile })
    await fourth.url()
    expect(readFileSync(pidFile, 'utf8').split('\n')[0]).toBe(String(fourth.pid))
    fourth.kill('SIGINT')
    expect(await fourth.whenOver()).toBe(0)
    expect(existsSync(pidFile)).toBe(false)
  })

  it('says which address is taken, and gives back what it claimed', async () => {
    const url = await start(temporaryFolder(onTestFinished)).url()
    const cwd = temporaryFolder(onTestFinished)
    const second = start(cwd, { AI_CONDUCTOR_ADDR: new URL(url).host })
    expect(await second.whenOver()).toBe(1)
    expect(second.stderr).toContain('another program listens there')
    expect(existsSync(join(cwd, 'data', 'running.json'))).toBe(false)
  })

  it('is not ended by SIGHUP, nor by a reader of its output that goes away', async () => {
    const program = start(temporaryFolder(onTestFinished))
    const url = await program.url()
    program.child.stdout?.destroy()
    program.child.stderr?.destroy()
    program.kill('SIGHUP')
    for (let i = 0; i < 5; i++) {
      await fetch(`${url}/api/login`, { method: 'POST', body: '{"password":"x"}' })
      expect((await fetch(`${url}/api/health`)).status).toBe(200)
    }
  })

  it('ends at once on a second signal', async () => {
    const program = start(temporaryFolder(onTestFinished))
    const client = await logIn(await program.url(), PASSWORD)
    // One that does not mind being asked to go, so that the graceful end takes its time.
    const { pid } = await client.json<{ pid: number }>('/api/sessions', {
      method: 'POST',
      body: JSON.stringify({
        durability: 'server',
        command: 'sh',
        args: ['-c', "trap '' HUP TERM; echo ready; while :; do sleep 1; done"],
      }),
    })
    const [session] = await client.json<{ id: string }[]>('/api/sessions')
    await until(async () =>
      (await (await client.request(`/api/sessions/${session?.id}/output`)).text()).includes(
        'ready',
      ),
    )
    onTestFinished(() => {
      if (isAlive(pid)) process.kill(-pid, 'SIGKILL')
    })
    program.kill('SIGINT')
    await until(() => program.stderr.includes('shutting down'))
    program.kill('SIGTERM')
    expect(await program.whenOver()).toBe(143)
  })
})

describe('the graceful end with everything attached', () => {
  it('tells sockets and event streams, waits for none of them, and leaves 0', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const program = start(cwd)
    const client = await logIn(await program.url(), PASSWORD)
    const { id } = await client.json<{ id: string }>('/api/sessions', { method: 'POST' })
    const codes: number[] = []
    for (let i = 0; i < 5; i++) {
      const ws = new WebSocket(`${client.url.replace('http', 'ws')}/ws/${id}`, {
        headers: { 'X-Session-Token': client.token },
      })
      ws.on('close', (code) => codes.push(code))
      await new Promise((resolve) => ws.once('open', resolve))
      if (i === 0) ws.pause() // and one that does not even read
    }
    const events = await client.request('/api/events')
    const begin = performance.now()
    program.kill('SIGTERM')
    expect(await program.whenOver()).toBe(0)
    expect(performance.now() - begin).toBeLessThan(5_000)
    await until(() => codes.length >= 4)
    expect(codes.every((code) => code === 1001)).toBe(true)
    await events.text()

    const next = start(cwd)
    const again = await logIn(await next.url(), PASSWORD)
    expect(await again.json('/api/sessions')).toMatchObject([{ id, status: 'running' }])
    await again.request(`/api/sessions/${id}`, { method: 'DELETE' })
  })

  it('ends sessions too where AI_CONDUCTOR_ON_SHUTDOWN says close', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const program = start(cwd, { AI_CONDUCTOR_ON_SHUTDOWN: 'close' })
    const client = await logIn(await program.url(), PASSWORD)
    const { pid } = await client.json<{ pid: number }>('/api/sessions', { method: 'POST' })
    program.kill('SIGTERM')
    expect(await program.whenOver()).toBe(0)
    expect(isAlive(pid)).toBe(false)
    expect(readdirSync(join(cwd, 'data', 'sessions'))).toEqual([])
  })

  it('begins by request', async () => {
    const program = start(temporaryFolder(onTestFinished))
    const client = await logIn(await program.url(), PASSWORD)
    expect((await client.request('/api/shutdown', { method: 'POST' })).status).toBe(202)
    expect(await program.whenOver()).toBe(0)
  })
})

describe('sessions over the life of servers', () => {
  it('go on over kill -9: same ids, same shells, same logins, and nothing is lost', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const program = start(cwd)
    const client = await logIn(await program.url(), PASSWORD)
    const made: { id: string; pid: number }[] = []
    for (let i = 0; i < 3; i++)
      made.push(
        await client.json('/api/sessions', {
          method: 'POST',
          body: JSON.stringify({
            command: 'sh',
            args: ['-c', 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.02; done'],
          }),
        }),
      )
    const output = async (id: string, url: string): Promise<string> =>
      (
        await fetch(`${url}/api/sessions/${id}/output`, {
          headers: { 'X-Session-Token': client.token },
        })
      ).text()
    await until(async () => (await output(made[0]?.id ?? '', client.url)).includes('line 5\r'))
    program.kill('SIGKILL')
    await program.whenOver()

    const next = await start(cwd).url()
    const list = await (
      await fetch(`${next}/api/sessions`, { headers: { 'X-Session-Token': client.token } })
    ).json()
    expect(list).toMatchObject(made.map(({ id, pid }) => ({ id, pid, status: 'running' })))
    for (const { id } of made) {
      const text = await until(async () => {
        const found = await output(id, next)
        return found.includes('line 60\r') ? found : undefined
      })
      const lines = text.split('\r\n').slice(0, 60)
      expect(lines).toEqual(Array.from({ length: 60 }, (_, i) => `line ${i + 1}`))
      const gone = await fetch(`${next}/api/sessions/${id}`, {
        method: 'DELETE',
        headers: { 'X-Session-Token': client.token },
      })
      expect(gone.status).toBe(200)
    }
    for (const { pid } of made) expect(isAlive(pid)).toBe(false)
  })

  it('share hosts where the operator wants it, and are found again in them', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const env = { AI_CONDUCTOR_SESSIONS_PER_HOST: '2' }
    const program = start(cwd, env)
    const client = await logIn(await program.url(), PASSWORD)
    const made = await Promise.all(
      [1, 2, 3].map(() =>
        client.json<{ id: string; pid: number }>('/api/sessions', { method: 'POST' }),
      ),
    )
    const hosts = join(cwd, 'data', 'hosts')
    expect(readdirSync(hosts)).toHaveLength(2)
    program.kill('SIGKILL')
    await program.whenOver()
    const next = clientOf(await start(cwd, env).url(), client.token)
    const list = await next.json<{ pid: number; status: string }[]>('/api/sessions')
    expect(list.map(({ pid }) => pid).sort()).toEqual(made.map(({ pid }) => pid).sort())
    expect(list.every(({ status }) => status === 'running')).toBe(true)
    for (const { id } of made) await next.request(`/api/sessions/${id}`, { method: 'DELETE' })
    for (const { pid } of made) expect(isAlive(pid)).toBe(false)
  })

  it('never see the password, in the shell or in its host', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const client = await logIn(await start(cwd).url(), PASSWORD)
    const { id, pid } = await client.json<{ id: string; pid: number }>('/api/sessions', {
      method: 'POST',
      body: JSON.stringify({ command: 'sh', args: ['-c', 'env; echo done; cat'] }),
    })
    const text = await until(async () => {
      const found = await (await client.request(`/api/sessions/${id}/output`)).text()
      return found.includes('done') ? found : undefined
    })
    expect(text).toContain('TERM=xterm-256color')
    expect(text).not.toContain('AI_CONDUCTOR')
    const parent = /PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    expect(readFileSync(`/proc/${parent}/environ`, 'utf8')).not.toContain(PASSWORD)
    await client.request(`/api/sessions/${id}`, { method: 'DELETE' })
  })

  it('are ended by DELETE with everything they started', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const client = await logIn(await start(cwd).url(), PASSWORD)
    const { id } = await client.json<{ id: string }>('/api/sessions', {
      method: 'POST',
      body: JSON.stringify({
        command: 'sh',
        args: ['-c', 'sleep 1000 & echo $!; (trap "" HUP; sleep 1001) & echo $!; wait'],
      }),
    })
    const children = await until(async () => {
      const found = await (await client.request(`/api/sessions/${id}/output`)).text()
      const pids = found.split('\r\n').filter(Boolean).map(Number)
      return pids.length === 2 ? pids : undefined
    })
    const gone = await client.request(`/api/sessions/${id}`, { method: 'DELETE' })
    expect(await gone.json()).toEqual({ success: true })
    for (const child of children) await until(() => !isAlive(child))
    expect(readdirSync(join(cwd, 'data', 'sessions'))).toEqual([])
  })

  it('whose host is killed are lost, said so, and removable', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const client = await logIn(await start(cwd).url(), PASSWORD)
    const { id, pid } = await client.json<{ id: string; pid: number }>('/api/sessions', {
      method: 'POST',
    })
    const host = Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    process.kill(host, 'SIGKILL')
    await until(async () => {
      const [session] = await client.json<{ status: string }[]>('/api/sessions')
      return session?.status === 'lost'
    })
    await client.request(`/api/sessions/${id}`, { method: 'DELETE' })
    expect(await client.json('/api/sessions')).toEqual([])
  })

  it('cannot be made while the disk refuses, and can again afterwards', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const data = join(cwd, 'data', 'sessions')
    mkdirSync(data, { recursive: true })
    const client = await logIn(await start(cwd).url(), PASSWORD)
    // Nothing here can fill a disk for one user alone; a file where the folder was is as bad.
    await new Promise((resolve) => spawn('mv', [data, `${data}-away`]).once('close', resolve))
    writeFileSync(data, '')
    expect((await client.request('/api/sessions', { method: 'POST' })).status).toBe(500)
    expect((await client.request('/api/health')).status).toBe(200)
    await new Promise((resolve) => spawn('rm', [data]).once('close', resolve))
    const { id } = await client.json<{ id: string }>('/api/sessions', { method: 'POST' })
    await client.request(`/api/sessions/${id}`, { method: 'DELETE' })
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
