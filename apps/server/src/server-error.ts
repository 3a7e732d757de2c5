/**
 * At start: `BAD_CONFIG` (a setting is wrong), `HELD` (another server runs here), `UNREADABLE` (a
 * file of ours holds something else), `LISTEN_FAILED`.
 * About a request: `BAD_FIELD` (`error.field` names it), `SESSION_NOT_FOUND`, `SESSION_UNREACHABLE`
 * (its host does not answer, which proves nothing), `SESSION_NOT_RESTORABLE` (it runs, or nobody can
 * tell that it does not, or what it needs is gone), `SESSION_NOT_RESUMABLE` (nothing says how it could
 * go on), `SPAWN_FAILED`, `TMUX_MISSING` (what sessions in tmux need is not installed), `SHUTTING_DOWN`, `PROCESS_NOT_FOUND`, `PROCESS_EXISTS`, `FILE_TOO_LARGE`,
 * `FILES_FULL` (the files of one session).
 * About another server: `REMOTE_NOT_FOUND`, `REMOTE_EXISTS`, `REMOTE_PASSWORD`, `REMOTE_LOCKED_OUT`,
 * `REMOTE_LOGIN_NEEDED`, `REMOTE_UNREACHABLE`, `REMOTE_WRONG_VERSION`.
 * Out of something, and worth another try: `NO_SPACE`, `TOO_MANY_FILES`, `NO_MEMORY`.
 */
export type ServerErrorCode =
  | 'BAD_CONFIG'
  | 'BAD_FIELD'
  | 'FILES_FULL'
  | 'FILE_TOO_LARGE'
  | 'HELD'
  | 'LISTEN_FAILED'
  | 'NO_MEMORY'
  | 'NO_SPACE'
  | 'PROCESS_EXISTS'
  | 'PROCESS_NOT_FOUND'
  | 'REMOTE_EXISTS'
  | 'REMOTE_LOCKED_OUT'
  | 'REMOTE_LOGIN_NEEDED'
  | 'REMOTE_NOT_FOUND'
  | 'REMOTE_PASSWORD'
  | 'REMOTE_UNREACHABLE'
  | 'REMOTE_WRONG_VERSION'
  | 'SESSION_NOT_FOUND'
  | 'SESSION_NOT_RESTORABLE'
  | 'SESSION_NOT_RESUMABLE'
  | 'SESSION_UNREACHABLE'
  | 'SHUTTING_DOWN'
  | 'SPAWN_FAILED'
  | 'TMUX_MISSING'
  | 'TOO_MANY_FILES'
  | 'UNREADABLE'

/** The one error of the server. `text` is what a person reads; `message` has the code before it. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  readonly code: ServerErrorCode
  readonly text: string
  /** With `BAD_FIELD`: the field. */
  readonly field: string | undefined

  constructor(
    code: ServerErrorCode,
    text: string,
    options: { readonly cause?: unknown; readonly field?: string | undefined } = {},
  ) {
    super(`[server/${code}] ${text}`, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    this.text = text
    this.field = options.field
  }
}

export function isServerError(error: unknown, code?: ServerErrorCode): error is ServerError {
  return error instanceof ServerError && (code === undefined || error.code === code)
}

/** The code of a system error, as in `ENOENT`, wherever in the chain of causes it stands. */
export function systemCodeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string' && /^E[A-Z0-9]+$/.test(at.code)) return at.code
  }
  return undefined
}

const SHORTAGES: Readonly<Record<string, readonly [ServerErrorCode, string]>> = {
  ENOSPC: ['NO_SPACE', 'the disk is full: free some space and try again'],
  EDQUOT: ['NO_SPACE', 'the disk quota is used up: free some space and try again'],
  EMFILE: ['TOO_MANY_FILES', 'the server has too many files open: end some sessions and try again'],
  ENFILE: ['TOO_MANY_FILES', 'the machine has too many files open: try again later'],
  ENOMEM: ['NO_MEMORY', 'the machine is out of memory: end some sessions and try again'],
  EAGAIN: [
    'NO_MEMORY',
    'the machine cannot start another process: end some sessions and try again',
  ],
}

/** A shortage that will pass, as an error for the user; `undefined` when `error` is no such thing. */
export function asShortage(error: unknown): ServerError | undefined {
  const shortage = SHORTAGES[systemCodeOf(error) ?? named(error) ?? '']
  return shortage && new ServerError(shortage[0], shortage[1], { cause: error })
}

/** An error that crossed a process has only its text left. */
function named(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : ''
  return /\b(ENOSPC|EDQUOT|EMFILE|ENFILE|ENOMEM|EAGAIN)\b/.exec(text)?.[1]
}
