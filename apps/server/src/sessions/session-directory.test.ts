import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createViewers, type PtySession } from '@conductor/pty-session'
import { fakeClock, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAgentTable } from '../agents/agent-table.ts'
import { createEventLog } from '../event-log.ts'
import { type FakeRuntime, fakeRuntime } from '../testing/fake-runtime.ts'
import { fakeSession } from '../testing/fake-session.ts'
import type { SessionRequest } from './new-session.ts'
import { createSessionDirectory, type SessionDirectory } from './session-directory.ts'

function setup(dataDir = temporaryFolder(onTestFinished), runtime = fakeRuntime()) {
  const clock = fakeClock()
  const told: string[] = []
  const troubles: string[] = []
  const events = createEventLog('s')
  events.subscribe(({ event }) => {
    if ('name' in event || 'servers' in event) return
    const id = 'id' in event ? event.id : event.session.id
    const more = 'reason' in event ? ` ${event.reason}` : ''
    told.push(`${event.type.replace('session.', '')} ${id}${more}`)
  })
  const directory = createSessionDirectory({
    dataDir,
    historyBytes: 65_536,
    defaults: { shell: '/bin/sh', home: '/', env: { PATH: '/bin' } },
    agents: createAgentTable([]),
    runtime,
    createViewers: (session) => createViewers(session, { clock }),
    events,
    clock,
    onTrouble: (trouble) => troubles.push(trouble),
  })
  return { clock, directory, runtime, told, troubles, dataDir }
}

/** A server that lived before, and what it left. */
async function before(names: readonly string[], request: SessionRequest = {}) {
  const world = setup()
  const ids: string[] = []
  for (const name of names) ids.push((await world.directory.create({ name, ...request })).id)
  world.directory.letGo()
  return { dataDir: world.dataDir, ids }
}

async function adopted(
  dataDir: string,
  adopts: FakeRuntime['adopts'],
): Promise<ReturnType<typeof setup>> {
  const world = setup(dataDir)
  world.runtime.adopts = adopts
  await world.directory.adopt()
  return world
}

function ended(id: string, state: PtySession['state']): PtySession {
  const session = fakeSession(id)
  session.prints('what it said')
  session.becomes(state)
  return session
}

describe('a session that exits', () => {
  it('leaves the list at once, its log a minute later, and nothing of it stays', async () => {
    const { clock, directory, runtime, told, dataDir } = setup()
    const { id } = await directory.create({})
    const { epoch } = runtime.last().log
    runtime.last().exits(0)
    expect(directory.list()).toEqual([])
    expect(directory.attach(id, '').kind).toBe('missing')
    expect(directory.attach(id, epoch).kind).toBe('found')
    clock.advance(59_999)
    expect(existsSync(join(dataDir, id))).toBe(true)
    clock.advance(1)
    expect(existsSync(join(dataDir, id))).toBe(false)
    expect(directory.attach(id, epoch).kind).toBe('missing')
    expect(runtime.last().closed).toBe(true)
    expect(runtime.forgotten).toEqual([id])
    expect(clock.pending).toBe(0)
    expect(told).toEqual([`created ${id}`, `exited ${id}`, `removed ${id} exited`])
  })
})

describe('a session that is removed', () => {
  it('is removed once, however often it is asked for', async () => {
    const { directory, runtime, told } = setup()
    const { id } = await directory.create({})
    await Promise.all([directory.remove(id), directory.remove(id)])
    expect(runtime.last().ends).toHaveLength(1)
    expect(told.filter((each) => each.startsWith('removed'))).toEqual([`removed ${id} deleted`])
    expect(() => directory.remove(id)).toThrow(
      expect.objectContaining({ code: 'SESSION_NOT_FOUND' }),
    )
  })

  it('gives its viewers a second for its last words', async () => {
    const { clock, directory } = setup()
    const { id } = await directory.create({})
    const target = directory.attach(id, '')
    const left: number[] = []
    if (target.kind === 'found')
      target.open.join({ clientId: undefined, leave: (code) => left.push(code) })
    const removal = directory.remove(id)
    await until(() => clock.pending === 2)
    clock.advance(1_000)
    await removal
    expect(left).toEqual([4404])
  })

  it('stays, with the reason, when its host cannot be reached', async () => {
    const { directory, runtime } = setup()
    const { id } = await directory.create({})
    const error = Object.assign(new Error('no answer'), { code: 'HOST_UNREACHABLE' })
    error.name = 'PtySessionError'
    runtime.last().end = () => Promise.reject(error)
    await expect(directory.remove(id)).rejects.toMatchObject({ code: 'SESSION_UNREACHABLE' })
    expect(directory.get(id)).toBeDefined()
  })
})

describe('the next server', () => {
  it('finds what lives, in its old order, under its last name', async () => {
    const world = setup()
    const first = await world.directory.create({ name: 'one' })
    const second = await world.directory.create({})
    world.directory.rename(second.id, 'two')
    world.directory.letGo()
    const next = await adopted(world.dataDir, (id) => ({ kind: 'live', session: fakeSession(id) }))
    expect(next.directory.list()).toMatchObject([
      { id: first.id, name: 'one', status: 'running' },
      { id: second.id, name: 'two', status: 'running' },
    ])
    const third = await next.directory.create({})
    expect(next.directory.list().at(-1)?.id).toBe(third.id)
  })

  it('keeps a lost session in the list until it is removed, and its log can be read', async () => {
    const { dataDir, ids } = await before(['x'], { kind: 'worker' })
    const [id = ''] = ids
    const session = ended(id, { name: 'lost', reason: 'its host was killed' })
    const { directory } = await adopted(dataDir, () => ({ kind: 'ended', session }))
    expect(directory.get(id)).toMatchObject({
      status: 'lost',
      reason: expect.stringContaining('its host was killed; SESSION_NOT_RESUMABLE'),
    })
    expect(directory.logOf(id)?.end).toBe(12)
    await directory.remove(id)
    expect(directory.list()).toEqual([])
    expect(existsSync(join(dataDir, id))).toBe(false)
  })

  it('gives those who were away the end of what exited meanwhile', async () => {
    const { dataDir, ids } = await before(['x'])
    const [id = ''] = ids
    const exit = { code: 0, signal: undefined, offset: 12 }
    const session = ended(id, { name: 'exited', exit })
    const { directory, clock } = await adopted(dataDir, () => ({ kind: 'ended', session }))
    expect(directory.list()).toEqual([])
    expect(directory.attach(id, session.log.epoch).kind).toBe('found')
    clock.advance(60_000)
    expect(existsSync(join(dataDir, id))).toBe(false)
  })

  it('asks a host that does not answer again and again, and never takes it for dead', async () => {
    const { dataDir, ids } = await before(['x'])
    const [id = ''] = ids
    const world = await adopted(dataDir, () => ({
      kind: 'unreachable',
      reason: 'busy',
      log: undefined,
    }))
    const { directory, clock, runtime, told } = world
    expect(directory.get(id)).toMatchObject({ status: 'unreachable', reason: 'busy' })
    expect(directory.attach(id, '')).toMatchObject({ kind: 'unreachable' })
    await expect(directory.remove(id)).rejects.toMatchObject({ code: 'SESSION_UNREACHABLE' })
    for (let i = 0; i < 10; i++) {
      await until(() => clock.pending === 1)
      clock.advance(30_000)
    }
    expect(directory.get(id)?.status).toBe('unreachable')
    runtime.adopts = () => ({ kind: 'live', session: fakeSession(id) })
    await until(() => clock.pending === 1)
    clock.advance(30_000)
    await until(() => directory.get(id)?.status === 'running')
    expect(told).toEqual([`state ${id}`])
    expect(clock.pending).toBe(0)
  })

  it('is not held up by one that gives trouble, nor by folders that are no sessions', async () => {
    const { dataDir, ids } = await before(['a', 'b', 'c'])
    const [a = '', b = '', c = ''] = ids
    mkdirSync(join(dataDir, 'something-else'))
    writeFileSync(join(dataDir, c, 'session.json'), '{"v":1')
    const { directory, troubles } = await adopted(dataDir, (id) => {
      if (id === a) throw new Error('of all things')
      return { kind: 'live', session: fakeSession(id) }
    })
    expect(directory.list().map(({ id }) => id)).toEqual([b])
    expect(troubles).toHaveLength(2)
    expect(existsSync(join(dataDir, 'something-else'))).toBe(true)
    expect(readFileSync(join(dataDir, c, 'session.json'), 'utf8')).toBe('{"v":1')
  })

  it('clears away what was being made when the one before died', async () => {
    const { dataDir, ids } = await before(['x'])
    const { directory } = await adopted(dataDir, () => ({ kind: 'unborn' }))
    expect(directory.list()).toEqual([])
    expect(existsSync(join(dataDir, ids[0] ?? ''))).toBe(false)
  })
})

describe('the end of the server', () => {
  async function both(): Promise<{
    directory: SessionDirectory
    runtime: FakeRuntime
    dataDir: string
  }> {
    const { directory, runtime, dataDir } = setup()
    await directory.create({ durability: 'persistent' })
    await directory.create({ durability: 'server' })
    directory.refuseNew()
    return { directory, runtime, dataDir }
  }

  it('ends what lives in it, lets go of the rest, and keeps their files', async () => {
    const { directory, runtime, dataDir } = await both()
    await directory.endServerSessions(3_000)
    directory.letGo()
    const [persistent, server] = runtime.sessions
    expect([persistent?.ends, server?.ends]).toEqual([[], [3_000]])
    expect(existsSync(join(dataDir, persistent?.id ?? '', 'session.json'))).toBe(true)
    expect(existsSync(join(dataDir, server?.id ?? ''))).toBe(false)
    expect(runtime.closed).toBe(true)
  })

  it('ends all of them only where the operator says so', async () => {
    const { directory, runtime } = await both()
    await directory.endAllSessions(3_000)
    expect(runtime.sessions.map(({ ends }) => ends.length)).toEqual([1, 1])
  })

  it('refuses new ones', async () => {
    const { directory } = await both()
    await expect(directory.create({})).rejects.toMatchObject({ code: 'SHUTTING_DOWN' })
  })
})
