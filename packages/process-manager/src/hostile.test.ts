import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isAlive, until } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import {
  AT_ONCE,
  daemonSpec,
  openManager,
  pidsIn,
  plainPlatform,
  script,
  sleeper,
} from './testing/manager-testing.ts'

const NO_RESTART = { mode: 'never' } as const
/** Ignores SIGTERM for as long as it lives. */
const STUBBORN = `trap '' TERM; while :; do sleep 1; done`

/** A manager that may make no cgroups, and one process; with the pids that it writes to `pids`. */
async function hostile(text: string, more: Parameters<typeof script>[2] = {}) {
  const opened = await openManager({ platform: plainPlatform() })
  await opened.manager.add(script('a', text, { restart: NO_RESTART, ...more }))
  const file = join(opened.root, 'a', 'pids')
  return {
    ...opened,
    pids: (count: number) =>
      until(() => (pidsIn(file).length < count ? undefined : pidsIn(file)), {
        timeoutMs: 20_000,
      }),
  }
}

describe('a stop resolves only when the whole tree is gone, and it always comes to an end:', () => {
  it.each([
    ['ignores SIGTERM', `echo $$ >>pids; ${STUBBORN}`, 1],
    [
      'has a child that ignores SIGTERM, and leaves it alone',
      `sh -c "echo \\$\\$ >>pids; ${STUBBORN}" & echo $$ >>pids; exec sleep 1000`,
      2,
    ],
    [
      'has a child without any environment that ignores SIGTERM',
      `env -i PATH="$PATH" sh -c "echo \\$\\$ >>pids; ${STUBBORN}" & echo $$ >>pids; exec sleep 1000`,
      2,
    ],
    [
      'forks twice, and has somebody in a session of its own who ignores SIGTERM',
      `(setsid sh -c "echo \\$\\$ >>pids; ${STUBBORN}" &) ; echo $$ >>pids; exec sleep 1000`,
      2,
    ],
    [
      'starts one more when it is told to go',
      `trap "setsid sh -c 'echo \\$\\$ >>pids; ${STUBBORN.replaceAll("'", '"')}' & exit" TERM; echo $$ >>pids; while :; do sleep 0.05; done`,
      1,
    ],
  ])('of one that %s', async (_, text, count) => {
    const { manager, pids } = await hostile(text, { stop: { graceMs: 300 } })
    await manager.up()
    await pids(count)
    await manager.stopProcess('a')
    expect((await pids(count)).filter(isAlive)).toEqual([])
    expect(manager.getPid('a')).toBeUndefined()
  })

  it('of one that makes zombies, without waiting for its grace', async () => {
    const text = `for i in 1 2 3; do sleep 0.1 & done; echo $$ >>pids; exec sleep 1000`
    const { manager, pids } = await hostile(text, { stop: { graceMs: 60_000 } })
    await manager.up()
    const [pid] = await pids(1)
    await until(() => zombiesOf(pid ?? 0) === 3)
    await manager.stopProcess('a')
    expect(isAlive(pid ?? 0)).toBe(false)
  })

  it('of one that was stopped by a signal', async () => {
    const { manager, pids } = await hostile('echo $$ >>pids; exec sleep 1000', {
      stop: { graceMs: 300 },
    })
    await manager.up()
    const [pid = 0] = await pids(1)
    process.kill(pid, 'SIGSTOP')
    await manager.stopProcess('a')
    expect(isAlive(pid)).toBe(false)
  })

  it('and names what even SIGKILL has left, and starts nothing beside it', async () => {
    let launches = 0
    const platform = plainPlatform((real) => ({
      launch: (options) => {
        launches++
        return real.launch(options)
      },
      signalTree: async () => 'sent',
      killTree: (tree) => real.members(tree),
    }))
    const { manager, pid } = await openManager({ platform })
    await manager.add(sleeper('a', { stop: { graceMs: 50 } }))
    await manager.up()
    const survivor = pid('a')
    await expect(manager.stopProcess('a')).rejects.toThrow(`sleep (pid ${survivor}) survived`)
    expect(manager.why('a').text.join('\n')).toContain('survived SIGKILL')
    expect(manager.deaths('a').at(-1)?.survivors).toEqual([`sleep (pid ${survivor})`])
    const started = manager.start('a')
    process.kill(survivor, 'SIGKILL')
    await started
    expect(launches).toBe(2)
    process.kill(pid('a'), 'SIGKILL')
  })
})

describe('what a crash leaves does not disturb the next run', () => {
  /** Has the lock of its folder for as long as somebody of it lives. */
  const alone = (child: string) =>
    `exec 9>lock; flock -n 9 || { echo $$ >>conflicts; exit 9; }; echo $$ >>pids; ${child} exec sleep 1000`

  it.each([
    ['in its group', `sh -c "echo \\$\\$ >>children; ${STUBBORN}" &`],
    ['in a session of its own', `setsid sh -c "echo \\$\\$ >>children; ${STUBBORN}" &`],
  ])('%s', async (_, child) => {
    const { manager, root, pids, pid, anotherPid } = await hostile(alone(child), {
      restart: AT_ONCE,
      stop: { graceMs: 100 },
    })
    await manager.up()
    await pids(1)
    const first = pid('a')
    await until(() => pidsIn(join(root, 'a', 'children')).length > 0)
    process.kill(first, 'SIGKILL')
    await anotherPid('a', first)
    await pids(2)
    expect(pidsIn(join(root, 'a', 'conflicts'))).toEqual([])
    expect(manager.deaths('a')).toHaveLength(1)
  })
})

describe('a program that ends by itself', () => {
  it('at once and well has completed, and is not started again', async () => {
    const { manager, phase } = await openManager()
    await manager.add(script('a', 'echo done'))
    await manager.up()
    await phase('a', 'stopped')
    expect(manager.getProcessInfo('a')).toMatchObject({ phase: 'stopped', restarts: 0 })
    expect(manager.deaths('a')).toMatchObject([{ exit: { kind: 'code', code: 0 } }])
    expect(manager.log('a').tail().toString()).toBe('done\n')
  })

  it('at once and always is not started for ever', async () => {
    const { manager, root, phase } = await openManager()
    await manager.add(
      script('a', 'echo $$ >>pids', {
        restart: { mode: 'always', delay: { kind: 'fixed', delayMs: 1 }, budget: { inARow: 3 } },
      }),
    )
    await manager.up().catch(() => {})
    await phase('a', 'failed')
    expect(pidsIn(join(root, 'a', 'pids'))).toHaveLength(4)
    expect(manager.why('a').rule).toBe('budget:in-a-row')
  })

  it('before it is ready says why at once, and what it left goes, too', async () => {
    const text = `setsid sh -c "echo \\$\\$ >>pids; exec sleep 1000" & sleep 0.2; echo 'no disk' >&2; exit 4`
    const { manager, pids } = await hostile(text, { ready: { kind: 'socket' } })
    await expect(manager.up()).rejects.toThrow(/exited with code 4.*no disk/)
    const left = await pids(1)
    await until(() => !left.some(isAlive))
  })
})

describe('a program that does not get ready', () => {
  it('because it never opens its socket is ended with all that it has started', async () => {
    const { manager, pids } = await hostile(
      `setsid sh -c "echo \\$\\$ >>pids; ${STUBBORN}" & echo $$ >>pids; exec sleep 1000`,
      { ready: { kind: 'socket' }, startupTimeoutMs: 700, stop: { graceMs: 100 } },
    )
    await expect(manager.up()).rejects.toThrow('Timeout waiting for socket')
    expect((await pids(2)).filter(isAlive)).toEqual([])
  })

  it('because it opens its socket and says nothing is ended, too', async () => {
    const { manager, root } = await openManager()
    const probe = {
      kind: 'unix',
      path: join(root, 'a', 'daemon.sock'),
      send: 'ping\n',
      expect: 'pong',
    } as const
    await manager.add(
      daemonSpec('a', ['--mute'], {
        ready: { kind: 'check', check: { probe, timeoutMs: 200 } },
        startupTimeoutMs: 2_000,
        restart: NO_RESTART,
      }),
    )
    await expect(manager.up()).rejects.toThrow('Timeout waiting for its check: unix ')
    expect(manager.getPid('a')).toBeUndefined()
    expect(manager.deaths('a').at(-1)?.text).toContain('was not ready in time: ')
  })
})

it('500 MB of output fill no disk, and the manager goes on answering', async () => {
  const { manager, root } = await openManager()
  const files = 2
  const maxBytes = 4 * 1_048_576
  await manager.add(
    script('a', `yes 0123456789abcdef | head -c 500000000; echo; echo over; exec sleep 1000`, {
      logs: { maxBytes, files },
      ready: { kind: 'log', pattern: '^over$' },
      startupTimeoutMs: 60_000,
    }),
  )
  await manager.add(sleeper('b'))
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  let ended = false
  const flood = manager.up(['a']).finally(() => {
    ended = true
  })
  while (!ended) {
    await manager.start('b')
    await manager.stopProcess('b')
  }
  await flood
  delay.disable()
  await until(() => diskBytes(join(root, 'a', 'log')) <= (files + 1) * maxBytes)
  expect(manager.log('a').size().endOffset).toBe(500_000_005 + 1)
  expect(delay.max / 1e6).toBeLessThan(2_000)
}, 90_000)

function zombiesOf(parent: number): number {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      return / Z (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))?.[1] === `${parent}`
    } catch {
      return false
    }
  }).length
}

/** What a folder takes up, in bytes; holes are free. */
function diskBytes(folder: string): number {
  return readdirSync(folder).reduce(
    (sum, name) =>
      sum + 512 * (statSync(join(folder, name), { throwIfNoEntry: false })?.blocks ?? 0),
    0,
  )
}
