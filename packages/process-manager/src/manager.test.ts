import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive, temporaryFolder, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ManagerEvent } from './manager-api.ts'
import type { ProcessSpec } from './spec/process-spec.ts'
import {
  AT_ONCE,
  daemonSpec,
  openManager,
  pidsIn,
  plainPlatform,
  script,
  sleeper,
} from './testing/manager-testing.ts'

/** Ready once its folder has a file `go`. */
function gated(name: string, more: Partial<ProcessSpec> = {}): ProcessSpec {
  return script(name, 'while ! [ -e go ]; do sleep 0.02; done; echo up; exec sleep 1000', {
    ready: { kind: 'log', pattern: '^up$' },
    ...more,
  })
}

/** Names in the order in which they came into a phase. */
function order(events: readonly ManagerEvent[], phase: string): string[] {
  const names = events.flatMap((event) =>
    event.type === 'changed' && event.info.phase === phase ? [event.name] : [],
  )
  return names.filter((name, index) => names.indexOf(name) === index)
}

describe('dependencies', () => {
  it('are started first and stopped last', async () => {
    const { manager, events } = await openManager()
    await manager.add(sleeper('web', { dependsOn: { api: 'ready' } }))
    await manager.add(daemonSpec('api', [], { dependsOn: { db: 'started' } }))
    await manager.add(sleeper('db'))
    await manager.add(sleeper('other'))
    await manager.up(['web'])
    expect(order(events, 'running')).toEqual(['db', 'api', 'web'])
    expect(manager.getState('other')).toBe('stopped')
    await manager.down(['db'])
    expect(order(events, 'stopped')).toEqual(['web', 'api', 'db'])
  })

  it('hold up who waits for them until each condition holds, and why() says so', async () => {
    const { manager, root, phase } = await openManager()
    await manager.add(gated('db'))
    await manager.add(script('migrate', 'while ! [ -e go ]; do sleep 0.02; done'))
    await manager.add(
      sleeper('web', { dependsOn: { db: 'ready', migrate: 'completed-successfully' } }),
    )
    const up = manager.up()
    await phase('migrate', 'running')
    expect(manager.getProcessInfo('web')).toMatchObject({ phase: 'waiting', state: 'starting' })
    expect(manager.why('web').blockedBy).toEqual(['db', 'migrate'])
    expect(manager.why('web').text).toContain('waits for db to be ready: db is starting')
    writeFileSync(join(root, 'db', 'go'), '')
    await phase('db', 'running')
    expect(manager.why('web').blockedBy).toEqual(['migrate'])
    writeFileSync(join(root, 'migrate', 'go'), '')
    await up
    expect(manager.isRunning('web')).toBe(true)
    expect(manager.why('migrate').text[0]).toBe('it has completed')
  })

  it('that fail are told to whoever asked, and hold up nobody for ever without a word', async () => {
    const { manager } = await openManager()
    await manager.add(
      script('db', 'exit 3', { ready: { kind: 'socket' }, restart: { mode: 'never' } }),
    )
    await manager.add(sleeper('web', { dependsOn: { db: 'ready' } }))
    await expect(manager.up()).rejects.toThrow(
      /'db': exited with code 3\nweb waits for what failed/,
    )
    expect(manager.why('web').text.join('\n')).toContain('which will not happen by itself')
  })

  it('in a circle, or on nobody, are refused, and keep nobody from being stopped', async () => {
    const { manager, pid } = await openManager()
    await manager.add(sleeper('a', { dependsOn: { b: 'ready' } }))
    await expect(manager.up(['a'])).rejects.toMatchObject({ code: 'UNKNOWN_DEPENDENCY' })
    await manager.add(sleeper('c'))
    await manager.up(['c'])
    const runs = pid('c')
    await manager.add(sleeper('b', { dependsOn: { a: 'ready' } }))
    await expect(manager.up()).rejects.toMatchObject({ code: 'CYCLE' })
    await manager.close()
    expect(isAlive(runs)).toBe(false)
  })
})

describe('limits', () => {
  it.each([
    ['memory', '--eat', { memoryBytes: 150 * 1_048_576 }, /used too much memory \(\d+ MiB\)/],
    ['cpu', '--burn', { cpuPercent: 30 }, /used too much CPU \(\d+ % of a core\)/],
  ] as const)(
    'of %s end what goes beyond them, and the policy is asked',
    async (kind, flag, limits, text) => {
      const { manager } = await openManager({ platform: plainPlatform() })
      await manager.add(
        daemonSpec('a', [flag], { limits, restart: AT_ONCE, stop: { graceMs: 1_000 } }),
      )
      await manager.up()
      const death = await until(() => manager.deaths('a')[0], { timeoutMs: 20_000 })
      expect(death.exit.kind).toBe(kind)
      expect(death.text).toMatch(text)
      expect(death.decision).toMatch(/^restart at once/)
    },
  )
})

describe('readiness', () => {
  it.each([
    ['a socket', daemonSpec('a')],
    [
      'a check',
      daemonSpec('a', [], {
        ready: { kind: 'check', check: { probe: { kind: 'exec', command: 'true' } } },
      }),
    ],
    [
      'a line of its output',
      daemonSpec('a', [], { ready: { kind: 'log', pattern: '^listening$' } }),
    ],
    [
      'a line on its descriptor',
      script('a', 'sleep 0.1; echo >&3; exec sleep 1000', { ready: { kind: 'fd' } }),
    ],
    ['some time', sleeper('a', { ready: { kind: 'delay', delayMs: 150 } })],
  ])('can be told by %s', async (_, spec) => {
    const { manager, events } = await openManager()
    await manager.add(spec)
    await manager.up()
    expect(manager.getProcessInfo('a')).toMatchObject({ phase: 'running', ready: true })
    const phases = events.flatMap((each) => (each.type === 'changed' ? [each.info.phase] : []))
    expect(phases[0]).toBe('starting')
  })

  it('that is lost later ends nothing, and holds up those who need it', async () => {
    const { manager, root, pid } = await openManager()
    const flag = join(root, 'flag')
    writeFileSync(flag, '')
    await manager.add(
      sleeper('db', {
        readiness: {
          probe: { kind: 'exec', command: 'test', args: ['-e', flag] },
          periodMs: 30,
          failureThreshold: 1,
        },
      }),
    )
    await manager.add(sleeper('web', { dependsOn: { db: 'ready' } }))
    await manager.start('db')
    const db = pid('db')
    await until(() => manager.getProcessInfo('db')?.ready)
    rmSync(flag)
    await until(() => manager.getProcessInfo('db')?.ready === false)
    const up = manager.start('web')
    await until(() => manager.why('web').blockedBy.includes('db'))
    expect(manager.why('db').text).toContain(
      'its readiness check fails, so it does not count as ready',
    )
    writeFileSync(flag, '')
    await up
    expect(pid('db')).toBe(db)
  })
})

describe('what happened', () => {
  it('says what a failed check said for as long as it fails', async () => {
    const { manager, root } = await openManager()
    const flag = join(root, 'well')
    writeFileSync(flag, '')
    const probe = { kind: 'exec', command: 'test', args: ['-e', flag] } as const
    await manager.add(sleeper('a', { liveness: { probe, periodMs: 30, failureThreshold: 1_000 } }))
    await manager.up()
    const said = () => manager.why('a').text.join('\n').includes('the last check said')
    expect(said()).toBe(false)
    rmSync(flag)
    await until(said)
    writeFileSync(flag, '')
    await until(() => !said())
  })

  it('is in a tally that outlives managers: how it ended, who asked, what followed, the last lines', async () => {
    const root = temporaryFolder(onTestFinished)
    const first = await openManager({ root })
    await first.manager.add(
      script('a', 'echo one; echo two >&2; exec sleep 1000', { restart: AT_ONCE }),
    )
    await first.manager.up()
    await until(() => first.manager.log('a').tail().toString() === 'one\ntwo\n')
    process.kill(first.pid('a'), 'SIGSEGV')
    await until(() => first.manager.deaths('a').length === 1)
    await first.phase('a', 'running')
    await first.manager.restart('a', { by: 'the deploy' })
    await first.manager.stopProcess('a', { by: 'POST /stop' })
    await first.manager.close()

    const { manager } = await openManager({ root })
    await manager.add(sleeper('a'))
    expect(manager.deaths('a')).toMatchObject([
      {
        text: 'was killed by SIGSEGV',
        lastLines: ['one', 'two'],
        decision: expect.stringContaining('restart at once'),
      },
      { by: 'the deploy', decision: 'restart, as requested' },
      { by: 'POST /stop', exit: { kind: 'requested' } },
    ])
    expect(manager.why('a').text.join('\n')).toContain('asked by POST /stop')
  })

  it('is told by events, in order', async () => {
    const { manager, events } = await openManager()
    await manager.add(sleeper('a'))
    await manager.start('a')
    await manager.stopProcess('a')
    await manager.remove('a')
    const told = events.map((event) => (event.type === 'changed' ? event.info.phase : event.type))
    expect(told.filter((each, index) => each !== told[index - 1])).toEqual([
      'added',
      'running',
      'stopping',
      'death',
      'stopped',
      'removed',
    ])
  })
})

describe('a process that is given up', () => {
  it('is tried again later, if its policy says so', async () => {
    const { manager, root, phase } = await openManager()
    const restart = {
      delay: { kind: 'fixed', delayMs: 1 },
      budget: { inARow: 1, retryAfterMs: 200 },
    } as const
    await manager.add(
      script('a', 'echo $$ >>births; [ -e good ] || exit 3; exec sleep 1000', { restart }),
    )
    await manager.up().catch(() => {})
    await phase('a', 'failed')
    expect(manager.getProcessInfo('a')?.nextTryAt).toBeGreaterThan(Date.now() - 60_000)
    expect(manager.why('a').text[0]).toMatch(/given up \(budget:in-a-row\); one more try comes in/)
    writeFileSync(join(root, 'a', 'good'), '')
    await phase('a', 'running')
    await until(() => pidsIn(join(root, 'a', 'births')).length >= 3)
  })
})

describe('a definition', () => {
  it('can be repeated while it runs, and changed only when it is stopped', async () => {
    const { manager, pid } = await openManager()
    await manager.add(sleeper('a'))
    await manager.up()
    const before = pid('a')
    await manager.add(sleeper('a'))
    await expect(manager.add(sleeper('a', { args: ['999'] }))).rejects.toThrow('already running')
    expect(pid('a')).toBe(before)
    await manager.stopProcess('a')
    await expect(manager.add({ name: 'a', command: '' })).rejects.toMatchObject({
      code: 'BAD_SPEC',
    })
    await manager.add(sleeper('a', { args: ['999'] }))
    await manager.up()
    expect(manager.getProcessInfo('a')?.spec.args).toEqual(['999'])
  })

  it('is removed with its process and its folder', async () => {
    const { manager, root, pid } = await openManager()
    await manager.add(sleeper('a', { outlive: true }))
    await manager.up()
    const before = pid('a')
    await manager.remove('a')
    expect(isAlive(before)).toBe(false)
    expect(existsSync(join(root, 'a'))).toBe(false)
    expect(manager.list()).toEqual([])
    expect(() => manager.why('a')).toThrow('UNKNOWN_PROCESS')
  })
})

it('a disk that refuses its record starts nothing, and stops what runs all the same', async () => {
  const { manager, root, pid, events } = await openManager()
  await manager.add(sleeper('a'))
  await manager.up()
  const before = pid('a')
  const path = join(root, 'a', 'process.jsonl')
  const text = readFileSync(path)
  rmSync(path)
  // A folder in its place refuses root, too.
  mkdirSync(path)
  await manager.stopProcess('a')
  expect(isAlive(before)).toBe(false)
  expect(events.some((each) => each.type === 'trouble' && each.text.includes('record'))).toBe(true)
  await expect(manager.start('a')).rejects.toThrow('EISDIR')
  expect(manager.getPid('a')).toBeUndefined()
  rmSync(path, { recursive: true })
  writeFileSync(path, text)
  await manager.start('a')
  expect(manager.isRunning('a')).toBe(true)
})
