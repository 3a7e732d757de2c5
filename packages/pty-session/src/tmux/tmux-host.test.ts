import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ProcessIdentity, processState, signalProcess } from '@conductor/process-identity'
import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { SessionHost } from '../host/connect.ts'
import { connectSessionHost } from '../host/connect.ts'
import { spawnSessionHost } from '../host/spawn.ts'
import { openLogReader } from '../log/log-reader.ts'
import { openPty } from '../pty/pty.ts'
import { textOf, typist, untilExited, untilSaid } from '../testing/read-all.ts'
import { RAW_CAT } from '../testing/test-pty.ts'
import type { PtySession } from '../types.ts'
import { tmuxAttachCommand } from './attach-command.ts'
import { createTmux } from './tmux-command.ts'
import { hasTmux, testTmux, tmuxEnv } from './tmux-testing.ts'

interface House {
  readonly dir: string
  readonly tmuxSocket: string
  open(): Promise<SessionHost>
  shell(host: SessionHost, id: string, script?: string): Promise<PtySession>
}

/** A folder for one host after the other. What is left at the end goes with the tmux server. */
function house(): House {
  const { dir: root } = testTmux(onTestFinished)
  const dir = join(root, 'host')
  const tmuxSocket = join(root, 'tmux.sock')
  return {
    dir,
    tmuxSocket,
    async open() {
      const host = await spawnSessionHost({ dir, tmuxSocket, shared: true })
      onTestFinished(async () => {
        await Promise.all(host.sessions.map((each) => each.end({ graceMs: 0 }).catch(() => {})))
        host.close()
        signalProcess(host.identity, 'SIGKILL')
        await until(() => processState(host.identity) === 'dead')
      })
      return host
    },
    shell: (host, id, script) =>
      host.create({
        id,
        logDir: join(dir, 'log', id),
        command: 'sh',
        args: script === undefined ? [] : ['-c', script],
        env: tmuxEnv,
      }),
  }
}

/** With the server that had it. */
async function killed(host: SessionHost): Promise<void> {
  host.close()
  await killedAlone(host.identity)
}

async function killedAlone(identity: ProcessIdentity): Promise<void> {
  signalProcess(identity, 'SIGKILL')
  await until(() => processState(identity) === 'dead', { what: 'the host is dead' })
}

function only(host: SessionHost): PtySession {
  const [session, ...others] = host.sessions
  if (!session || others.length > 0) throw new Error(`${host.sessions.length} sessions`)
  return session
}

describe.skipIf(!hasTmux)('a host with tmux', () => {
  it('serves sessions like any other, and takes them over from a process that was killed', async () => {
    const { dir, tmuxSocket } = house()
    const entry = pathToFileURL(join(import.meta.dirname, '../../dist/index.js')).href
    const options = JSON.stringify({ dir, tmuxSocket })
    const create = JSON.stringify({
      id: 'a-1',
      logDir: join(dir, 'log'),
      command: 'sh',
      env: tmuxEnv,
    })
    const program = `
      const { spawnSessionHost } = await import(${JSON.stringify(entry)})
      const host = await spawnSessionHost(${options})
      const session = await host.create(${create})
      await session.input({ clientId: 'a', seq: 1, bytes: Buffer.from('echo pid is $$; sleep 0.3; echo meanwhile\\n') })
      console.log(session.pid)
      setInterval(() => {}, 1000)`
    const server = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const pid = await new Promise((resolve) =>
      server.stdout.once('data', (line) => resolve(Number(String(line)))),
    )
    server.kill('SIGKILL')
    await new Promise((resolve) => server.once('exit', resolve))
    const host = await connectSessionHost({ dir })
    onTestFinished(() => host.close())
    const session = only(host)
    expect(session.pid).toBe(pid)
    await untilSaid(session, `pid is ${pid}`)
    await untilSaid(session, '\nmeanwhile')
    expect(await session.inputSeq('a')).toBe(1)
    await session.input({ clientId: 'a', seq: 2, bytes: Buffer.from('exit 6\n') })
    expect(await untilExited(session)).toMatchObject({ code: 6 })
    await until(() => processState(host.identity) === 'dead', { what: 'the host ends' })
  })

  it('may itself be killed in a flood: the next one goes on, and every byte is there once', async () => {
    const { open, shell } = house()
    const first = await open()
    const round = Array.from({ length: 5_000 }, (_, index) => `${index + 1}\n`).join('')
    const rounds = 200
    const flood = `i=0; while [ $i -lt ${rounds} ]; do seq 5000; sleep 0.01; i=$((i+1)); done`
    await shell(first, 'a-1', `stty raw -echo; ${flood}; read go; exit 9`)
    let host = first
    for (let kills = 0; kills < 3; kills++) {
      const from = only(host).log.end
      await until(() => only(host).log.end > from, { what: 'more is said' })
      expect(only(host).log.end).toBeLessThan(rounds * round.length)
      const { pid } = only(host)
      await killed(host)
      host = await open()
      expect(only(host).pid).toBe(pid)
    }
    const session = only(host)
    await until(() => session.log.end >= rounds * round.length, { timeoutMs: 20_000 })
    await typist(session)('\n')
    expect(await untilExited(session)).toMatchObject({ code: 9 })
    expect(textOf(session) === round.repeat(rounds)).toBe(true)
  }, 40_000)

  it('is replaced under the server that goes on: same session, same log, what was typed meanwhile arrives', async () => {
    const { open, shell } = house()
    const host = await open()
    const session = await shell(host, 'a-1')
    const states: string[] = []
    session.subscribe((event) => event.type === 'state' && states.push(event.state.name))
    const type = typist(session)
    await type('echo be""fore $$\n')
    await untilSaid(session, `before ${session.pid}`)
    const first = host.identity
    const epoch = session.log.epoch
    await killedAlone(first)
    await type('echo af""ter $$\n')
    await untilSaid(session, `after ${session.pid}`)
    expect(states).toEqual(['unreachable', 'running'])
    expect(host.identity.pid).not.toBe(first.pid)
    expect(host.sessions).toEqual([session])
    expect(session.log.epoch).toBe(epoch)
    expect(textOf(session).match(/before \d/g)).toHaveLength(1)
    session.resize({ cols: 90, rows: 20 })
    await type('stty si""ze; exit 3\n')
    expect(await untilExited(session)).toMatchObject({ code: 3 })
    expect(textOf(session)).toContain('20 90')
  })

  it('is replaced for several sessions, and each goes on as itself', async () => {
    const { open, shell } = house()
    const host = await open()
    const ids = ['b', 'a', 'c']
    const sessions = await Promise.all(ids.map((id) => shell(host, id, RAW_CAT)))
    for (const session of sessions) await untilSaid(session, 'ready')
    await sessions[1]?.end({ graceMs: 0 })
    await killedAlone(host.identity)
    for (const [index, session] of sessions.entries())
      if (index !== 1) await typist(session)(`for ${ids[index]}.`)
    for (const [index, session] of sessions.entries())
      if (index !== 1) await untilSaid(session, `for ${ids[index]}.`)
    expect(sessions.map(({ state }) => state.name)).toEqual(['running', 'exited', 'running'])
  })

  it('is not replaced when nothing runs any more: the log says how it ended', async () => {
    const { open, shell, dir } = house()
    const host = await open()
    const session = await shell(host, 'a-1', 'read go; exit 8')
    const { identity } = host
    process.kill(identity.pid, 'SIGSTOP')
    process.kill(session.pid, 'SIGKILL')
    await until(() => processState(session.identity) === 'dead')
    await killedAlone(identity)
    expect(await untilExited(session)).toMatchObject({ signal: 'SIGKILL' })
    await until(() => readdirSync(join(dir, 'tmux')).length === 0, { what: 'nothing is left' })
    await expect(connectSessionHost({ dir: join(dir, 'never'), tmuxSocket: '/x' })).rejects.toThrow(
      'HOST_DEAD',
    )
    expect(existsSync(join(dir, 'never'))).toBe(false)
  })

  it('reads to its end what a dead tmux has left, before it says that nothing runs', async () => {
    const { open, shell, tmuxSocket, dir } = house()
    const host = await open()
    const session = await shell(
      host,
      'a-1',
      'echo before; read go; echo last words; exec sleep 1000',
    )
    await untilSaid(session, 'before')
    process.kill(host.identity.pid, 'SIGSTOP')
    const tmux = createTmux({ socket: tmuxSocket, env: tmuxEnv })
    await tmux.run(['send-keys', '-t', '=a-1:', 'Enter'])
    const spooled = () => readFileSync(join(dir, 'tmux/a-1/spool/0000000000'), 'utf8')
    await until(() => spooled().includes('last words'))
    host.close()
    process.kill(Number(await tmux.run(['display-message', '-p', '#{pid}'])), 'SIGKILL')
    await killedAlone(host.identity)
    await expect(connectSessionHost({ dir, tmuxSocket })).rejects.toThrow('HOST_DEAD')
    const log = openLogReader(join(dir, 'log/a-1'))
    onTestFinished(() => log.close())
    expect(textOf({ ...session, log })).toContain('last words')
    expect(readdirSync(join(dir, 'tmux'))).toEqual([])
  })

  it('goes on with the numbers of whoever typed, and with the size', async () => {
    const { open, shell } = house()
    const first = await open()
    const session = await shell(first, 'a-1')
    session.resize({ cols: 99, rows: 9 })
    await typist(session, 'me')('stty size; echo o""ne\n')
    await untilSaid(session, 'one')
    await killed(first)
    const next = only(await open())
    expect(next.size).toEqual({ cols: 99, rows: 9 })
    expect(await next.inputSeq('me')).toBe(1)
    await next.input({ clientId: 'me', seq: 1, bytes: Buffer.from('echo twice\n') })
    await next.input({ clientId: 'me', seq: 2, bytes: Buffer.from('stty size; echo t""wo\n') })
    await untilSaid(next, 'two')
    expect(textOf(next)).not.toContain('twice')
    expect(textOf(next)).toMatch(/9 99\r\ntwo/)
  })

  it('learns how a program ended, and all it said, while there was no host', async () => {
    const { open, shell, dir } = house()
    const first = await open()
    const session = await shell(first, 'a-1', 'read go; echo last words; exit 8')
    await session.input({ clientId: 'a', seq: 1, bytes: Buffer.from('go\n') })
    const { identity } = session
    await killed(first)
    await until(() => processState(identity) === 'dead')
    const next = only(await open())
    expect(await untilExited(next)).toMatchObject({ code: 8 })
    expect(textOf(next)).toContain('last words')
    await until(() => readdirSync(join(dir, 'tmux')).length === 0, { what: 'nothing is left' })
  })

  it('tells that a session is lost whose tmux was killed, with what it had said', async () => {
    const { open, shell, tmuxSocket } = house()
    const host = await open()
    const session = await shell(host, 'a-1', 'echo before; exec sleep 1000')
    await untilSaid(session, 'before')
    const tmux = createTmux({ socket: tmuxSocket, env: tmuxEnv })
    process.kill(Number(await tmux.run(['display-message', '-p', '#{pid}'])), 'SIGKILL')
    await until(() => session.state.name === 'lost', { what: 'it is lost', timeoutMs: 10_000 })
    expect(textOf(session)).toContain('before')
  })

  it('is no obstacle to a person who attaches by tmux: sees, types, leaves, and changes no size', async () => {
    const { open, shell, tmuxSocket } = house()
    const host = await open()
    const session = await shell(host, 'a-1')
    await typist(session)('echo from""page\n')
    await untilSaid(session, 'frompage')
    const [command = '', ...args] = tmuxAttachCommand({ socket: tmuxSocket, id: 'a-1' })
    let screen = ''
    const person = openPty({
      command,
      args,
      cwd: '/',
      env: { ...tmuxEnv, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
      cols: 40,
      rows: 10,
      onData: (chunk) => {
        screen += chunk.toString('latin1')
      },
      onExit: () => {},
    })
    onTestFinished(async () => {
      await person.end({ graceMs: 0 })
      person.close()
    })
    await until(() => screen.includes('frompage'), { what: 'the person sees it' })
    await person.write(Buffer.from('stty size; echo from""person\r'))
    await untilSaid(session, 'fromperson')
    expect(textOf(session)).toContain('24 80')
    await person.end({ graceMs: 500 })
    await typist(session, 'b')('echo st""ill\n')
    await untilSaid(session, 'still')
  })

  it('refuses an id that lives in this tmux already', async () => {
    const { open, shell } = house()
    const host = await open()
    const session = await shell(host, 'a-1')
    await expect(
      host.create({ id: 'a-1', logDir: join(host.dir, 'log2'), command: 'sh', env: tmuxEnv }),
    ).rejects.toMatchObject({ code: 'SPAWN_FAILED' })
    await typist(session)('echo st""ill\n')
    await untilSaid(session, 'still')
  })
})
