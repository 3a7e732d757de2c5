import type { LiveHolder } from './holder.ts'

/**
 * `HELD`: another process has it, or may have it (`error.holder`, where the file names one).
 * `NOT_OURS`: the folder or the file is not ours to use: remove it, or choose another path.
 * `UNREADABLE`: the system refused (`error.cause`). `LOCK_FAILED`: the lock that was asked for cannot be had here.
 */
export type PidfileErrorCode = 'HELD' | 'NOT_OURS' | 'UNREADABLE' | 'LOCK_FAILED'

/** The one error of this package. */
export class PidfileError extends Error {
  override readonly name = 'PidfileError'
  readonly code: PidfileErrorCode
  /** With `HELD`: who has it. Absent while a lock is held by somebody who has not written a name yet. */
  readonly holder?: LiveHolder

  constructor(
    code: PidfileErrorCode,
    text: string,
    more: { readonly cause?: unknown; readonly holder?: LiveHolder | undefined } = {},
  ) {
    super(`[pidfile/${code}] ${text}`, 'cause' in more ? { cause: more.cause } : {})
    this.code = code
    if (more.holder) this.holder = more.holder
  }
}

/** Whether it is our error, also one of another copy of this package; with `code`, whether it is that one. */
export function isPidfileError(error: unknown, code?: PidfileErrorCode): error is PidfileError {
  return (
    error instanceof Error &&
    error.name === 'PidfileError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  )
}

/** The `code` of a system error. */
export function systemCodeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** Runs `action`; what the system refuses becomes `UNREADABLE`, with the path and what was tried. */
export function orUnreadable<T>(what: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (isPidfileError(error)) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new PidfileError('UNREADABLE', `cannot ${what}: ${reason}`, { cause: error })
  }
}
