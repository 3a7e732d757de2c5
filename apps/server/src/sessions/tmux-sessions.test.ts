import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { connectSessionHost } from '@conductor/pty-session'
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

const PASSWORD = 'correct horse battery'
const hasTmux = process.platform !== 'win32' && spawnSync('tmux', ['-V']).status === 0

interface Made {
  readonly id: string
  readonly pid: number
  readonly runtime: string
  readonly attachCommand: string[]
}

/** A folder for one server after the other. Its tmux ends with the test, and all that is in it. */
function house() {
  const cwd = temporaryFolder(onTestFinished)
  const socket = join(cwd, 'data', 'tmux.sock')
  onTestFinished(() => void spawnSync('tmux', ['-S', socket, 'kill-server']))
  return {
    cwd,
    socket,
    start: (env: Record<string, string> = {}): Program =>
      startProgram(onTestFinished, cwd, { AI_CONDUCTOR_PASSWORD: PASSWORD, ...env }),
    hostOf: (id: string): number =>
      JSON.parse(readFileSync(join(cwd, 'data/sessions', id, 'host.json'), 'utf8')).identity.pid,
  }
}

function make(client: Client, body: object = {}): Promise<Made> {
  return client.json('/api/sessions', {
    method: 'POST',
    body: JSON.stringify({ runtime: 'tmux', ...body }),
  })
}

async function output(client: Client, id: string): Promise<string> {
  return (await client.request(`/api/sessions/${id}/output`)).text()
}

function untilSaid(client: Client, id: string, text: string): Promise<string> {
  const what = `the session says ${text}`
  return until(
    async () => {
      const found = await output(client, id)
      return found.includes(text) ? found : undefined
    },
    { what, timeoutMs: 20_000 },
  )
}

const remove = (client: Client, id: string) =>
  client.request(`/api/sessions/${id}`, { method: 'DELETE' })

/** A plain WebSocket client, which counts what it is sent. */
async function view(client: Client, id: string) {
  const ws = new WebSocket(`${client.url.replace('http', 'ws')}/ws/${id}`, {
    headers: { 'X-Session-Token': client.token },
  })
  onTestFinished(() => ws.terminate())
  const viewer = {
    said: '',
    type: (data: string) => ws.send(JSON.stringify({ type: 'input', data })),
  }
  ws.on('message', (message) => {
    const { type, data } = JSON.parse(String(message))
    if (type === 'output') viewer.said += data
  })
  await new Promise((resolve) => ws.once('open', resolve))
  return viewer
}

const LINES = 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.02; done'

function expectLines(text: string, count: number): void {
  const expected = Array.from({ length: count }, (_, i) => `line ${i + 1}`)
  expect(text.split('\r\n').slice(0, count)).toEqual(expected)
}

describe.skipIf(!hasTmux)('a session in tmux', () => {
  it('goes on over kill -9 of the server, of its host, and of both: same shell, every line once', async () => {
    const { start, hostOf, cwd, socket } = house()
    const program = start()
    let client = await logIn(await program.url(), PASSWORD)
    const { id, pid, runtime } = await make(client, { command: 'sh', args: ['-c', LINES] })
    expect(runtime).toBe('tmux')
    await untilSaid(client, id, 'line 5\r')
    const first = hostOf(id)
    process.kill(first, 'SIGKILL')
    await until(() => hostOf(id) !== first, { what: 'another host is there' })
    await untilSaid(client, id, 'line 60\r')
    expect(await client.json(`/api/sessions/${id}`)).toMatchObject({ pid, status: 'running' })

    program.kill('SIGKILL')
    await program.whenOver()
    const second = start()
    client = clientOf(await second.url(), client.token)
    expect(await client.json('/api/sessions')).toMatchObject([{ id, pid, runtime: 'tmux' }])
    await untilSaid(client, id, 'line 120\r')

    second.kill('SIGKILL')
    process.kill(hostOf(id), 'SIGKILL')
    await second.whenOver()
    client = clientOf(await start().url(), client.token)
    expect(await client.json('/api/sessions')).toMatchObject([{ id, pid, status: 'running' }])
    expectLines(await untilSaid(client, id, 'line 200\r'), 200)

    expect((await remove(client, id)).status).toBe(200)
    expect(isAlive(pid)).toBe(false)
    expect(readdirSync(join(cwd, 'data/sessions'))).toEqual([])
    const noServer = () => spawnSync('tmux', ['-S', socket, 'list-sessions']).status !== 0
    await until(noServer, { what: 'no tmux server is left' })
  }, 60_000)

  it('is used by a person beside viewers: all see the same, both type', async () => {
    const { start, cwd } = house()
    const client = await logIn(await start().url(), PASSWORD)
    const { id, attachCommand } = await make(client, { command: 'sh' })
    const viewers = await Promise.all(Array.from({ length: 5 }, () => view(client, id)))
    viewers[0]?.type('echo from""page\n')
    for (const viewer of viewers) await until(() => viewer.said.includes('frompage'))
    // A person's terminal is another session, in the server itself.
    const [command, ...args] = attachCommand
    const person = await make(client, { runtime: 'server', command, args, cols: 60, rows: 10 })
    expect(person).not.toHaveProperty('attachCommand')
    await untilSaid(client, person.id, 'frompage')
    const hands = await view(client, person.id)
    hands.type('stty size; echo from""person\r')
    for (const viewer of viewers) await until(() => viewer.said.includes('fromperson'))
    expect(await output(client, id)).toContain('24 80')
    // What the person's tmux has asked its own terminal is nothing that was said in here, or typed.
    viewers[4]?.type('echo st""ill\n')
    await untilSaid(client, person.id, 'still')
    const said = await output(client, id)
    for (const stray of ['\x1b[c', '\x1b[>c', '\x1b[>q', '^[[']) expect(said).not.toContain(stray)
    await remove(client, person.id)
    await remove(client, id)
    expect(existsSync(join(cwd, 'data/sessions', id))).toBe(false)
  }, 60_000)

  it('is answered once when it asks its terminal, with nobody there and with five', async () => {
    const { start } = house()
    const client = await logIn(await start().url(), PASSWORD)
    const ask = `stty raw -echo; printf '\\033[c\\033[>c\\033[6n'; echo asked; exec cat -v`
    const { id } = await make(client, { command: 'sh', args: ['-c', ask] })
    for (let i = 0; i < 5; i++) await view(client, id)
    // cat -v shows what was typed to it: the three answers, as tmux gives them, in order.
    const said = await untilSaid(client, id, 'R')
    expect(said.match(/\^\[\[\?[\d;]+c/g)).toHaveLength(1)
    expect(said.match(/\^\[\[>[\d;]+c/g)).toHaveLength(1)
    expect(said.match(/\^\[\[\d+;\d+R/g)).toHaveLength(1)
    await remove(client, id)
  })

  it('may be started by more than 16 KB, needs nobody’s configuration, and is not confused with another', async () => {
    const { start, cwd, socket } = house()
    writeFileSync(join(cwd, '.tmux.conf'), 'kill-server\nset -g default-command false\n')
    const client = await logIn(await start().url(), PASSWORD)
    const long = 'x'.repeat(40_000)
    const args = ['-c', 'echo got $(printf %s "$1" | wc -c); exec cat', 'sh', long]
    const one = await make(client, { command: 'sh', args })
    const two = await make(client, { command: 'sh' })
    await untilSaid(client, one.id, 'got 40000')
    expect(one.attachCommand).toEqual(['tmux', '-S', socket, 'attach-session', '-t', `=${one.id}`])
    await remove(client, one.id)
    expect(isAlive(two.pid)).toBe(true)
    await remove(client, two.id)
  })

  it('where there is no tmux is refused with the fix, and leaves nothing behind', async () => {
    const { start, cwd, socket } = house()
    const bin = join(cwd, 'bin')
    mkdirSync(bin)
    symlinkSync('/bin/sh', join(bin, 'sh'))
    const client = await logIn(await start({ PATH: bin }).url(), PASSWORD)
    const answer = await client.request('/api/sessions', {
      method: 'POST',
      body: '{"runtime":"tmux"}',
    })
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({
      code: 'TMUX_MISSING',
      error: expect.stringContaining('install it'),
    })
    expect(readdirSync(join(cwd, 'data/sessions'))).toEqual([])
    expect(existsSync(socket)).toBe(false)
    expect(await client.json('/api/sessions')).toEqual([])
  })

  it('comes back after a reboot, under its id, with what it had said', async () => {
    const { start, hostOf, socket } = house()
    const program = start()
    const client = await logIn(await program.url(), PASSWORD)
    const { id, pid } = await make(client)
    const viewer = await view(client, id)
    viewer.type('echo be""fore\n')
    await untilSaid(client, id, 'before')
    program.kill('SIGKILL')
    process.kill(hostOf(id), 'SIGKILL')
    const tmux = spawnSync('tmux', ['-S', socket, 'display-message', '-p', '#{pid}'])
    process.kill(Number(tmux.stdout), 'SIGKILL')
    await until(() => !isAlive(pid))
    await program.whenOver()
    const next = clientOf(await start().url(), client.token)
    const [session] = await until(
      async () => {
        const list = await next.json<(Made & { status: string })[]>('/api/sessions')
        return list[0]?.status === 'running' ? list : undefined
      },
      { timeoutMs: 20_000, what: 'it runs again' },
    )
    expect(session).toMatchObject({ id, runtime: 'tmux' })
    expect(session?.pid).not.toBe(pid)
    expect(await output(next, id)).toContain('before')
    expect(spawnSync('tmux', ['-S', socket, 'has-session', '-t', `=${id}`]).status).toBe(0)
    await remove(next, id)
    await expect(connectSessionHost({ dir: join(socket, '..', 'sessions', id) })).rejects.toThrow()
  }, 60_000)
})
