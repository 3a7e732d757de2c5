/**
 * `BAD_SPEC`: an agent of a config cannot be meant; one line for each fault, with its field and the fix.
 * `BAD_OPTION`: a folder, session id or prompt of a call that cannot be used. `UNKNOWN_AGENT`: nothing
 * has that id. `NO_PROMPT`: a prompt for an agent that takes none.
 */
export type AgentsErrorCode = 'BAD_SPEC' | 'BAD_OPTION' | 'UNKNOWN_AGENT' | 'NO_PROMPT'

/** The one error of this package. */
export class AgentsError extends Error {
  override readonly name = 'AgentsError'
  readonly code: AgentsErrorCode

  constructor(code: AgentsErrorCode, text: string) {
    super(`[agents/${code}] ${text}`)
    this.code = code
  }
}

/** Whether it is our error, also one of another copy of this package; with `code`, whether it is that one. */
export function isAgentsError(error: unknown, code?: AgentsErrorCode): error is AgentsError {
  return (
    error instanceof Error &&
    error.name === 'AgentsError' &&
    'code' in error &&
    (code === undefined || error.code === code)
  )
}
