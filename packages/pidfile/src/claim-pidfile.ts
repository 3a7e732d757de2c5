import { type Claim, type ClaimOptions, claim } from './claim.ts'
import { see } from './files.ts'
import { pidFormat } from './format.ts'
import { type KnownHolder, type LiveHolder, stateOf } from './holder.ts'
import { PidfileError } from './pidfile-error.ts'

/**
 * Claims `path` for this process, so that a second supervisor knows it is not alone.
 *
 * A pid alone proves nothing, because the kernel uses pids again. So the file holds the whole identity,
 * and a lock of the kernel is held for as long as this process lives. What a dead process left is taken over.
 *
 * @param path Absolute; its folder must exist, be ours or root's, and let nobody else write.
 * @returns The claim. `release()` removes the file if it is still ours.
 * @throws PidfileError `HELD` by another process (`error.holder`); `NOT_OURS` when folder or file are
 * not ours to use; `UNREADABLE` (`error.cause` is the system's error); `LOCK_FAILED` when the backend
 * that was asked for cannot be had. RangeError for an option that cannot be.
 */
export async function claimPidfile(path: string, options: ClaimOptions = {}): Promise<Claim> {
  return claim(path, pidFormat, options)
}

/** What can be seen of a pid file from outside. */
export type Inspection =
  | { readonly state: 'absent' }
  | { readonly state: 'held'; readonly holder: LiveHolder }
  /** The holder is proved dead: a claim takes the file over. */
  | { readonly state: 'stale'; readonly holder: KnownHolder }
  /** It cannot be told from here. Without a holder: a file that is half-written. */
  | { readonly state: 'unknown'; readonly holder?: LiveHolder }

/**
 * Who has `path`, by what the file says. It changes nothing, and never touches the lock: a lock that is
 * tried is a lock that is held for a moment, against whoever claims just then.
 *
 * @throws PidfileError `NOT_OURS` when it is no pid file; `UNREADABLE`.
 */
export async function inspectPidfile(path: string): Promise<Inspection> {
  const found = see(path, 'any')
  if (!found) return { state: 'absent' }
  const content = pidFormat.read(found.text)
  if (content.kind === 'foreign') throw new PidfileError('NOT_OURS', `${path} is no pid file`)
  if (content.kind === 'torn') return { state: 'unknown' }
  const { holder } = content
  const state = stateOf(holder)
  switch (state) {
    case 'alive':
      return { state: 'held', holder: { ...holder, state } }
    case 'dead':
      return { state: 'stale', holder: { ...holder, state } }
    case 'unknown':
      return { state: 'unknown', holder: { ...holder, state } }
  }
}
