import { fakeClock, until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { launcherFor } from '../launch/launch-testing.ts'
import { membersOf } from '../tree/members.ts'
import { createProcessTable, type ProcessRow } from '../tree/process-table.ts'
import { createTrees } from '../tree/trees.ts'
import { createUsageSampler, measure, type Usage } from './usage.ts'

const row = (pid: number, more: Partial<ProcessRow> = {}): ProcessRow => ({
  pid,
  parentPid: 1,
  group: 100,
  session: 100,
  name: 'x',
  startTime: '5000',
  rssBytes: 1_000,
  cpuMs: 0,
  cookie: '',
  ...more,
})
const leader = { pid: 100, startTime: '5000', bootId: 'b', host: 'h' }

function sampler() {
  const clock = fakeClock()
  let rows: readonly ProcessRow[] = [row(100)]
  const table = {
    scans: 0,
    async snapshot() {
      table.scans++
      return rows
    },
  }
  const usages: Usage[] = []
  const { register } = createUsageSampler({
    table,
    clock,
    membersIn: (all, tree) => membersOf(all, tree, new Set(), 1),
  })
  return {
    clock,
    table,
    usages,
    now: (next: readonly ProcessRow[]) => {
      rows = next
    },
    register: () => register({ leader, cookie: 'c' }, (usage) => usages.push(usage)),
  }
}

describe('usage', () => {
  it('is the memory of all members, and their processor time since the previous sample', () => {
    const first = measure([row(100, { cpuMs: 500 }), row(101)], 1_000)
    expect(first.usage).toEqual({ rssBytes: 2_000, cpuPercent: undefined, processes: 2 })
    const members = [row(100, { cpuMs: 1_000 }), row(102, { cpuMs: 250 })]
    expect(measure(members, 2_000, first.mark).usage).toMatchObject({ cpuPercent: 75 })
  })

  it('is not negative when a pid was used again', () => {
    const { mark } = measure([row(100, { cpuMs: 500 })], 0)
    const reused = [row(100, { cpuMs: 10, startTime: '9000' })]
    expect(measure(reused, 1_000, mark).usage.cpuPercent).toBe(1)
  })

  it('is sampled after a second, then every 15 seconds, with one scan for all trees', async () => {
    const { clock, table, usages, register, now } = sampler()
    register()
    register()
    clock.advance(1_000)
    await until(() => usages.length === 2)
    now([row(100, { cpuMs: 1_400 })])
    clock.advance(14_000)
    await until(() => usages.length === 4)
    expect(table.scans).toBe(2)
    expect(usages.slice(2)).toEqual([
      { rssBytes: 1_000, cpuPercent: 10, processes: 1 },
      { rssBytes: 1_000, cpuPercent: 10, processes: 1 },
    ])
  })

  it('costs nothing while nobody asks for it, and tells nobody who has left', async () => {
    const { clock, table, usages, register } = sampler()
    clock.advance(60_000)
    expect([table.scans, clock.pending]).toEqual([0, 0])
    const leave = register()
    leave()
    leave()
    clock.advance(60_000)
    expect([table.scans, usages, clock.pending]).toEqual([0, [], 0])
  })

  it('of a real program that works is about one core', async () => {
    const { start } = launcherFor(onTestFinished)
    const clock = fakeClock()
    const { identity, cookie, go } = start('while :; do :; done')
    const { register } = createUsageSampler({
      table: createProcessTable(),
      clock,
      membersIn: createTrees().membersIn,
    })
    const usages: Usage[] = []
    go()
    const leave = register({ leader: identity, cookie }, (usage) => usages.push(usage))
    onTestFinished(leave)
    await until(() => {
      clock.advance(15_000)
      return usages.find(({ cpuPercent = 0 }) => cpuPercent > 0)
    })
    expect(usages.at(-1)).toMatchObject({ processes: 1 })
    expect(usages.at(-1)?.rssBytes).toBeGreaterThan(100_000)
    expect((usages.at(-1)?.rssBytes ?? 0) % 4_096).toBe(0)
  })
})
