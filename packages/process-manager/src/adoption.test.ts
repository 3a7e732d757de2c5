import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess } from '@conductor/process-identity'
import { isAlive, until } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { readRecord, writeRecord } from './records/process-record.ts'
import { ALONE, earlierManagers, newRoot, pidOf, withRunning } from './testing/earlier-manager.ts'
import { livingUnder } from './testing/manager-process.ts'
import {
  AT_ONCE,
  daemonSpec,
  openManager,
  pidsIn,
  script,
  sleeper,
} from './testing/manager-testing.ts'

const start = earlierManagers()
const OUTLIVE = { outlive: true } as const
const STUBBORN = `trap '' TERM; while :; do sleep 1; done`

describe('what is to outlive its manager', () => {
  it('lives on when that is killed, and is adopted with not one byte of its output lost', async () => {
    const root = newRoot()
    const count = 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done'
    const first = await withRunning(start(root), script('a', count, OUTLIVE))
    const pid = await pidOf(first, 'a')
    await first.kill()
    const path = join(root, 'a', 'log', 'daemon.log')
    const before = readFileSync(path).length
    await until(() => readFileSync(path).length > before)

    const { manager, events } = await openManager({ root })
    expect(manager.getProcessInfo('a')).toMatchObject({
      pid,
      adopted: true,
      phase: 'running',
      ready: true,
    })
    expect(events).toContainEqual({ type: 'adopted', name: 'a', identity: identifyProcess(pid) })
    const log = manager.log('a')
    const end = log.size().endOffset
    await until(() => log.size().endOffset > end + 100)
    await manager.stopProcess('a', { by: 'me' })
    expect(isAlive(pid)).toBe(false)
    const lines = log.read({ from: 0, maxBytes: 1e6 }).bytes.toString().trim().split('\n')
    expect(lines).toEqual(lines.map((_, index) => `${index + 1}`))
    expect(manager.deaths('a')).toMatchObject([{ pid, by: 'me', exit: { kind: 'requested' } }])
  })

  it('is looked after as before: its end is noticed, its policy goes on, the tally is complete', async () => {
    const root = newRoot()
    const restart = {
      mode: 'always',
      delay: { kind: 'list', delaysMs: [0, 10] },
      budget: { inARow: 2 },
    } as const
    const first = await withRunning(start(root), sleeper('a', { ...OUTLIVE, restart }))
    const one = await pidOf(first, 'a')
    process.kill(one, 'SIGKILL')
    const two = await until(async () => {
      const info = await first.call('getProcessInfo', 'a')
      return info?.phase === 'running' && info.pid !== one ? info.pid : undefined
    })
    await first.kill()

    const { manager, pid, anotherPid, phase } = await openManager({ root })
    expect(pid('a')).toBe(two)
    expect(manager.getProcessInfo('a')).toMatchObject({ restartAttempts: 1, restarts: 1 })
    process.kill(two, 'SIGKILL')
    const three = await anotherPid('a', two)
    process.kill(three, 'SIGKILL')
    await phase('a', 'failed')
    expect(manager.deaths('a')).toMatchObject([
      { pid: one, exit: { kind: 'signal' } },
      { pid: two, exit: { kind: 'unseen' }, text: 'ended while nobody watched' },
      { pid: three, exit: { kind: 'signal' } },
    ])
  })

  it('that ended while there was no manager is started again', async () => {
    const root = newRoot()
    const first = await withRunning(start(root), sleeper('a', { ...OUTLIVE, restart: AT_ONCE }))
    const pid = await pidOf(first, 'a')
    await first.kill()
    process.kill(pid, 'SIGKILL')
    const { manager, anotherPid } = await openManager({ root })
    await anotherPid('a', pid)
    expect(manager.deaths('a')).toMatchObject([{ pid, exit: { kind: 'unseen' } }])
  })

  it('is checked on: readiness and liveness go on', async () => {
    const root = newRoot()
    const flag = join(root, 'flag')
    writeFileSync(flag, '')
    const timing = { periodMs: 50, timeoutMs: 2_000, failureThreshold: 1 }
    const first = await withRunning(
      start(root),
      daemonSpec('a', [], {
        ...OUTLIVE,
        readiness: { probe: { kind: 'exec', command: 'test', args: ['-e', flag] }, ...timing },
        liveness: {
          probe: {
            kind: 'unix',
            path: join(root, 'a', 'daemon.sock'),
            send: 'ping\n',
            expect: 'pong',
          },
          ...timing,
          failureThreshold: 2,
          timeoutMs: 1_000,
        },
        stop: { graceMs: 100 },
        restart: AT_ONCE,
      }),
    )
    const pid = await pidOf(first, 'a')
    await first.kill()
    const { manager, anotherPid } = await openManager({ root })
    await until(() => manager.getProcessInfo('a')?.ready)
    rmSync(flag)
    await until(() => manager.getProcessInfo('a')?.ready === false)
    expect(manager.getPid('a')).toBe(pid)
    process.kill(pid, 'SIGSTOP')
    await anotherPid('a', pid)
    expect(manager.deaths('a').at(-1)).toMatchObject({ exit: { kind: 'probe' } })
  })

  it('and was not ready yet gets ready under the next manager', async () => {
    const root = newRoot()
    const wait = 'while ! [ -e go ]; do sleep 0.02; done; echo up; exec sleep 1000'
    const first = start(root)
    await first.call(
      'add',
      script('a', wait, { ...OUTLIVE, ready: { kind: 'log', pattern: '^up$' } }),
    )
    first.call('up').catch(() => {})
    const pid = await until(() => first.call('getPid', 'a'))
    await first.kill()
    const { manager, phase } = await openManager({ root })
    expect(manager.getProcessInfo('a')).toMatchObject({ phase: 'starting', pid })
    writeFileSync(join(root, 'a', 'go'), '')
    await phase('a', 'running')
    expect(manager.getPid('a')).toBe(pid)
  })

  it('and was being stopped is stopped by the next manager', async () => {
    const root = newRoot()
    const first = await withRunning(
      start(root),
      script('a', `${ALONE} ${STUBBORN}`, { ...OUTLIVE, stop: { graceMs: 500 } }),
    )
    const pid = await pidOf(first, 'a')
    first.call('stopProcess', 'a').catch(() => {})
    await until(async () => (await first.call('getState', 'a')) === 'stopping')
    await first.kill()
    const { manager, phase } = await openManager({ root })
    await phase('a', 'stopped')
    expect(isAlive(pid)).toBe(false)
    expect(manager.getProcessInfo('a')).not.toHaveProperty('pid')
  })

  it('and was stopped is found stopped, and nothing of it is adopted', async () => {
    const root = newRoot()
    const first = await withRunning(start(root), sleeper('a', OUTLIVE))
    await first.call('stopProcess', 'a')
    await first.kill()
    const { manager, events } = await openManager({ root })
    expect(manager.getProcessInfo('a')).toMatchObject({ phase: 'stopped', adopted: false })
    expect(manager.getPid('a')).toBeUndefined()
    expect(events.filter(({ type }) => type === 'adopted')).toEqual([])
    await manager.add(sleeper('a', { ...OUTLIVE, args: ['999'] }))
  })

  it('is left alone by close(), which ends the others', async () => {
    const root = newRoot()
    const first = await withRunning(start(root), sleeper('a', OUTLIVE), sleeper('b'))
    const [a, b] = [await pidOf(first, 'a'), await pidOf(first, 'b')]
    await first.call('close')
    expect([a, b].map(isAlive)).toEqual([true, false])
    expect(existsSync(join(root, 'manager.pid'))).toBe(false)
    const { manager } = await openManager({ root })
    await until(() => manager.list().length === 1)
    expect(manager.list()).toMatchObject([{ name: 'a', pid: a }])
    // The same words again change nothing.
    await manager.add(sleeper('a', OUTLIVE))
    await manager.up()
    expect(manager.getPid('a')).toBe(a)
  })

  it('is found again after its process was redefined, also when its manager died over that', async () => {
    const root = newRoot()
    const first = await withRunning(start(root), sleeper('a', OUTLIVE))
    await first.call('down')
    const before = readRecord(join(root, 'a'))
    await first.call('add', sleeper('a', { ...OUTLIVE, replicas: 2 }))
    await first.call('up')
    const alive = livingUnder(root)
    expect(alive).toHaveLength(2)
    await first.kill()
    expect(readRecord(join(root, 'a'))).toBeUndefined()
    if (before && before !== 'damaged') writeRecord(join(root, 'a'), before)
    const { manager } = await openManager({ root })
    expect(
      manager
        .list()
        .map(({ pid }) => pid)
        .sort(),
    ).toEqual(alive.sort())
  })
})

describe('what is not to outlive its manager', () => {
  it.each([
    ['goes with it', 'exec sleep 1000'],
    ['goes with it, though it ignores SIGTERM', STUBBORN],
  ])('%s, and nobody is started beside one that is on its way out', async (_, text) => {
    const root = newRoot()
    const spec = script('a', `${ALONE} ${text}`, { stop: { graceMs: 300 } })
    const first = await withRunning(start(root), spec)
    const pids = join(root, 'a', 'pids')
    await until(() => pidsIn(pids).length === 1)
    await first.kill()
    const { manager } = await openManager({ root })
    await manager.add({ ...spec, env: { VERSION: '2' } })
    await manager.up()
    await until(() => pidsIn(pids).length === 2)
    expect(pidsIn(join(root, 'a', 'conflicts'))).toEqual([])
    expect(pidsIn(pids).map(isAlive)).toEqual([false, true])
  })

  it('is ended by its guard alone', async () => {
    const root = newRoot()
    const first = await withRunning(
      start(root),
      script('a', STUBBORN, { stop: { graceMs: 300 } }),
      sleeper('b'),
    )
    const pids = [await pidOf(first, 'a'), await pidOf(first, 'b')]
    await first.kill()
    await until(() => !pids.some(isAlive), { timeoutMs: 20_000 })
  })
})
