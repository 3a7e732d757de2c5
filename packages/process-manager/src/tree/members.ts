import type { ProcessRow } from './process-table.ts'
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
 * @param wasMember Whether it was one before: nothing takes that back.
 */
export function membersOf(
  rows: readonly ProcessRow[],
  tree: Tree,
  inCgroup: ReadonlySet<number>,
  ownPid: number,
  wasMember: (row: ProcessRow) => boolean = () => false,
): ProcessRow[] {
  const { leader, cookie } = tree
  const candidates = rows.filter(
    (row) => row.pid !== 1 && row.pid !== ownPid && notBefore(row.startTime, leader.startTime),
  )
  const gathered = candidates.filter(
    (row) => row.group === leader.pid || row.session === leader.pid,
  )
  const bears = (row: ProcessRow) => cookie !== '' && row.cookie === cookie
  const believed = isOurs(rows, gathered, tree, bears) ? new Set(gathered) : new Set<ProcessRow>()
  const members = new Map(
    candidates
      .filter((row) => believed.has(row) || bears(row) || inCgroup.has(row.pid) || wasMember(row))
      .map((row) => [row.pid, row]),
  )

  // Children have larger pids only until the numbers begin anew: until nobody is added.
  for (let before = -1; before !== members.size; ) {
    before = members.size
    for (const row of candidates) {
      const parent = members.get(row.parentPid)
      if (!parent || members.has(row.pid)) continue
      if (row.cookie !== '' && row.cookie !== cookie) continue
      // A child is not older than its parent: that one only has the parent's number.
      if (notBefore(row.startTime, parent.startTime)) members.set(row.pid, row)
    }
  }
  return [...members.values()]
}

function isOurs(
  rows: readonly ProcessRow[],
  gathered: readonly ProcessRow[],
  { leader, leaderEndedAt }: Tree,
  bears: (row: ProcessRow) => boolean,
): boolean {
  const holder = rows.find(({ pid }) => pid === leader.pid)
  if (holder) return holder.startTime === leader.startTime
  return gathered.some(
    (row) => bears(row) || (leaderEndedAt !== undefined && Number(row.startTime) <= leaderEndedAt),
  )
}

/** Ticks on Linux; `ps` elsewhere writes dates. */
function notBefore(startTime: string, other: string): boolean {
  const [a, b] = [ticksOf(startTime), ticksOf(other)]
  return Number.isNaN(a) || Number.isNaN(b) || a >= b
}

function ticksOf(startTime: string): number {
  return /^\d+$/.test(startTime) ? Number(startTime) : Date.parse(`${startTime} UTC`)
}
