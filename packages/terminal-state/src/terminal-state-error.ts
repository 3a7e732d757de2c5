/**
 * `BAD_OPTION`: the message names the option and the fix. `OUT_OF_ORDER`: an offset before what has been
 * read. `EMULATOR`: the installed @xterm/headless is not the version this was written for. `CLOSED`: too late.
 */
export type TerminalStateErrorCode = 'BAD_OPTION' | 'OUT_OF_ORDER' | 'EMULATOR' | 'CLOSED'

/** The one error of this package. What the output holds never causes one. */
export class TerminalStateError extends Error {
  override readonly name = 'TerminalStateError'
  readonly code: TerminalStateErrorCode

  constructor(code: TerminalStateErrorCode, text: string, options?: ErrorOptions) {
    super(`[terminal-state/${code}] ${text}`, options)
    this.code = code
  }
}

/** By name and code, so that it holds across two copies of this package. */
export function isTerminalStateError(
  value: unknown,
  code?: TerminalStateErrorCode,
): value is TerminalStateError {
  return (
    value instanceof Error &&
    value.name === 'TerminalStateError' &&
    'code' in value &&
    (code === undefined || value.code === code)
  )
}
