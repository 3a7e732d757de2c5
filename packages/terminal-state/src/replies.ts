import type { TerminalQuery } from './output-events.ts'
import type { TerminalColors } from './terminal-state.ts'

/**
 * The answer to a query that depends on no state, so that a host without an emulator can give it at once:
 * DA1, DA2 and DSR 5. Colours only while the program has set none, which the caller has to know.
 *
 * @returns `undefined` when the answer depends on the state, or there is none.
 */
export function fixedReply(
  _query: TerminalQuery,
  _colors?: TerminalColors,
): Uint8Array | undefined {
  return undefined
}

/** Why a query gets no answer; `undefined` when it gets one. */
export function unanswered(_query: TerminalQuery): string | undefined {
  return undefined
}
