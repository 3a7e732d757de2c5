import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessIdentity } from '@conductor/process-identity'
import { isAlive, until } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { createProcessManager } from './process-manager.ts'
import {
  changeRecord,
  earlierManagers,
  newRoot,
  pidOf,
  stranger,
  withRunning,
} from './testing/earlier-manager.ts'
import { livingUnder } from './testing/manager-process.ts'
import { AT_ONCE, openManager, script, sleeper } from './testing/manager-testing.ts'

const start = earlierManagers()

/** The same, had it had this pid and started 10 s sooner: a tick of 10 ms may hold two starts. */
function before(identity: ProcessIdentity, pid: number): ProcessIdentity {
  return { ...identity, pid, startTime: `${Number(identity.startTime) - 1_000}` }
}
const OUTLIVE = { outlive: true } as const

describe('a pid that somebody else has now', () => {
  it.each([
    ['running', true],
    ['stopping', true],
    ['running', false],
  ])('is neither adopted nor signalled: %s, outlive %s', async (name, outlive) => {
    const root = newRoot()
    const first = await withRunning(start(root), sleeper('a', { outlive, restart: AT_ONCE }))
    const old = await pidOf(first, 'a')
    await first.kill()
    if (outlive) process.kill(old, 'SIGKILL')
    await until(() => !isAlive(old))
    const other = stranger()
    changeRecord(root, 'a', ({ run, life }) => ({
      run: run && { ...run, identity: before(run.identity, other.pid) },
      ...(name === 'stopping'
        ? {
            life: {
              name,
              policy: life.policy,
              killed: false,
              deadlineMs: 0,
              next: { type: 'restart' },
            },
          }
        : {}),
    }))
    const { manager, anotherPid } = await openManager({ root })
    await manager.add(sleeper('a', { outlive, restart: AT_ONCE }))
    await manager.up()
    await anotherPid('a', other.pid)
    await manager.stopProcess('a')
    expect(isAlive(other.pid)).toBe(true)
    expect(other.child.signalCode).toBeNull()
  })
})

describe('a run of which cannot be told whether it lives', () => {
  it.each([
    ['another pid namespace', { pidNamespace: 'pid:[1]' }],
    ['another machine', { host: 'elsewhere', bootId: 'another' }],
  ])(
    'because it is of %s is neither started beside nor signalled, and a stop forgets it',
    async (_, where) => {
      const root = newRoot()
      const first = await withRunning(start(root), sleeper('a', OUTLIVE))
      const pid = await pidOf(first, 'a')
      await first.kill()
      changeRecord(root, 'a', ({ run }) => ({
        run: run && { ...run, identity: { ...run.identity, ...where } },
      }))
      const { manager } = await openManager({ root })
      expect(manager.getProcessInfo('a')).toMatchObject({ phase: 'failed' })
      expect(manager.why('a').text[0]).toContain('cannot be told')
      await expect(manager.up()).rejects.toThrow('cannot be told from here: stop it first')
      await expect(manager.restart('a')).rejects.toThrow('cannot be told')
      expect(livingUnder(root)).toEqual([pid])

      await manager.stopProcess('a')
      expect(isAlive(pid)).toBe(true)
      expect(manager.getProcessInfo('a')).not.toHaveProperty('pid')
      await manager.up()
      expect(manager.getPid('a')).not.toBe(pid)
    },
  )
})

describe('a root', () => {
  it('has one manager at a time, and the error names the other', async () => {
    const root = newRoot()
    const first = await withRunning(start(root))
    const second = createProcessManager({ root })
    await expect(second).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(`${first.child.pid}`),
    })
    await first.kill()
    const third = await createProcessManager({ root })
    await third.close()
  })

  it('with a damaged record keeps nobody else from being adopted', async () => {
    const root = newRoot()
    const first = await withRunning(
      start(root),
      ...['a', 'b', 'c'].map((name) => sleeper(name, OUTLIVE)),
    )
    const b = await pidOf(first, 'b')
    await first.kill()
    writeFileSync(join(root, 'a', 'process.jsonl'), 'nonsense')
    changeRecord(root, 'c', ({ spec }) => ({ spec: { ...spec, command: 7 } }))
    const { manager, events } = await openManager({ root })
    expect(manager.list()).toMatchObject([{ name: 'b', pid: b }])
    const troubles = events.flatMap((each) => (each.type === 'trouble' ? [each.text] : []))
    expect(troubles.join('; ')).toMatch(/a\/process.jsonl is damaged.*c cannot be taken over/)
  })

  it('whose disk was full for a moment is read from its last whole record, and goes on', async () => {
    const root = newRoot()
    const first = await withRunning(start(root), sleeper('a', OUTLIVE))
    const pid = await pidOf(first, 'a')
    await first.kill()
    appendFileSync(join(root, 'a', 'process.jsonl'), '{"v":1,"name":"a","spec":{"na')
    const second = start(root)
    expect(await pidOf(second, 'a')).toBe(pid)
    await second.kill()
    appendFileSync(join(root, 'a', 'process.jsonl'), '{"v":1,"name":"a","spec":{"na')
    changeRecord(root, 'a', () => ({ launches: 7 }))
    const { manager } = await openManager({ root })
    expect(manager.getProcessInfo('a')).toMatchObject({ pid, restarts: 6 })
  })
})

describe('the states without a process live on, too:', () => {
  it('backoff with its deadline, given up with its budget, and waiting', async () => {
    const root = newRoot()
    const fails = (name: string, delayMs: number) =>
      script(name, 'sleep 0.05; exit 3', {
        ...OUTLIVE,
        restart: {
          delay: { kind: 'fixed', delayMs },
          budget: { inARow: 1, retryAfterMs: 600_000 },
        },
      })
    const first = start(root)
    await first.call('add', fails('backoff', 300_000))
    await first.call('add', fails('failed', 1))
    await first.call(
      'add',
      sleeper('waiting', { ...OUTLIVE, dependsOn: { failed: 'completed-successfully' } }),
    )
    await first.call('add', sleeper('stopped', OUTLIVE))
    for (const name of ['backoff', 'waiting']) first.call('up', [name]).catch(() => {})
    const phases = () => first.call('list').then((list) => list.map(({ phase }) => phase))
    await until(async () => {
      const seen = await phases()
      return seen.join() === 'backoff,failed,waiting,stopped'
    })
    const told = await first.call('list')
    await first.kill()

    const { manager } = await openManager({ root })
    const kept = ({
      name,
      phase,
      nextTryAt = 0,
      restartAttempts,
      restarts,
    }: (typeof told)[number]) => ({
      name,
      phase,
      // The clock that is not set has another beginning in every process.
      nextTryAt: Math.round(nextTryAt / 1_000),
      restartAttempts,
      restarts,
    })
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name)
    expect(manager.list().map(kept).sort(byName)).toEqual(told.map(kept).sort(byName))
    expect(livingUnder(root)).toEqual([])
    expect(manager.why('failed').text[0]).toContain('given up (budget:in-a-row); one more try')
    expect(manager.why('waiting').blockedBy).toEqual(['failed'])
    expect(manager.deaths('failed')).toHaveLength(2)
  })
})
