import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Claim, claimPidfile, isPidfileError } from '@conductor/pidfile'
import { ProcessManagerError } from '../process-manager-error.ts'
import { reasonOf } from '../system-error.ts'

/**
 * Makes the folder and takes its lock, so that two managers never have one daemon between them.
 *
 * @throws ProcessManagerError `LOCKED` naming the other manager; `UNWRITABLE`.
 */
export async function openRoot(root: string): Promise<Claim> {
  try {
    mkdirSync(root, { recursive: true, mode: 0o700 })
    return await claimPidfile(join(root, 'manager.pid'), { mode: 0o600 })
  } catch (cause) {
    if (isPidfileError(cause, 'HELD'))
      throw new ProcessManagerError(
        'LOCKED',
        `another manager has ${root}: ${cause.message}: end it, or give this one a root of its own`,
        { cause },
      )
    throw new ProcessManagerError('UNWRITABLE', `${root} cannot be used: ${reasonOf(cause)}`, {
      cause,
    })
  }
}
