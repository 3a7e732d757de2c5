/**
 * `BAD_OPTION`: the message names the option and the fix. `BAD_STATE`: not a state of this version;
 * ask `isRestartState` before using what was stored. `BAD_NUMBER`: a moment, seed or count that is none.
 */
export type RestartPolicyErrorCode = 'BAD_OPTION' | 'BAD_STATE' | 'BAD_NUMBER'

/** The one error of this package. Only `BAD_OPTION` is thrown at construction, and nothing else is. */
export class RestartPolicyError extends Error {
  override readonly name = 'RestartPolicyError'
  readonly code: RestartPolicyErrorCode

  constructor(code: RestartPolicyErrorCode, text: string) {
    super(`[restart-policy/${code}] ${text}`)
    this.code = code
  }
}
