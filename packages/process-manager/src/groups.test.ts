import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import type { ProcessSpec } from './spec/process-spec.ts'
import { AT_ONCE, openManager, script, sleeper } from './testing/manager-testing.ts'

describe('a group', () => {
  async function group(
    strategy: 'one-for-one' | 'one-for-all' | 'rest-for-one',
    restart = AT_ONCE,
  ) {
    const opened = await openManager()
    const { manager, pid, events } = opened
    manager.defineGroup('g', { strategy })
    const names = ['a', 'b', 'c']
    for (const name of names) {
      await manager.add(sleeper(name, { groups: ['g'], restart }))
      await manager.up([name])
    }
    const before = names.map(pid)
    return {
      ...opened,
      names,
      before,
      changed: () => names.filter((name, i) => manager.getPid(name) !== before[i]),
      events,
    }
  }

  it.each([
    ['one-for-one', ['b']],
    ['one-for-all', ['a', 'b', 'c']],
    ['rest-for-one', ['b', 'c']],
  ] as const)(
    'with the strategy %s: when b dies, %s are new, once each',
    async (strategy, expected) => {
      const { manager, names, before, changed } = await group(strategy)
      process.kill(before[1] ?? 0, 'SIGKILL')
      await until(
        () =>
          names.every((name) => manager.isRunning(name)) && changed().length === expected.length,
      )
      expect(changed()).toEqual(expected)
      await until(() => names.every((name) => manager.isRunning(name)))
      expect(names.map((name) => manager.deaths(name).length)).toEqual(
        names.map((name) => (expected.some((each) => each === name) ? 1 : 0)),
      )
    },
  )

  it('waits with the others until the one that died is back, and says who asked', async () => {
    const { manager, before, phase } = await group('one-for-all', {
      mode: 'always',
      delay: { kind: 'fixed', delayMs: 300_000 },
    })
    process.kill(before[0] ?? 0, 'SIGKILL')
    await phase('a', 'backoff')
    await phase('c', 'waiting')
    expect(manager.why('c').text.join('\n')).toContain('waits for a of its group to run again')
    await manager.start('a')
    await phase('b', 'running')
    await phase('c', 'running')
    expect(manager.deaths('b')[0]?.by).toBe('one-for-all of group g: a ended')
  })

  it('does not concern itself with who is restarted on request', async () => {
    const { manager, changed, events } = await group('one-for-all')
    await manager.restart('b')
    await manager.restart('b')
    const stopped = events.flatMap((each) =>
      each.type === 'changed' && each.info.phase === 'stopping' ? [each.name] : [],
    )
    expect([...new Set(stopped)]).toEqual(['b'])
    expect(changed()).toEqual(['b'])
  })

  it('starts and stops as one', async () => {
    const { manager } = await group('one-for-one')
    await manager.add(sleeper('x'))
    await manager.start('x')
    await manager.down(['g'])
    expect(manager.list().map(({ name, state }) => [name, state])).toEqual([
      ['a', 'stopped'],
      ['b', 'stopped'],
      ['c', 'stopped'],
      ['x', 'running'],
    ])
    await manager.start('g')
    expect(manager.list().every(({ state }) => state === 'running')).toBe(true)
    expect(() => manager.deaths('gg')).toThrow('UNKNOWN_PROCESS')
  })
})

describe('a rolling restart', () => {
  /** Three that read their version when they start, and are ready unless it is bad. */
  async function fleet(more: Partial<ProcessSpec> = {}) {
    const opened = await openManager()
    const version = join(opened.root, 'version')
    writeFileSync(version, 'good')
    const text = `[ "$(cat ${version})" = good ] || exit 7; sleep 0.1; echo up; exec sleep 1000`
    await opened.manager.add(
      script('web', text, {
        replicas: 3,
        minReady: 2,
        ready: { kind: 'log', pattern: '^up$' },
        ...more,
      }),
    )
    await opened.manager.up()
    let least = 3
    opened.manager.subscribe(() => {
      least = Math.min(least, opened.manager.list().filter(({ ready }) => ready).length)
    })
    return {
      ...opened,
      version,
      least: () => least,
      pids: () => opened.manager.list().map(({ pid }) => pid),
    }
  }

  it('replaces all and never has fewer ready than was promised', async () => {
    const { manager, least, pids } = await fleet()
    const before = pids()
    await manager.restart('web')
    expect(least()).toBe(2)
    expect(pids().filter((pid) => before.includes(pid))).toEqual([])
    expect(manager.list().map(({ name, ready }) => [name, ready])).toEqual([
      ['web@1', true],
      ['web@2', true],
      ['web@3', true],
    ])
  })

  it('of a version that does not work stops at the first, and says what is how', async () => {
    const { manager, version, least, pids } = await fleet()
    const before = pids()
    writeFileSync(version, 'bad')
    const restart = manager.restart('web')
    await expect(restart).rejects.toMatchObject({ code: 'ROLLING_FAILED' })
    await expect(restart).rejects.toThrow(/exited with code 7.*left as they were: web@2, web@3/)
    expect(least()).toBe(2)
    expect(pids().slice(1)).toEqual(before.slice(1))
  })

  it('of one replica alone leaves the others', async () => {
    const { manager, pids } = await fleet()
    const before = pids()
    await manager.restart('web@2')
    expect(pids().map((pid, index) => pid === before[index])).toEqual([true, false, true])
  })
})
