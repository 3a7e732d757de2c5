/**
 * `BAD_OPTION` is thrown: the message names the option and the fix. The others are only told to
 * `onTrouble`, for nothing here may bring a daemon down: `PATH_TOO_LONG` for a socket;
 * `UNSAFE_FOLDER`: others may write to it; `HELD`: another process listens there; `UNREACHABLE`: it
 * cannot be told whether one does; `NOT_BOUND`: the system refused, or what lies there is no socket;
 * `NOT_ACCEPTED`: a client was not let in; `NOT_DRAINED`: nobody could look for a late client.
 */
export type SupervisorWatchdogErrorCode =
  | 'BAD_OPTION'
  | 'PATH_TOO_LONG'
  | 'UNSAFE_FOLDER'
  | 'HELD'
  | 'UNREACHABLE'
  | 'NOT_BOUND'
  | 'NOT_ACCEPTED'
  | 'NOT_DRAINED'

/** The one error of this package. */
export class SupervisorWatchdogError extends Error {
  override readonly name = 'SupervisorWatchdogError'
  readonly code: SupervisorWatchdogErrorCode

  constructor(code: SupervisorWatchdogErrorCode, text: string, options?: ErrorOptions) {
    super(`[supervisor-watchdog/${code}] ${text}`, options)
    this.code = code
  }
}

/** Whether it is our error, also one of another copy of this package; with `code`, whether it is that one. */
export function isSupervisorWatchdogError(
  error: unknown,
  code?: SupervisorWatchdogErrorCode,
): error is SupervisorWatchdogError {
  return (
    error instanceof Error &&
    error.name === 'SupervisorWatchdogError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  )
}

/** The system's name for what went wrong, or an empty string. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
}
