import { spawn } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { identifyProcess, processState } from '@conductor/process-identity'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { textOf, typist, untilExited, untilSaid } from '../testing/read-all.ts'
import type { PtySession, SessionOptions } from '../types.ts'
import { connectSessionHost, type SessionHost } from './connect.ts'
import { listSessionHosts } from './list.ts'
import { spawnSessionHost } from './spawn.ts'

const env = { PATH: '/usr/bin:/bin', HOME: '/' }
const linux = process.platform === 'linux'

function folder(): string {
  return join(temporaryFolder(onTestFinished), 'host')
}

/** Whatever a test leaves running is ended with it. */
function owned(host: SessionHost): SessionHost {
  onTestFinished(async () => {
    await Promise.all(host.sessions.map((session) => session.end({ graceMs: 200 }).catch(() => {})))
    host.close()
  })
  return host
}

function shell(host: SessionHost, options: Partial<SessionOptions> = {}): Promise<PtySession> {
  const id = options.id ?? 'one'
  return host.create({ id, logDir: join(host.dir, 'log', id), command: 'sh', env, ...options })
}

function gone(host: SessionHost): Promise<unknown> {
  return until(() => processState(host.identity) === 'dead', { what: 'the host is gone' })
}

describe('session host', () => {
  it('serves a session as if it were in this process', async () => {
    const host = owned(await spawnSessionHost({ dir: folder() }))
    const session = await shell(host)
    await typist(session)('echo a$((40+2))b; stty size; exit 3\n')
    expect(await untilExited(session)).toMatchObject({ code: 3, signal: undefined })
    expect(textOf(session)).toContain('a42b')
    expect(textOf(session)).toContain('24 80')
  })

  it('and its program go on when the process that started them is killed; the next one adopts them', async () => {
    const dir = folder()
    const entry = pathToFileURL(join(import.meta.dirname, '../../dist/index.js')).href
    const program = `
      const { spawnSessionHost } = await import(${JSON.stringify(entry)})
      const host = await spawnSessionHost({ dir: ${JSON.stringify(dir)} })
      const session = await host.create({ id: 'one', logDir: ${JSON.stringify(join(dir, 'log'))}, command: 'sh', env: ${JSON.stringify(env)} })
      await session.input({ clientId: 'a', seq: 1, bytes: Buffer.from('echo pid is $$\\n') })
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

    const host = owned(await connectSessionHost({ dir }))
    const [session] = host.sessions
    if (!session) throw new Error('there is nothing to adopt')
    expect(session.pid).toBe(pid)
    await untilSaid(session, `pid is ${pid}`)
    // The numbers go on where the dead process left them.
    expect(await session.inputSeq('a')).toBe(1)
    await session.input({ clientId: 'a', seq: 1, bytes: Buffer.from('echo twice\n') })
    await session.input({ clientId: 'a', seq: 2, bytes: Buffer.from('echo go""es on\n') })
    await untilSaid(session, 'goes on')
    expect(textOf(session)).not.toContain('twice')
  })

  it.runIf(linux)(
    'is in a session and a process group of its own, without our terminal',
    async () => {
      const host = owned(await spawnSessionHost({ dir: folder() }))
      const [, group, sid, tty] = statOf(host.identity.pid)
      expect(group).toBe(host.identity.pid)
      expect(sid).toBe(host.identity.pid)
      expect(tty).toBe(0)
    },
  )

  it.runIf(linux)('survives SIGHUP and SIGINT', async () => {
    const host = owned(await spawnSessionHost({ dir: folder() }))
    const session = await shell(host)
    process.kill(host.identity.pid, 'SIGHUP')
    process.kill(host.identity.pid, 'SIGINT')
    await typist(session)('echo st""ill\n')
    await untilSaid(session, 'still')
  })

  it.runIf(linux)('does not get the secrets of the process that started it', async () => {
    process.env['AI_CONDUCTOR_PASSWORD'] = 'very secret'
    onTestFinished(() => void delete process.env['AI_CONDUCTOR_PASSWORD'])
    const host = owned(await spawnSessionHost({ dir: folder() }))
    expect(readFileSync(`/proc/${host.identity.pid}/environ`, 'utf8')).not.toContain('secret')
  })

  it('keeps its files to its user, and leaves programs the umask they would have had', async () => {
    const host = owned(await spawnSessionHost({ dir: folder() }))
    const session = await shell(host)
    await typist(session)('echo mask$(umask)\n')
    await untilSaid(session, `mask${process.umask().toString(8).padStart(4, '0')}`)
    const modes = (dir: string): string[] =>
      readdirSync(dir, { recursive: true, encoding: 'utf8' }).map(
        (name) => `${name} ${(lstatSync(join(dir, name)).mode & 0o077).toString(8)}`,
      )
    expect(modes(join(host.dir, '..')).filter((each) => !each.endsWith(' 0'))).toEqual([])
  })

  it('ends with its only session', async () => {
    const host = owned(await spawnSessionHost({ dir: folder() }))
    const session = await shell(host)
    await session.end({ graceMs: 300 })
    await untilExited(session)
    await gone(host)
  })

  it('does not end before the processes that its session left behind', async () => {
    const host = owned(await spawnSessionHost({ dir: folder() }))
    const session = await shell(host)
    await typist(session)(`sh -c 'trap "" HUP TERM; echo pi""d=$$; sleep 1000' &\n`)
    await untilSaid(session, 'pid=')
    const left = identifyProcess(Number(/pid=(\d+)/.exec(textOf(session))?.[1]))
    if (!left) throw new Error('nothing was left behind')
    await session.end({ graceMs: 300 })
    expect(processState(left)).toBe('dead')
    await gone(host)
  })

  it('holds several sessions when shared, none of which sees another’s pty', async () => {
    const host = owned(await spawnSessionHost({ dir: folder(), shared: true }))
    const first = await shell(host, { id: 'one' })
    const second = await shell(host, { id: 'two' })
    await typist(second)('ls -l /proc/self/fd; echo list""ed\n')
    await untilSaid(second, 'listed')
    expect(textOf(second)).not.toContain('ptmx')
    await first.end({ graceMs: 300 })
    await untilExited(first)
    await typist(second, 'other')('echo go""es on\n')
    await untilSaid(second, 'goes on')
  })

  it('that is killed leaves a session that is lost, and a log that can be read', async () => {
    const host = owned(await spawnSessionHost({ dir: folder() }))
    const session = await shell(host)
    await typist(session)('echo be""fore\n')
    await untilSaid(session, 'before')
    process.kill(host.identity.pid, 'SIGKILL')
    await until(() => session.state.name === 'lost', { what: 'the session counts as lost' })
    expect(textOf(session)).toContain('before')
    await expect(typist(session, 'b')('x')).rejects.toMatchObject({ code: 'ENDED' })
  })

  it('that is only stopped is not lost: what was typed arrives once it goes on', async () => {
    const host = owned(await spawnSessionHost({ dir: folder() }))
    const session = await shell(host)
    await typist(session, 'first')('echo st""arted\n')
    await untilSaid(session, 'started')
    process.kill(host.identity.pid, 'SIGSTOP')
    const typed = typist(session)('echo la""te\n')
    await expect(connectSessionHost({ dir: host.dir, withinMs: 100 })).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
    })
    process.kill(host.identity.pid, 'SIGCONT')
    await typed
    await untilSaid(session, 'late')
  })

  it('is refused a folder that another host serves', async () => {
    const dir = folder()
    owned(await spawnSessionHost({ dir }))
    await expect(spawnSessionHost({ dir })).rejects.toMatchObject({ code: 'HOST_HELD' })
  })

  it('counts as dead only when its pid, start time and boot say so', async () => {
    const dir = folder()
    const host = owned(await spawnSessionHost({ dir }))
    expect(listSessionHosts(join(dir, '..'))).toMatchObject([{ dir, life: 'alive' }])
    const path = join(dir, 'host.json')
    const file = JSON.parse(readFileSync(path, 'utf8'))
    const reused = { ...file, identity: { ...file.identity, startTime: '1' } }
    writeFileSync(path, JSON.stringify(reused))
    await expect(connectSessionHost({ dir })).rejects.toMatchObject({ code: 'HOST_DEAD' })
    writeFileSync(path, '{"half":')
    await expect(connectSessionHost({ dir })).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' })
    expect(listSessionHosts(join(dir, '..'))).toMatchObject([{ dir, life: 'unknown' }])
    // Neither file made anybody touch the host.
    expect(processState(host.identity)).toBe('alive')
  })

  it('serves two servers at once: each sees what the other types', async () => {
    const host = owned(await spawnSessionHost({ dir: folder() }))
    const mine = await shell(host)
    const other = owned(await connectSessionHost({ dir: host.dir }))
    const [theirs] = other.sessions
    if (!theirs) throw new Error('there is nothing to adopt')
    await typist(theirs, 'them')('echo from""them\n')
    await untilSaid(mine, 'fromthem')
    mine.resize({ cols: 99, rows: 9 })
    await until(() => theirs.size.cols === 99)
  })

  it('says why a program could not be started, and stays usable', async () => {
    const host = owned(await spawnSessionHost({ dir: folder(), shared: true }))
    await expect(shell(host, { command: 'no-such-command' })).rejects.toMatchObject({
      code: 'SPAWN_FAILED',
    })
    await shell(host, { id: 'two' })
  })
})

/** state, process group, session, terminal. */
function statOf(pid: number): [string, number, number, number] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [state = '', , group, sid, tty] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return [state, Number(group), Number(sid), Number(tty)]
}
