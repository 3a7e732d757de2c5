import { isZombie, parseProcStat } from '@conductor/process-identity'
import { COOKIE_VARIABLE } from '../launch/child-environment.ts'
import type { Tree } from './tree.ts'
import { attempt, type TreeReaders } from './tree-readers.ts'

/**
 * Whether a tree whose leader and group are gone has left anybody behind who bears its cookie.
 *
 * Who loses its parent becomes a child of the first process, or of an ancestor of ours that asked for
 * that (a subreaper). So only their children are looked at, which are few: a restart cannot wait for
 * a look at every process there is.
 *
 * @returns `undefined` where the kernel does not list children (`CONFIG_PROC_CHILDREN`).
 * @see https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html
 */
export function hasOrphans(tree: Tree, readers: TreeReaders): boolean | undefined {
  if (readers.platform !== 'linux') return undefined
  const word = `${COOKIE_VARIABLE}=${tree.cookie}`
  const ancestors = ancestorsOf(readers)
  for (const ancestor of ancestors) {
    const children = childrenOf(ancestor, readers)
    if (!children) return undefined
    for (const pid of children) {
      if (ancestors.has(pid) || Number(pid) === readers.pid) continue
      const stat = parseProcStat(attempt(() => readers.readText(`/proc/${pid}/stat`)) ?? '')
      if (!stat || isZombie(stat) || Number(stat.startTime) < Number(tree.leader.startTime))
        continue
      const environment = attempt(() => readers.readText(`/proc/${pid}/environ`)) ?? ''
      if (environment.split('\0').includes(word)) return true
    }
  }
  return false
}

/** It never grows: an ancestor that dies leaves us to one of its own. */
const known = new WeakMap<TreeReaders, ReadonlySet<string>>()

/** Our parent, its parent, and so on to the first process. */
function ancestorsOf(readers: TreeReaders): ReadonlySet<string> {
  const before = known.get(readers)
  if (before) return before
  const found = new Set(['1'])
  known.set(readers, found)
  for (let pid = readers.pid; ; ) {
    const stat = parseProcStat(attempt(() => readers.readText(`/proc/${pid}/stat`)) ?? '')
    // 0: it is the first one, or its parent is outside of our namespace.
    if (!stat || stat.parentPid < 1 || found.has(`${stat.parentPid}`)) return found
    pid = stat.parentPid
    found.add(`${pid}`)
  }
}

/** Of its first thread, which is the one that orphans are given to. `[]` of an ancestor that has ended. */
function childrenOf(pid: string, readers: TreeReaders): string[] | undefined {
  const text = attempt(() => readers.readText(`/proc/${pid}/task/${pid}/children`))
  if (text !== undefined) return text.split(' ').filter(Boolean)
  return attempt(() => readers.readText(`/proc/${pid}/stat`)) === undefined ? [] : undefined
}
