import type { ProcessInfo, ProcessManager } from '@conductor/process-manager'

/** What `name` stands for: one process, the replicas of one, or the members of a group. */
export function membersOf(manager: ProcessManager, name: string): readonly ProcessInfo[] {
  const all = manager.list()
  const exact = all.filter((info) => info.name === name)
  if (exact.length > 0) return exact
  return all.filter(({ spec }) => spec.name === name || spec.groups?.includes(name))
}
