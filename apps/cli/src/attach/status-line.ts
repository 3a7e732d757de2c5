import type { TerminalSize } from '@conductor/session-client'

/** Saves the cursor with its colours, and restores both. */
const SAVE = '\x1b7'
const RESTORE = '\x1b8'

/** A line in reverse video at the bottom of the screen, over whatever stands there. */
export function drawStatusLine(text: string, { cols, rows }: TerminalSize): string {
  return `${SAVE}\x1b[${rows};1H\x1b[0;7m\x1b[2K ${text.slice(0, Math.max(cols - 2, 0))} \x1b[0m${RESTORE}`
}

/** Takes the line away. What stood below it has to be drawn again by the program. */
export function clearStatusLine({ rows }: TerminalSize): string {
  return `${SAVE}\x1b[${rows};1H\x1b[0m\x1b[2K${RESTORE}`
}
