import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPtySession, createViewers, type PtySession } from '@conductor/pty-session'
import { fakeClock, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAgentTable, type ServerAgent } from '../agents/agent-table.ts'
import { createEventLog } from '../event-log.ts'
import { fakeRuntime } from '../testing/fake-runtime.ts'
import { fakeSession } from '../testing/fake-session.ts'
import type { SessionRequest } from './new-session.ts'
import { createSessionDirectory } from './session-directory.ts'
import type { SessionRecord } from './session-file.ts'

const LOST = { name: 'lost', reason: 'its host ended without a word' } as const

/** It has ids of ours, and nobody knows where its transcripts are. */
const AGENT: ServerAgent = {
  id: 'agent',
  name: 'Agent',
  commands: ['cat'],
  launch: ['--id', '{sessionId}'],
  resume: ['--resume', '{sessionId}'],
  prompt: [{ kind: 'after-start', paste: 'bracketed' }],
  session: { kind: 'pinned' },
  ready: { output: 'ready', timeoutMs: 30_000 },
}

function server(dataDir = temporaryFolder(onTestFinished)) {
  const clock = fakeClock()
  const troubles: string[] = []
  const told: string[] = []
  const events = createEventLog('s')
  events.subscribe(({ event }) => void told.push(event.type))
  const runtime = fakeRuntime()
  const directory = createSessionDirectory({
    dataDir,
    historyBytes: 65_536,
    defaults: { shell: '/bin/sh', home: '/', env: { PATH: '/usr/bin:/bin' } },
    agents: createAgentTable([AGENT]),
    runtime,
    createViewers: (session) => createViewers(session, { clock }),
    events,
    clock,
    onTrouble: (trouble, error) => troubles.push(`${trouble}: ${String(error)}`),
  })
  return { clock, directory, runtime, told, troubles, dataDir }
}

/** A session of a server before, with a log as its host left it. */
async function left(request: SessionRequest) {
  const world = server()
  const { id } = await world.directory.create(request)
  world.directory.letGo()
  const log = createPtySession({
    id,
    logDir: join(world.dataDir, id, 'log'),
    command: '/bin/true',
    env: {},
  })
  await until(() => log.state.name === 'exited')
  log.close()
  return { id, dataDir: world.dataDir }
}

/** The next server, which finds the session in `state`. */
async function found(dataDir: string, id: string, state: PtySession['state']) {
  const world = server(dataDir)
  const session = fakeSession(id)
  session.prints('history')
  session.becomes(state)
  world.runtime.adopts = () => ({ kind: 'ended', session })
  return { ...world, session }
}

function fileOf(dataDir: string, id: string): SessionRecord {
  return JSON.parse(readFileSync(join(dataDir, id, 'session.json'), 'utf8')) as SessionRecord
}

const exit = (code: number | undefined, signal?: string) =>
  ({ name: 'exited', exit: { code, signal, offset: 7 } }) as const

describe('a session that is found without its host', () => {
  it.each([
    ['a shell', {}, 'running'],
    ['a login shell', { command: 'sh', args: ['-l'] }, 'running'],
    ['a command of a shell', { command: 'sh', args: ['-c', 'rm x'] }, 'lost'],
    ['another command', { command: 'cat' }, 'lost'],
    ['a worker without a task', { command: 'cat', kind: 'worker' }, 'lost'],
    ['a worker with a task', { command: 'cat', prompt: 'go' }, 'running'],
    ['an orchestrator', { command: 'cat', kind: 'orchestrator' }, 'running'],
    ['an agent with an id', { agent: 'agent' }, 'running'],
  ] as const)('%s: %j is %s', async (_, request, status) => {
    const { id, dataDir } = await left(request)
    const { directory, runtime, troubles } = await found(dataDir, id, LOST)
    await directory.adopt()
    expect(directory.get(id)?.status).toBe(status)
    expect(runtime.programs).toHaveLength(status === 'running' ? 1 : 0)
    expect(troubles.join()).toMatch(status === 'running' ? /^$/ : /SESSION_NOT_RESUMABLE/)
  })

  it.each([
    exit(undefined, 'SIGHUP'),
    exit(undefined, 'SIGTERM'),
    exit(undefined, 'SIGKILL'),
    exit(128 + 15), // which it caught
  ])('was interrupted by the end of the machine, as $exit says, and goes on', async (state) => {
    const { id, dataDir } = await left({ agent: 'agent' })
    const { directory } = await found(dataDir, id, state)
    await directory.adopt()
    expect(directory.get(id)?.status).toBe('running')
  })

  it.each([
    ['with 0', exit(0)],
    ['with 1', exit(1)],
    ['by SIGSEGV', exit(undefined, 'SIGSEGV')],
  ])('had ended %s, and is not started again', async (_, state) => {
    const { id, dataDir } = await left({ command: 'cat', kind: 'orchestrator' })
    const { directory, runtime } = await found(dataDir, id, state)
    await directory.adopt()
    expect(directory.list()).toEqual([])
    expect(runtime.programs).toEqual([])
  })

  it('of the server itself is not started again', async () => {
    const { id, dataDir } = await left({ durability: 'server' })
    const { directory, runtime } = await found(dataDir, id, LOST)
    await directory.adopt()
    expect(runtime.programs).toEqual([])
  })

  it.each(['alive', 'unknown'] as const)(
    'is not started beside a program that is %s',
    async (life) => {
      const { id, dataDir } = await left({})
      const { directory, runtime, clock, troubles } = await found(dataDir, id, LOST)
      runtime.life = life
      const adoption = directory.adopt()
      for (let i = 0; i < 40; i++) {
        await until(() => clock.pending === 2)
        clock.advance(50)
      }
      await adoption
      expect(runtime.programs).toEqual([])
      expect(directory.get(id)).toMatchObject({
        status: 'lost',
        reason: expect.stringContaining('runs'),
      })
      expect(troubles).toHaveLength(1)
      runtime.life = 'dead'
      expect(await directory.restore(id)).toMatchObject({ id, status: 'running' })
    },
  )

  it('that somebody was removing stays removed', async () => {
    const { id, dataDir } = await left({})
    const dying = server(dataDir)
    dying.runtime.adopts = () => ({ kind: 'live', session: fakeSession(id) })
    await dying.directory.adopt()
    const session = dying.directory.attach(id, '')
    if (session.kind === 'found') session.open.session.end = () => new Promise(() => {})
    void dying.directory.remove(id)
    await until(() => fileOf(dataDir, id).isUnwanted)
    const { directory, runtime } = await found(dataDir, id, exit(undefined, 'SIGHUP'))
    await directory.adopt()
    expect(runtime.programs).toEqual([])
    expect(existsSync(join(dataDir, id))).toBe(false)
  })

  it('does not keep others waiting, whatever is wrong with it', async () => {
    const { id, dataDir } = await left({ agent: 'agent', cwd: '/' })
    const other = server(dataDir)
    other.clock.advance(1_000)
    const made = await other.directory.create({})
    other.directory.letGo()
    const world = await found(dataDir, id, LOST)
    const { adopts } = world.runtime
    world.runtime.adopts = (each) =>
      each === id ? adopts(each) : { kind: 'live', session: fakeSession(each) }
    world.runtime.failure = new Error('of all things')
    await world.directory.adopt()
    expect(world.directory.list()).toMatchObject([
      { id, status: 'lost', reason: expect.stringContaining('of all things') },
      { id: made.id, status: 'running' },
    ])
    expect(fileOf(dataDir, id).logs).toBeUndefined()
    expect(await world.directory.restore(id)).toMatchObject({ status: 'running' })
  })

  it('is waited for ten seconds, and then comes later', async () => {
    const { id, dataDir } = await left({})
    const { directory, runtime, clock } = await found(dataDir, id, LOST)
    const { create } = runtime
    let go = (): void => {}
    runtime.create = async (...all) => {
      await new Promise<void>((resolve) => {
        go = resolve
      })
      return create(...all)
    }
    const adoption = directory.adopt()
    await until(() => directory.get(id)?.reason?.includes('started again'))
    clock.advance(10_000)
    await adoption
    expect(directory.get(id)?.status).toBe('lost')
    go()
    await until(() => directory.get(id)?.status === 'running')
  })
})

describe('the file of a session that was started again', () => {
  it('names its logs, oldest first, and the cap decides how many', async () => {
    const { id, dataDir } = await left({ prompt: 'go', command: 'cat' })
    const { directory } = await found(dataDir, id, LOST)
    await directory.adopt()
    const file = fileOf(dataDir, id)
    expect(file.logs).toEqual(['log', 'log-2'])
    expect(file).toMatchObject({ prompt: 'go', isPromptOwed: true, pid: 4_000_000 })
    expect(directory.logFoldersOf(id)).toEqual([
      join(dataDir, id, 'log'),
      join(dataDir, id, 'log-2'),
    ])
  })

  it('forgets a start that never came to be', async () => {
    const { id, dataDir } = await left({})
    const first = await found(dataDir, id, LOST)
    await first.directory.adopt()
    mkdirSync(join(dataDir, id, 'log-2'))
    const second = await found(dataDir, id, LOST)
    await second.directory.adopt()
    expect(fileOf(dataDir, id).logs).toEqual(['log', 'log-3'])
  })
})

describe('an agent whose resume nobody could promise', () => {
  it('that refuses starts anew from its task, and one that goes on is left alone', async () => {
    const { id, dataDir } = await left({ agent: 'agent', prompt: 'go' })
    const { directory, runtime, clock } = await found(dataDir, id, LOST)
    await directory.adopt()
    const sessionId = fileOf(dataDir, id).agentSessionId
    expect(runtime.programs[0]?.args).toEqual(['--resume', sessionId])
    runtime.last().exits(1)
    await until(() => runtime.programs.length === 2)
    expect(runtime.programs[1]?.args).toEqual([
      '--id',
      expect.not.stringContaining(sessionId ?? ''),
    ])
    await until(() => directory.get(id)?.status === 'running')
    runtime.last().prints('ready')
    await until(() => runtime.sessions[1]?.typed.includes('go'))
    clock.advance(20_000)
    runtime.last().exits(1)
    expect(directory.list()).toEqual([])
  })

  it('that refuses without a task stays, as lost', async () => {
    const { id, dataDir } = await left({ agent: 'agent' })
    const { directory, runtime } = await found(dataDir, id, LOST)
    await directory.adopt()
    runtime.last().exits(1)
    expect(directory.get(id)).toMatchObject({
      status: 'lost',
      reason: expect.stringContaining('SESSION_NOT_RESUMABLE'),
    })
  })

  it.each([
    ['exits with 0', 0, 0],
    ['exits later', 1, 15_001],
  ])('that %s has ended', async (_, code, afterMs) => {
    const { id, dataDir } = await left({ agent: 'agent', prompt: 'go' })
    const { directory, runtime, clock } = await found(dataDir, id, LOST)
    await directory.adopt()
    clock.advance(afterMs)
    runtime.last().exits(code)
    expect(directory.list()).toEqual([])
    expect(runtime.programs).toHaveLength(1)
  })
})
