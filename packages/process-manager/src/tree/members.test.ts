import { describe, expect, it } from 'vitest'
import { membersOf } from './members.ts'
import type { ProcessRow } from './process-table.ts'
import type { Tree } from './tree.ts'

const tree: Tree = {
  leader: { pid: 100, startTime: '5000', bootId: 'b', host: 'h' },
  cookie: 'ours',
}
const row = (pid: number, more: Partial<ProcessRow> = {}): ProcessRow => ({
  pid,
  parentPid: 1,
  group: pid,
  session: pid,
  name: 'x',
  startTime: `${4_900 + pid}`,
  rssBytes: 0,
  cpuMs: 0,
  cookie: '',
  ...more,
})
const pids = (rows: ProcessRow[], more: Partial<Tree> = {}, inCgroup: number[] = []) =>
  membersOf(rows, { ...tree, ...more }, new Set(inCgroup), 7).map(({ pid }) => pid)

const leader = row(100)

describe('the members of a tree', () => {
  it('are its group, its session, the bearers of its cookie and who is in its cgroup', () => {
    const rows = [
      leader,
      row(101, { group: 100 }),
      row(102, { session: 100 }),
      row(103, { cookie: 'ours' }),
      row(104),
      row(105),
    ]
    expect(pids(rows, {}, [104])).toEqual([100, 101, 102, 103, 104])
  })

  it('are their children, too, also those that hide the cookie', () => {
    const rows = [row(110, { parentPid: 109 }), row(109, { parentPid: 100 }), leader]
    expect(pids(rows).sort()).toEqual([100, 109, 110])
  })

  it('are not the charges of somebody else among the children', () => {
    const rows = [
      leader,
      row(108, { parentPid: 100, cookie: 'other' }),
      row(109, { parentPid: 108 }),
    ]
    expect(pids(rows)).toEqual([100])
  })

  it('are not who has the number of a parent that is gone', () => {
    expect(pids([leader, row(101, { parentPid: 100, startTime: '4999' })])).toEqual([100])
  })

  it('are never this process, the first one, or one older than the leader', () => {
    const more = { cookie: 'ours', startTime: '6000' }
    const old = row(90, { cookie: 'ours', startTime: '4999' })
    expect(pids([row(1, more), row(7, more), old, leader])).toEqual([100])
  })

  it('are nobody when somebody else has the pid of the leader now', () => {
    const reused = row(100, { startTime: '9000' })
    expect(pids([reused, row(101, { group: 100, startTime: '9001' })])).toEqual([])
  })

  it('live on without their leader, if one bears the cookie or is older than its end', () => {
    const left = [row(101, { group: 100 }), row(102, { group: 100 })]
    expect(pids(left)).toEqual([])
    expect(pids(left, { leaderEndedAt: 5_001 })).toEqual([101, 102])
    expect(pids(left, { leaderEndedAt: 5_000 })).toEqual([])
    expect(pids([...left, row(103, { group: 100, cookie: 'ours' })])).toEqual([101, 102, 103])
  })
})
