/**
 * `ALREADY_RUNNING`: started while it starts, runs or stops. `SHUTTING_DOWN`: the manager is ending.
 * `START_FAILED`: it could not be spawned, or ended before it was ready. `START_TIMEOUT`: it was not
 * ready in time. `START_CANCELLED`: stopped while it started. `STOP_FAILED`: something of it is still
 * there. `UNKNOWN_PROCESS`, `UNKNOWN_GROUP`, `UNKNOWN_DEPENDENCY`: nothing has that name.
 * `BAD_SPEC`, `BAD_FILE`, `BAD_PLUGIN`: a spec, processes file or plugin.json; the message has one line
 * for each fault, with its field and the fix. `CYCLE`: processes that wait for each other.
 * `ROLLING_FAILED`: a new instance did not get ready; the rest was left as it is. `LOCKED`: another
 * manager has this root. `UNREADABLE`, `UNWRITABLE`: the system refused a file, see `cause`.
 */
export type ProcessManagerErrorCode =
  | 'ALREADY_RUNNING'
  | 'SHUTTING_DOWN'
  | 'START_FAILED'
  | 'START_TIMEOUT'
  | 'START_CANCELLED'
  | 'STOP_FAILED'
  | 'UNKNOWN_PROCESS'
  | 'UNKNOWN_GROUP'
  | 'UNKNOWN_DEPENDENCY'
  | 'BAD_SPEC'
  | 'BAD_FILE'
  | 'BAD_PLUGIN'
  | 'CYCLE'
  | 'ROLLING_FAILED'
  | 'LOCKED'
  | 'UNREADABLE'
  | 'UNWRITABLE'

/** The one error of this package. `cause` keeps the error behind it where there is one. */
export class ProcessManagerError extends Error {
  override readonly name = 'ProcessManagerError'
  readonly code: ProcessManagerErrorCode

  constructor(code: ProcessManagerErrorCode, text: string, options?: { readonly cause?: unknown }) {
    super(`[process-manager/${code}] ${text}`, options)
    this.code = code
  }
}

/** Whether it is our error, also one of another copy of this package; with `code`, whether it is that one. */
export function isProcessManagerError(
  error: unknown,
  code?: ProcessManagerErrorCode,
): error is ProcessManagerError {
  return (
    error instanceof Error &&
    error.name === 'ProcessManagerError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  )
}

// Texts that callers look for in messages, because the first manager of this kind had no codes.

/** Contains `already running`. */
export function alreadyRunning(name: string, state: string): ProcessManagerError {
  return new ProcessManagerError(
    'ALREADY_RUNNING',
    `Process '${name}' is already running (${state}): stop it first, or restart it`,
  )
}

/** Contains `during shutdown`. */
export function shuttingDown(name: string): ProcessManagerError {
  return new ProcessManagerError(
    'SHUTTING_DOWN',
    `Cannot start process '${name}' during shutdown: make a new manager`,
  )
}

/**
 * Contains `Timeout waiting for socket` when the socket is what was waited for.
 *
 * @param waitedFor What readiness means for it, as `socket: /run/web/daemon.sock` or `a line that matches /up/`.
 * @param lastWords What it said, as `: Error: the disk is full` (default: nothing).
 */
export function startTimeout(
  name: string,
  waitedFor: string,
  timeoutMs: number,
  lastWords = '',
): ProcessManagerError {
  return new ProcessManagerError(
    'START_TIMEOUT',
    `Failed to start process '${name}': Timeout waiting for ${waitedFor} after ${timeoutMs} ms${lastWords} (see its log, or raise startupTimeoutMs)`,
  )
}
