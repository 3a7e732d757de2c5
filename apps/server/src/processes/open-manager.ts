import { join } from 'node:path'
import type { Clock } from '@conductor/machine'
import {
  createProcessManager,
  isProcessManagerError,
  type ProcessManager,
} from '@conductor/process-manager'
import { asShortage, ServerError } from '../server-error.ts'

/**
 * The manager of this server's processes, in `<stateDir>/processes`. Those that an earlier server left
 * running are adopted when it is there.
 *
 * @throws ServerError `HELD` when another manager has the folder; `UNREADABLE` when it cannot be used.
 */
export async function openManager(stateDir: string, clock: Clock): Promise<ProcessManager> {
  try {
    return await createProcessManager({ root: join(stateDir, 'processes'), clock })
  } catch (error) {
    if (!isProcessManagerError(error)) throw error
    const text = error.message.replace(/^\[[^\]]*\] /, '')
    const code = error.code === 'LOCKED' ? 'HELD' : 'UNREADABLE'
    throw asShortage(error) ?? new ServerError(code, text, { cause: error })
  }
}
