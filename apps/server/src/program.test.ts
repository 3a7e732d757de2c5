import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { hashPassword } from './auth/password-hash.ts'
import { isAlive, logIn, type Program, startProgram } from './testing/program.ts'

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

  it('says only where the password is, when what it prints is a file', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const log = join(cwd, 'log')
    const fd = openSync(log, 'w')
    const program = startProgram(onTestFinished, cwd, {}, { stdout: fd })
    closeSync(fd)
    await until(() => readFileSync(log, 'utf8').includes('Listening on'), { timeoutMs: 20_000 })
    const path = join(cwd, 'data', 'password')
    expect(readFileSync(log, 'utf8')).toContain(`The password was made just now: ${path} has it\n`)
    expect(readFileSync(log, 'utf8')).not.toContain(readFileSync(path, 'utf8').trim())
    expect(program.stderr).not.toContain(readFileSync(path, 'utf8').trim())
  })

  it('with the hash of a password lets that password in, and has it nowhere', async () => {
    const cwd = temporaryFolder(onTestFinished)
    const program = start(cwd, {
      AI_CONDUCTOR_PASSWORD: '',
      AI_CONDUCTOR_PASSWORD_HASH: await hashPassword(PASSWORD),
    })
    const client = await logIn(await program.url(), PASSWORD)
    expect(client.token).toHaveLength(64)
    const { id } = await client.json<{ id: string }>('/api/sessions', {
      method: 'POST',
      body: JSON.stringify({ command: 'sh', args: ['-c', 'env; echo done; cat'] }),
    })
    const output = async () => (await client.request(`/api/sessions/${id}/output`)).text()
    const text = await until(async () => ((await output()).includes('done') ? output() : undefined))
    expect(text).not.toContain('scrypt')
    await client.request(`/api/sessions/${id}`, { method: 'DELETE' })
    expect(program.stdout).not.toContain('Password')
    const found = spawnSync('grep', ['-rl', PASSWORD, cwd], { encoding: 'utf8' })
    expect(found.stdout).toBe('')
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
