import { join } from 'node:path'
import type { Clock } from '@conductor/machine'
import {
  createProcessManager,
  isProcessManagerError,
  type ManagerEvent,
  type ProcessManager,
} from '@conductor/process-manager'
import { asShortage, ServerError } from '../server-error.ts'
import { ownEnvironment } from '../sessions/session-environment.ts'

export interface OpenManagerOptions {
  readonly stateDir: string
  /** The server's own; what is the server's in it, no daemon inherits. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Hears also what is found and adopted. */
  readonly onEvent: (event: ManagerEvent) => void
  readonly clock: Clock
}

/** Where each process has its folder. */
export function processesRoot(stateDir: string): string {
  return join(stateDir, 'processes')
}

/**
 * The manager of this server's processes, in `<stateDir>/processes`. Those that an earlier server left
 * running are adopted when it is there.
 *
 * @throws ServerError `HELD` when another manager has the folder; `UNREADABLE` when it cannot be used.
 */
export async function openManager(options: OpenManagerOptions): Promise<ProcessManager> {
  const { stateDir, env, ...rest } = options
  try {
    return await createProcessManager({
      root: processesRoot(stateDir),
      env: ownEnvironment(env),
      ...rest,
    })
  } catch (error) {
    if (!isProcessManagerError(error)) throw error
    const text = error.message.replace(/^\[[^\]]*\] /, '')
    const code = error.code === 'LOCKED' ? 'HELD' : 'UNREADABLE'
    throw asShortage(error) ?? new ServerError(code, text, { cause: error })
  }
}
