import type { SessionExit } from '@conductor/session-client'
import { exitText } from './status-text.ts'

// Lines of our own between what a program has written. CAN ends a sequence that was cut, SGR 0 its
// colours; nothing else of the screen changes.
const CALM = '\x18\x1b[0m'

/** What replaces the screen of a program that is gone: nothing. */
export const CLEAR_ALL = '\x18\x1bc'

/** Output between two offsets is gone. At the beginning of everything there is no line to leave. */
export function gapLine(from: number, to: number): string {
  const lead = from === 0 ? '' : '\r\n'
  return `${CALM}${lead}\x1b[2m[${to - from} bytes of history are no longer kept]\x1b[0m\r\n`
}

/** The last lines of all, without a cursor, because nothing can be typed any more. */
export function exitLines(exit: SessionExit): string {
  const missing = exit.complete ? '' : '\r\n[The end of its output did not arrive]'
  return `${CALM}\r\n\x1b[2m${exitText(exit)}${missing}\x1b[0m\r\n\x1b[?25l`
}
