import { isProcessManagerError, type ProcessManagerErrorCode } from '@conductor/process-manager'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { asShortage, isServerError, type ServerErrorCode } from '../server-error.ts'
import type { AppContext } from './app-env.ts'

const STATUS: Partial<Record<ServerErrorCode, ContentfulStatusCode>> = {
  BAD_FIELD: 400,
  SPAWN_FAILED: 400,
  FILE_TOO_LARGE: 413,
  FILES_FULL: 413,
  REMOTE_EXISTS: 409,
  REMOTE_LOCKED_OUT: 429,
  REMOTE_LOGIN_NEEDED: 502,
  REMOTE_NOT_FOUND: 404,
  // Not 401, which would say that nobody is logged in here.
  REMOTE_PASSWORD: 403,
  REMOTE_UNREACHABLE: 502,
  REMOTE_WRONG_VERSION: 502,
  SESSION_NOT_FOUND: 404,
  SESSION_NOT_RESTORABLE: 409,
  SESSION_NOT_RESUMABLE: 409,
  TMUX_MISSING: 409,
  SESSION_UNREACHABLE: 503,
  PROCESS_NOT_FOUND: 404,
  PROCESS_EXISTS: 409,
  SHUTTING_DOWN: 503,
  NO_SPACE: 503,
  TOO_MANY_FILES: 503,
  NO_MEMORY: 503,
}

/** What a managed process does wrong is a bad gateway's news; what it does not do in time, a time-out's. */
const PROCESS_STATUS: Record<ProcessManagerErrorCode, ContentfulStatusCode | undefined> = {
  BAD_SPEC: 400,
  BAD_FILE: 400,
  BAD_PLUGIN: 400,
  CYCLE: 400,
  UNKNOWN_DEPENDENCY: 400,
  UNKNOWN_PROCESS: 404,
  UNKNOWN_GROUP: 404,
  ALREADY_RUNNING: 409,
  START_CANCELLED: 409,
  START_FAILED: 502,
  STOP_FAILED: 502,
  ROLLING_FAILED: 502,
  START_TIMEOUT: 504,
  SHUTTING_DOWN: 503,
  LOCKED: undefined,
  UNREADABLE: undefined,
  UNWRITABLE: undefined,
}

/** Answers an error as `{"error", "code"?, "details"?}`; what is no answer to the user is told to `onTrouble`. */
export function answerProblem(
  c: AppContext,
  error: unknown,
  onTrouble: (trouble: string, error: unknown) => void,
): Response {
  if (error instanceof HTTPException) {
    return c.json({ error: error.message || 'bad request' }, error.status)
  }
  if (isProcessManagerError(error)) {
    const status = PROCESS_STATUS[error.code]
    const text = error.message.replace(/^\[[^\]]*\] /, '')
    if (status)
      return c.json({ error: text, code: error.code, ...detailsOf(error.code, text) }, status)
  }
  const known = isServerError(error) ? error : asShortage(error)
  const status = known && STATUS[known.code]
  if (!known || !status) {
    onTrouble('a request failed', error)
    return c.json({ error: 'internal error' }, 500)
  }
  const { text, code, field } = known
  if (status === 503) c.header('Retry-After', '5')
  return c.json(
    { error: text, code, ...(field && { details: [{ field, problem: text }] }) },
    status,
  )
}

/** The faults of a spec: a line for each, which begins with its field. */
function detailsOf(code: ProcessManagerErrorCode, text: string): { readonly details?: object[] } {
  if (code !== 'BAD_SPEC') return {}
  const details = text.split('\n').map((line) => {
    const [, field = '', problem = line] = /^(\S+) (.*)$/.exec(line) ?? []
    return { field, problem }
  })
  return { details }
}
