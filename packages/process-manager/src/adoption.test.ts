import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { identifyProcess } from '@conductor/process-identity'
import { temporaryFolder, until } from '@conductor/testing'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { bundle } from './launch/launch-testing.ts'
import { createProcessManager } from './process-manager.ts'
import { type ProcessRecord, readRecord, writeRecord } from './records/process-record.ts'
import {
  killUnder,
  livingUnder,
  type ManagerProcess,
  startManager,
} from './testing/manager-process.ts'
import {
  AT_ONCE,
  daemonSpec,
  isAlive,
  openManager,
  pidsIn,
  script,
  sleeper,
} from './testing/manager-testing.ts'

let program = ''
beforeAll(() => {
  const ends: (() => void)[] = []
  program = bundle(new URL('./testing/manager-program.ts', import.meta.url), (end) =>
    ends.push(end),
  )
  return () => {
    for (const end of ends) end()
  }
})

const OUTLIVE = { outlive: true } as const
const STUBBORN = `trap '' TERM; while :; do sleep 1; done`
/** Has the lock of its folder for as long as somebody of it lives, and says when another has it. */
const ALONE = `exec 9>lock; flock -n 9 || { echo $$ >>conflicts; exit 9; }; echo $$ >>pids;`

/** A folder where nobody is left after the test. */
function newRoot(): string {
  const root = temporaryFolder(onTestFinished)
  onTestFinished(() => killUnder(root))
  return root
}

/** A manager in another process, with processes that run. */
async function earlier(root: string, ...specs: readonly ProcessRecord['spec'][]) {
  const manager = startManager(program, root, { atTheEnd: onTestFinished })
  for (const spec of specs) await manager.call('add', spec)
  await manager.call('up')
  return manager
}

async function pidOf(manager: ManagerProcess, name: string): Promise<number> {
  return (await manager.call('getPid', name)) ?? 0
}

function changeRecord(root: string, name: string, change: (record: ProcessRecord) => object): void {
  const record = readRecord(join(root, name))
  if (!record || record === 'damaged') throw new Error(`${name} has no record`)
  writeRecord(join(root, name), { ...record, ...change(record) })
}

function stranger(): ChildProcess & { readonly pid: number } {
  const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  if (child.pid === undefined) throw new Error('no process')
  return Object.assign(child, { pid: child.pid })
}

describe('what is to outlive its manager', () => {
  it('lives on when that is killed, and is adopted with not one byte of its output lost', async () => {
    const root = newRoot()
    const count = 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done'
    const first = await earlier(root, script('a', count, OUTLIVE))
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
    const first = await earlier(root, sleeper('a', { ...OUTLIVE, restart }))
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
    const first = await earlier(root, sleeper('a', { ...OUTLIVE, restart: AT_ONCE }))
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
    const first = await earlier(
      root,
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
    const first = startManager(program, root, { atTheEnd: onTestFinished })
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
    const first = await earlier(
      root,
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

  it('is left alone by close(), which ends the others', async () => {
    const root = newRoot()
    const first = await earlier(root, sleeper('a', OUTLIVE), sleeper('b'))
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

  it('is found again after its process was redefined, with other replicas too', async () => {
    const root = newRoot()
    const first = await earlier(root, sleeper('a', OUTLIVE))
    await first.call('down')
    await first.call('add', sleeper('a', { ...OUTLIVE, replicas: 2 }))
    await first.call('up')
    const alive = livingUnder(root)
    expect(alive).toHaveLength(2)
    await first.kill()
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
    const first = await earlier(root, spec)
    const pids = join(root, 'a', 'pids')
    await until(() => pidsIn(pids).length === 1)
    await first.kill()
    const { manager } = await openManager({ root })
    await manager.add(spec)
    await manager.up()
    await until(() => pidsIn(pids).length === 2)
    expect(pidsIn(join(root, 'a', 'conflicts'))).toEqual([])
    expect(pidsIn(pids).map(isAlive)).toEqual([false, true])
  })

  it('is ended by its guard alone', async () => {
    const root = newRoot()
    const first = await earlier(
      root,
      script('a', STUBBORN, { stop: { graceMs: 300 } }),
      sleeper('b'),
    )
    const pids = [await pidOf(first, 'a'), await pidOf(first, 'b')]
    await first.kill()
    await until(() => !pids.some(isAlive), { timeoutMs: 20_000 })
  })
})

describe('a pid that somebody else has now', () => {
  it.each([
    ['running', true],
    ['stopping', true],
    ['running', false],
  ])('is neither adopted nor signalled: %s, outlive %s', async (name, outlive) => {
    const root = newRoot()
    const first = await earlier(root, sleeper('a', { outlive, restart: AT_ONCE }))
    const old = await pidOf(first, 'a')
    await first.kill()
    if (outlive) process.kill(old, 'SIGKILL')
    await until(() => !isAlive(old))
    const other = stranger()
    changeRecord(root, 'a', ({ run, life }) => ({
      run: run && { ...run, identity: { ...run.identity, pid: other.pid } },
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
    expect(other.signalCode).toBeNull()
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
      const first = await earlier(root, sleeper('a', OUTLIVE))
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
    const first = await earlier(root)
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
    const first = await earlier(root, ...['a', 'b', 'c'].map((name) => sleeper(name, OUTLIVE)))
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
    const first = await earlier(root, sleeper('a', OUTLIVE))
    const pid = await pidOf(first, 'a')
    await first.kill()
    appendFileSync(join(root, 'a', 'process.jsonl'), '{"v":1,"name":"a","spec":{"na')
    const second = startManager(program, root, { atTheEnd: onTestFinished })
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
    const first = startManager(program, root, { atTheEnd: onTestFinished })
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
