/**
 * About a log: `LOG_CORRUPT` (what is on disk cannot be a session's log), `LOG_IN_USE` (there is one
 * already), `LOG_CLOSED` (used after `close`), `LOG_UNREADABLE` and `LOG_UNWRITABLE` (the system
 * refused, `error.cause` says why; nothing is harmed, try again).
 * About a program: `SPAWN_FAILED`, `ENDED` (it is gone), `NATIVE_MISSING` (node-pty was not built),
 * `TMUX_MISSING` (tmux or perl is not installed, which sessions in tmux need).
 * About input: `INPUT_GAP` (`error.expected` is the next number), `UNREACHABLE` (cannot be told
 * whether it arrived).
 * About a host: `HOST_DEAD` (proved), `HOST_UNREACHABLE` (not proved), `HOST_HELD` (another one lives
 * there), `SOCKET_PATH_TOO_LONG`, `BAD_PROTOCOL` (what it says cannot be understood).
 * About a search: `SEARCH_TOO_SLOW` (its regular expression is), `SEARCH_FAILED` (its thread died).
 * `BAD_OPTION`: a value out of its range.
 */
export type PtySessionErrorCode =
  | 'BAD_OPTION'
  | 'BAD_PROTOCOL'
  | 'ENDED'
  | 'HOST_DEAD'
  | 'HOST_HELD'
  | 'HOST_UNREACHABLE'
  | 'INPUT_GAP'
  | 'LOG_CLOSED'
  | 'LOG_CORRUPT'
  | 'LOG_IN_USE'
  | 'LOG_UNREADABLE'
  | 'LOG_UNWRITABLE'
  | 'NATIVE_MISSING'
  | 'SEARCH_FAILED'
  | 'SEARCH_TOO_SLOW'
  | 'SOCKET_PATH_TOO_LONG'
  | 'SPAWN_FAILED'
  | 'TMUX_MISSING'
  | 'UNREACHABLE'

export interface PtySessionErrorOptions {
  /** The error underneath, usually the system's. */
  readonly cause?: unknown
  /** With `INPUT_GAP`: the number that must come next. */
  readonly expected?: number | undefined
}

/** The one error of this package. Branch on `code`; `message` is for people. */
export class PtySessionError extends Error {
  override readonly name = 'PtySessionError'
  readonly code: PtySessionErrorCode
  readonly expected: number | undefined

  constructor(code: PtySessionErrorCode, text: string, options: PtySessionErrorOptions = {}) {
    super(
      `[pty-session/${code}] ${text}`,
      'cause' in options ? { cause: options.cause } : undefined,
    )
    this.code = code
    this.expected = options.expected
  }
}

/** By name and code, so that it also holds for an error of another copy of this package. */
export function isPtySessionError(
  error: unknown,
  code?: PtySessionErrorCode,
): error is PtySessionError {
  return (
    error instanceof Error &&
    error.name === 'PtySessionError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  )
}
