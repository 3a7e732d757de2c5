import { processState } from '@conductor/process-identity'
import { isPtySessionError, PtySessionError } from '../pty-session-error.ts'
import { hasTmuxRecords, tmuxRoot } from '../tmux/tmux-record.ts'
import { type HostFile, readHostFile } from './host-file.ts'
import { startHost } from './start-host.ts'

/** `false`: nothing is left that a host could go on with. */
export type Replace = () => Promise<boolean>

/** Who serves `dir`. @throws PtySessionError `HOST_DEAD`, `HOST_UNREACHABLE` */
export async function findHost(dir: string, replace: Replace | undefined): Promise<HostFile> {
  const file = readHostFile(dir)
  if (file && processState(file.identity) !== 'dead') return file
  if (await replace?.()) return findHost(dir, undefined)
  throw new PtySessionError(
    'HOST_DEAD',
    file
      ? `the host of ${dir}, pid ${file.identity.pid}, is gone`
      : `no host ever listened in ${dir}`,
  )
}

/** Starts a host that goes on with what an earlier one in `dir` has left in tmux. @throws PtySessionError `HOST_UNREACHABLE` */
export async function replaceHost(dir: string, tmuxSocket: string): Promise<boolean> {
  // A folder that was removed meanwhile must not come back either.
  if (!hasTmuxRecords(tmuxRoot(dir))) return false
  try {
    return (await startHost({ dir, tmuxSocket, resume: true })) === 'ready'
  } catch (cause) {
    // Somebody else was faster.
    if (isPtySessionError(cause, 'HOST_HELD')) return true
    const text = `no host could be started for what runs in tmux for ${dir}`
    throw new PtySessionError('HOST_UNREACHABLE', text, { cause })
  }
}
