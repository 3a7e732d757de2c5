import { processState } from '@conductor/process-identity'
import type { SessionRecord } from './session-file.ts'

/**
 * Ends what a lost host has left running: a program that did not mind its terminal going away.
 * Only what is provably the program of `record` is signalled, with its process group.
 */
export function endLeftovers({ identity }: SessionRecord): void {
  if (!identity || processState(identity) !== 'alive') return
  try {
    process.kill(-identity.pid, 'SIGKILL')
  } catch {
    // It has ended in between.
  }
}
