import { constants } from 'node:fs'
import process from 'node:process'
import { systemCodeOf } from '../pidfile-error.ts'
import { type LockAttempt, lockedBy, openLockFile } from './lock.ts'

/** Of `<fcntl.h>` on macOS and the BSDs. Node passes flags on as they are. */
const O_EXLOCK = 0x20

const SYSTEMS: readonly string[] = ['darwin', 'freebsd', 'openbsd', 'netbsd']

/**
 * macOS and BSD: opening locks, as `flock(2)` would.
 *
 * @see https://man.freebsd.org/cgi/man.cgi?open(2)
 */
export async function tryExlock(path: string): Promise<LockAttempt> {
  if (!SYSTEMS.includes(process.platform))
    return { kind: 'unavailable', reason: 'it is for macOS and BSD' }
  try {
    return lockedBy(openLockFile(path, O_EXLOCK | constants.O_NONBLOCK), path)
  } catch (cause) {
    switch (systemCodeOf(cause)) {
      case 'EAGAIN':
      case 'EWOULDBLOCK':
        return { kind: 'busy' }
      case 'ENOTSUP':
      case 'EOPNOTSUPP':
        return { kind: 'unavailable', reason: 'this file system has no locks', cause }
      default:
        throw cause
    }
  }
}
