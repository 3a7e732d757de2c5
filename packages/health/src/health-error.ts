/**
 * `BAD_OPTION`: the message names the option and the fix. `DUPLICATE_CHECK`: two checks of one name.
 * `UNWRITABLE`: a heartbeat could not be written. `CLOSED`: used after `close()`.
 */
export type HealthErrorCode = 'BAD_OPTION' | 'DUPLICATE_CHECK' | 'UNWRITABLE' | 'CLOSED'

/** The one error of this package. `cause` keeps the system's error where there is one. */
export class HealthError extends Error {
  override readonly name = 'HealthError'
  readonly code: HealthErrorCode

  constructor(code: HealthErrorCode, text: string, options?: { readonly cause?: unknown }) {
    super(`[health/${code}] ${text}`, options)
    this.code = code
  }
}

/** Whether it is our error, also one of another copy of this package; with `code`, whether it is that one. */
export function isHealthError(error: unknown, code?: HealthErrorCode): error is HealthError {
  return (
    error instanceof Error &&
    error.name === 'HealthError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  )
}
