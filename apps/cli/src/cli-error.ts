/**
 * 0: fine; 1: it could not be done; 2: the command line is wrong; 3: `check` and `daemon-status` cannot
 * tell. `attach` and `new --attach` end as the program in the session did, with any number below 256.
 */
export type ExitCode = number

/**
 * `NOT_RUNNING`: no server runs on the state folder. `UNREACHABLE`: one should, and does not answer.
 * `REFUSED`: it answers that it will not. `BAD_FILE`: a file cannot be used. `USAGE`: the command line is
 * wrong. `FAILED`: what was asked for did not come about.
 */
export type CliErrorCode =
  | 'NOT_RUNNING'
  | 'UNREACHABLE'
  | 'REFUSED'
  | 'BAD_FILE'
  | 'USAGE'
  | 'FAILED'

/** The one error of the command line: `text` is what a person reads, a line for each fault. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliErrorCode
  readonly text: string
  /** With `REFUSED`: the status of the answer. */
  readonly status: number | undefined

  constructor(
    code: CliErrorCode,
    text: string,
    options: { readonly cause?: unknown; readonly status?: number | undefined } = {},
  ) {
    super(`[cli/${code}] ${text}`, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.text = text
    this.status = options.status
  }
}

export function isCliError(error: unknown, code?: CliErrorCode): error is CliError {
  return error instanceof CliError && (code === undefined || error.code === code)
}
