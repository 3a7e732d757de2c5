export interface ApiErrorFacts {
  /** The HTTP status; 0 when there was no answer at all. */
  readonly status: number
  /** What the server calls it, UPPER_SNAKE. */
  readonly code?: string | undefined
  /** When to try again, from now, in milliseconds. */
  readonly retryAfterMs?: number | undefined
  readonly cause?: unknown
}

/** What the server had against a request, in words a person can read; or that it could not be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(text: string, { status, code, retryAfterMs, cause }: ApiErrorFacts) {
    super(text, cause === undefined ? undefined : { cause })
    this.status = status
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

/** What to tell a person about something that went wrong. */
export function errorText(error: unknown): string {
  const text = error instanceof ApiError ? error.message : 'something went wrong in this page'
  return text.charAt(0).toUpperCase() + text.slice(1)
}
