import { type Clock, systemClock } from '@conductor/machine'
import {
  identifyProcess,
  identifySelf,
  type ProcessIdentity,
  processState,
  signalProcess,
} from '@conductor/process-identity'
import { codeOf } from '../system-error.ts'
import { cgroupPids, isPopulated, killCgroup } from './cgroup.ts'
import { membersOf } from './members.ts'
import { hasOrphans } from './orphans.ts'
import { createProcessTable, keyOf, type ProcessRow, type ProcessTable } from './process-table.ts'
import type { Member, Tree } from './tree.ts'
import { systemTreeReaders, type TreeReaders } from './tree-readers.ts'

/** How often an end is looked for, in milliseconds: soon at first, since most end at once. */
const POLL_FIRST_MS = 5
const POLL_LONGEST_MS = 100

/** After `SIGKILL`, a process that waits for a broken device may stay for ever: so long it is waited for. */
const KILL_PATIENCE_MS = 2_000

export interface TreesOptions {
  /** Shared with whoever else looks at processes (default: one of its own). */
  readonly table?: ProcessTable
  readonly readers?: TreeReaders
  readonly clock?: Clock
}

export interface Trees {
  /**
   * Whether the group, and the cgroup where there is one, has nobody in it. Two system calls at most.
   * Zombies whose parent does not care still count, and those who left the group do not: `members`
   * tells.
   */
  isGroupEmpty(tree: Tree): boolean
  /**
   * Whether somebody who bears its cookie outlives its leader and its group. It looks at orphans alone
   * and answers at once.
   *
   * @returns `undefined` where only `members` can tell.
   */
  hasOrphans(tree: Tree): boolean | undefined
  /** The same of a snapshot. Who was seen as a member once is known for one later, whatever it hides. */
  membersIn(rows: readonly ProcessRow[], tree: Tree): ProcessRow[]
  /** Everybody who belongs to it. Empty also for a tree of another machine or namespace. */
  members(tree: Tree): Promise<Member[]>
  /**
   * Signals all of it: the group at once if its leader still is that leader, and one by one who is
   * elsewhere. The group has its signal when this returns, the others when it resolves.
   *
   * @returns `gone` when nobody is left; `refused` when it is not ours to signal, or cannot be told.
   */
  signal(tree: Tree, signal: NodeJS.Signals): Promise<'sent' | 'gone' | 'refused'>
  /** `SIGKILL` to all of it until nobody is left. @returns who is, after two seconds. */
  kill(tree: Tree): Promise<Member[]>
  /** Resolves when nobody of it is left. @throws the reason of `signal` */
  whenEmpty(tree: Tree, options?: { readonly signal?: AbortSignal }): Promise<void>
}

/** Looks at trees of processes and ends them, without ever signalling a pid that is somebody else's now. */
export function createTrees(options: TreesOptions = {}): Trees {
  const { readers = systemTreeReaders, clock = systemClock } = options
  const { table = createProcessTable({ readers }) } = options
  const self = identifySelf(readers)
  /**
   * Who was seen in a tree, by its cookie. Once its parent is gone, one that has left the group, the
   * session and its environment (PostgreSQL's children do) shows nothing any more that says whose it is.
   */
  const seen = new Map<string, ReadonlySet<string>>()

  /** Whether its pids mean anything here. */
  function isHere({ leader }: Tree): boolean {
    return (
      leader.bootId === self.bootId &&
      leader.pidNamespace === self.pidNamespace &&
      leader.host === self.host
    )
  }

  function isGroupEmpty(tree: Tree): boolean {
    if (!isHere(tree)) return processState(tree.leader, readers) === 'dead'
    if (tree.cgroup !== undefined && isPopulated(tree.cgroup)) return false
    try {
      readers.kill(-tree.leader.pid, 0)
    } catch (error) {
      return codeOf(error) === 'ESRCH'
    }
    // Nobody is given the number of a group that has members: then it is another group.
    const holder = identifyProcess(tree.leader.pid, readers)
    return holder !== undefined && holder.startTime !== tree.leader.startTime
  }

  async function look(tree: Tree): Promise<ProcessRow[]> {
    return isHere(tree) ? membersIn(await table.snapshot(), tree) : []
  }

  function membersIn(rows: readonly ProcessRow[], tree: Tree): ProcessRow[] {
    const inCgroup = tree.cgroup === undefined ? new Set<number>() : cgroupPids(tree.cgroup)
    const found = membersOf(rows, tree, inCgroup, readers.pid, seen.get(tree.cookie))
    if (found.length === 0) seen.delete(tree.cookie)
    else seen.set(tree.cookie, new Set(found.map(keyOf)))
    return found
  }

  function memberOf({ leader }: Tree, { pid, startTime, name }: ProcessRow): Member {
    return { identity: { ...leader, pid, startTime }, name }
  }

  async function members(tree: Tree): Promise<Member[]> {
    return (await look(tree)).map((row) => memberOf(tree, row))
  }

  /** To the whole group in one step, which no fork escapes. */
  function signalGroup(tree: Tree, signal: NodeJS.Signals): 'sent' | 'gone' | 'refused' {
    const state = processState(tree.leader, readers)
    if (state !== 'alive') return state === 'dead' ? 'gone' : 'refused'
    try {
      readers.kill(-tree.leader.pid, signal)
      return 'sent'
    } catch (error) {
      if (codeOf(error) === 'ESRCH') return 'gone'
      if (codeOf(error) === 'EPERM') return 'refused'
      throw error
    }
  }

  async function signal(tree: Tree, name: NodeJS.Signals): Promise<'sent' | 'gone' | 'refused'> {
    const group = signalGroup(tree, name)
    if (group === 'refused') return group
    const others = (await look(tree)).filter(
      (row) => group === 'gone' || row.group !== tree.leader.pid,
    )
    const results = others.map((row) => signalProcess(memberOf(tree, row).identity, name, readers))
    return [group, ...results].reduce((all, each) => (all === 'gone' ? each : all))
  }

  async function kill(tree: Tree): Promise<Member[]> {
    if (!isHere(tree)) return []
    // While the leader lives it shows whose its children are.
    await look(tree)
    const endMs = clock.now() + KILL_PATIENCE_MS
    let pollMs = 1
    for (let emptyLooks = 0; ; ) {
      if (tree.cgroup !== undefined) killCgroup(tree.cgroup)
      signalGroup(tree, 'SIGKILL')
      const left = await members(tree)
      // Somebody may have forked past the scan: only a second look proves it.
      emptyLooks = left.length === 0 ? emptyLooks + 1 : 0
      if (emptyLooks === 2) return []
      if (left.length > 0 && clock.now() >= endMs) return left
      for (const { identity } of left) signalProcess(identity, 'SIGKILL', readers)
      if (left.length === 0) continue
      await pause(pollMs)
      pollMs = Math.min(pollMs * 2, POLL_LONGEST_MS)
    }
  }

  async function whenEmpty(
    tree: Tree,
    { signal: abort }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    for (let pollMs = POLL_FIRST_MS; ; pollMs = Math.min(pollMs * 2, POLL_LONGEST_MS)) {
      abort?.throwIfAborted()
      // In the long run also when the group seems full: it may be full of zombies.
      const worthALook = isGroupEmpty(tree) || pollMs === POLL_LONGEST_MS
      if (worthALook && (isHere(tree) ? (await members(tree)).length === 0 : isGroupEmpty(tree)))
        return
      await pause(pollMs, abort)
    }
  }

  function pause(ms: number, abort?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clock.clearTimeout(timer)
        abort?.removeEventListener('abort', done)
        resolve()
      }
      const timer = clock.setTimeout(done, ms)
      abort?.addEventListener('abort', done)
    })
  }

  return {
    isGroupEmpty,
    hasOrphans(tree) {
      if (!isHere(tree)) return undefined
      const known = [...(seen.get(tree.cookie) ?? [])].map(identityOf(tree))
      if (known.some((each) => processState(each, readers) === 'alive')) return true
      const found = hasOrphans(tree, readers)
      if (found === false) seen.delete(tree.cookie)
      return found
    },
    members,
    membersIn,
    signal,
    kill,
    whenEmpty,
  }
}

function identityOf({ leader }: Tree): (key: string) => ProcessIdentity {
  return (key) => {
    const [pid, startTime = ''] = key.split(' ')
    return { ...leader, pid: Number(pid), startTime }
  }
}
