import { keyOf, type ProcessRow } from './process-table.ts'
import type { Tree } from './tree.ts'

/**
 * Which of these processes belong to the tree: its group and session, the bearers of its cookie,
 * those in its cgroup, and the children of all of them.
 *
 * A number is given away again once nobody has it, so a group without its leader is believed only if
 * a member bears the cookie, or is older than the leader's end. A process that bears another cookie is
 * somebody else's charge, as its children are.
 *
 * @param inCgroup The pids in the tree's cgroup.
 * @param ownPid Never a member.
 * @param before The keys of those that were members before: nothing takes that back.
 */
export function membersOf(
  rows: readonly ProcessRow[],
  tree: Tree,
  inCgroup: ReadonlySet<number>,
  ownPid: number,
  before: Iterable<string> = [],
): ProcessRow[] {
  const { leader, cookie } = tree
  const index = indexOf(rows)
  const mayBe = (row: ProcessRow): boolean =>
    row.pid !== 1 && row.pid !== ownPid && notBefore(row.startTime, leader.startTime)
  const bearers = cookie === '' ? [] : index.bearers(cookie)
  const gathered = [...index.ofGroup(leader.pid), ...index.ofSession(leader.pid)].filter(mayBe)
  const members = new Map<number, ProcessRow>()
  const add = (row: ProcessRow | undefined): void => {
    if (row && mayBe(row)) members.set(row.pid, row)
  }
  if (isOurs(index, gathered, tree)) gathered.forEach(add)
  bearers.forEach(add)
  for (const pid of inCgroup) add(index.byPid.get(pid))
  for (const key of before) {
    const row = index.byPid.get(Number(key.split(' ')[0]))
    if (row && keyOf(row) === key) add(row)
  }

  // A map gives out what is added to it during the loop, too: children, and their children.
  for (const parent of members.values())
    for (const row of index.childrenOf(parent.pid)) {
      if (members.has(row.pid) || (row.cookie !== '' && row.cookie !== cookie)) continue
      // A child is not older than its parent: that one only has the parent's number.
      if (notBefore(row.startTime, parent.startTime)) add(row)
    }
  return [...members.values()]
}

function isOurs(
  index: Index,
  gathered: readonly ProcessRow[],
  { leader, cookie, leaderEndedAt }: Tree,
): boolean {
  const holder = index.byPid.get(leader.pid)
  if (holder) return holder.startTime === leader.startTime
  return gathered.some(
    (row) =>
      (cookie !== '' && row.cookie === cookie) ||
      (leaderEndedAt !== undefined && Number(row.startTime) <= leaderEndedAt),
  )
}

/** A snapshot, to be asked about many trees. */
interface Index {
  readonly byPid: ReadonlyMap<number, ProcessRow>
  ofGroup(group: number): readonly ProcessRow[]
  ofSession(session: number): readonly ProcessRow[]
  bearers(cookie: string): readonly ProcessRow[]
  childrenOf(pid: number): readonly ProcessRow[]
}

const indexes = new WeakMap<readonly ProcessRow[], Index>()

/** Made once for each snapshot: a hundred trees would look through it a hundred times. */
function indexOf(rows: readonly ProcessRow[]): Index {
  const known = indexes.get(rows)
  if (known) return known
  const index: Index = {
    byPid: new Map(rows.map((row) => [row.pid, row])),
    ofGroup: by(rows, (row) => row.group),
    ofSession: by(rows, (row) => row.session),
    bearers: by(rows, (row) => row.cookie),
    childrenOf: by(rows, (row) => row.parentPid),
  }
  indexes.set(rows, index)
  return index
}

function by<K>(
  rows: readonly ProcessRow[],
  keyOfRow: (row: ProcessRow) => K,
): (key: K) => readonly ProcessRow[] {
  const groups = new Map<K, ProcessRow[]>()
  for (const row of rows) {
    const key = keyOfRow(row)
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  return (key) => groups.get(key) ?? []
}

/** Ticks on Linux; `ps` elsewhere writes dates. */
function notBefore(startTime: string, other: string): boolean {
  // Most trees are their leader alone.
  if (startTime === other) return true
  const [a, b] = [ticksOf(startTime), ticksOf(other)]
  return Number.isNaN(a) || Number.isNaN(b) || a >= b
}

function ticksOf(startTime: string): number {
  return /^\d+$/.test(startTime) ? Number(startTime) : Date.parse(`${startTime} UTC`)
}
