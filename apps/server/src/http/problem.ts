import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { asShortage, isServerError, type ServerErrorCode } from '../server-error.ts'
import type { AppContext } from './app-env.ts'

const STATUS: Partial<Record<ServerErrorCode, ContentfulStatusCode>> = {
  BAD_FIELD: 400,
  SPAWN_FAILED: 400,
  SESSION_NOT_FOUND: 404,
  SESSION_UNREACHABLE: 503,
  SHUTTING_DOWN: 503,
  NO_SPACE: 503,
  TOO_MANY_FILES: 503,
  NO_MEMORY: 503,
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
