import type { ProcessInfo, ProcessManager } from '@conductor/process-manager'

/** What `name` stands for: one process, the replicas of one, or the members of a group. */
export function membersOf(manager: ProcessManager, name: string): readonly ProcessInfo[] {
  const one = manager.getProcessInfo(name)
  if (one) return [one]
  return manager.list().filter(({ spec }) => spec.name === name || spec.groups?.includes(name))
}
