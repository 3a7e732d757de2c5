import type { TerminalQuery } from './output-events.ts'

/** What xterm.js says to questions whose answer is always the same. */
const DEVICE = ['\x1b[?1;2c', '\x1b[>0;276;0c']
const IN_ORDER = '\x1b[0n'

/**
 * The answer to a query that depends on no state, so that a host without an emulator can give it at once:
 * DA1, DA2 and DSR 5.
 *
 * @returns `undefined` when the answer depends on the state, or there is none.
 */
export function fixedReply(query: TerminalQuery): Uint8Array | undefined {
  const text =
    query.kind === 'device-attributes'
      ? DEVICE[query.level - 1]
      : query.kind === 'status'
        ? IN_ORDER
        : undefined
  return text === undefined ? undefined : Buffer.from(text)
}

/**
 * Why a query gets no answer, in a few words; `undefined` when it gets one.
 *
 * Whatever a program can make a terminal say is typed into the program that reads next, so an answer
 * may hold nothing that came from the output, the clipboard or the screen.
 */
export function unanswered(query: TerminalQuery): string | undefined {
  switch (query.kind) {
    case 'device-attributes':
      return query.level === 3 ? 'xterm.js has no unit id' : undefined
    case 'version':
      return 'xterm.js does not tell its version'
    case 'private-status':
      return 'xterm.js answers none of these but the cursor'
    case 'keyboard-flags':
      return 'xterm.js has no kitty keyboard protocol, and says so by silence'
    case 'termcap':
      return 'xterm.js has no terminfo to read from; the terminal is known by TERM'
    case 'window':
      return query.operation === 20 || query.operation === 21
        ? 'a title is text of the output, which would be typed into a shell'
        : 'a window belongs to one viewer; a program learns the size from its pty'
    case 'clipboard':
      return 'what a person has copied is no business of a program'
    case 'checksum':
      return 'checksums read the screen out, character by character'
    case 'other':
      return 'xterm.js does not answer it'
    default:
      return undefined
  }
}
