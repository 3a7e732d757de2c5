import { closeSync, constants, fstatSync, lstatSync, type Stats } from 'node:fs'
import { openNoFollow, requireFile } from '../files.ts'
import { systemCodeOf } from '../pidfile-error.ts'

/** A lock that the kernel takes back when this process ends, however it ends. */
export interface Lock {
  free(): void
}

export type LockAttempt =
  | { readonly kind: 'locked'; readonly lock: Lock }
  /** Somebody else has it. */
  | { readonly kind: 'busy' }
  /** The lock file was replaced meanwhile: what we have locked is not what others will lock. */
  | { readonly kind: 'moved' }
  /** Not on this system, or not for this file. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly cause?: unknown }

/** Only we and root may open a lock file: whoever can, may hold the lock against us. */
export const LOCK_MODE = 0o600

/**
 * Opens the file that is locked. It stands beside the pid file and is never removed: a lock on a file that
 * is itself replaced and removed would have to move with each of its successors.
 *
 * Node opens with `O_CLOEXEC`, so that no child takes the lock along.
 */
export function openLockFile(path: string, flags = 0): number {
  const fd = openNoFollow(path, constants.O_RDWR | constants.O_CREAT | flags, LOCK_MODE)
  try {
    requireFile(path, fstatSync(fd))
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** What we have once `fd` is locked: somebody may have removed the lock file between its opening and its locking. */
export function lockedBy(fd: number, path: string): LockAttempt {
  const { dev, ino } = fstatSync(fd)
  const now = statIfThere(path)
  if (now?.dev === dev && now.ino === ino)
    return { kind: 'locked', lock: { free: () => closeSync(fd) } }
  closeSync(fd)
  return { kind: 'moved' }
}

/** What has this name, not following a link. */
export function statIfThere(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
