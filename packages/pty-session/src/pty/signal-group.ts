import { type ProcessIdentity, processState } from '@conductor/process-identity'

/** The group's number is the leader's pid, and means this group only while the leader has it. */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): void {
  if (processState(leader) !== 'alive') return
  try {
    process.kill(-leader.pid, signal)
  } catch {
    // It has just ended, or has become another user.
  }
}
