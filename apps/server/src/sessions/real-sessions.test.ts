import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { clientOf, isAlive, logIn, type Program, startProgram } from '../testing/program.ts'

const PASSWORD = 'correct horse battery'

function start(cwd: string, env: Record<string, string> = {}): Program {
  return startProgram(onTestFinished, cwd, { AI_CONDUCTOR_PASSWORD: PASSWORD, ...env })
}

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
