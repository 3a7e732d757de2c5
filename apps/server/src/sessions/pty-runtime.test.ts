import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { identifySelf } from '@conductor/process-identity'
import { createPtySession } from '@conductor/pty-session'
import { temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createPtyRuntime } from './pty-runtime.ts'
import { type SessionRecord, sessionPaths } from './session-file.ts'

const record: SessionRecord = {
  v: 1,
  id: 'x',
  name: 'x',
  createdAt: '2026-11-21T00:00:00.000Z',
  command: '/bin/sh',
  args: [],
  cwd: '/',
  env: {},
  kind: 'shell',
  durability: 'persistent',
}

async function setup(logs: readonly string[]) {
  const dataDir = temporaryFolder(onTestFinished)
  const { dir } = sessionPaths(dataDir, record.id)
  mkdirSync(dir)
  for (const name of logs) {
    const args = ['-c', `echo in ${name}`]
    const session = createPtySession({
      ...{ id: 'x', command: '/bin/sh', args, env: { PATH: '/usr/bin:/bin' } },
      logDir: join(dir, name),
    })
    await until(() => session.state.name === 'exited')
    session.close()
  }
  const runtime = createPtyRuntime({ dataDir, stateDir: dataDir, sessionsPerHost: 1 })
  return { dir, runtime }
}

describe('what an earlier server has left', () => {
  it('is nothing, when its first program never ran', async () => {
    const { dir, runtime } = await setup([])
    expect(await runtime.adopt({ ...record, hostDir: dir }, 100)).toEqual({ kind: 'unborn' })
  })

  it('is its history, when it died before the program was started again', async () => {
    const { dir, runtime } = await setup(['log', 'log-2'])
    const logs = ['log', 'log-2', 'log-3']
    const adopted = await runtime.adopt({ ...record, hostDir: dir, logs }, 100)
    expect(adopted).toMatchObject({ kind: 'ended', session: { state: { name: 'lost' } } })
    if (adopted.kind !== 'ended') return
    const { log } = adopted.session
    const first = log.read(0)
    expect(first.kind === 'bytes' && first.buffer.toString('utf8', first.start, first.end)).toBe(
      'in log\r\n',
    )
    adopted.session.close()
  })

  it('has ended where its last program has, and not where an earlier one did', async () => {
    const { dir, runtime } = await setup(['log', 'log-2'])
    const adopted = await runtime.adopt({ ...record, hostDir: dir, logs: ['log', 'log-2'] }, 100)
    if (adopted.kind !== 'ended') throw new Error(adopted.kind)
    const { state, log } = adopted.session
    expect(state).toMatchObject({ name: 'exited', exit: { code: 0, offset: log.end } })
    adopted.session.close()
  })
})

describe('the life of a program', () => {
  it('is told by its identity, and none is dead', async () => {
    const { runtime } = await setup([])
    const identity = identifySelf()
    expect(runtime.lifeOf({ ...record, identity })).toBe('alive')
    expect(runtime.lifeOf({ ...record, identity: { ...identity, startTime: '1' } })).toBe('dead')
    expect(runtime.lifeOf(record)).toBe('dead')
  })
})
