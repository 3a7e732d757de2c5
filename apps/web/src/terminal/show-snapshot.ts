import type { SessionSnapshot } from '@conductor/session-client'
import type { TerminalScreen } from './screen.ts'
import { CLEAR_ALL } from './terminal-lines.ts'

/**
 * More output than this is not read but passed over, in bytes. xterm.js reads 5 to 20 MB a second, so
 * that up to here a person waits about as long for the output, with all its lines to scroll back to, as for a snapshot
 * with a thousand of them.
 */
export const CATCH_UP_BYTES: number = 2 * 1024 * 1024

/**
 * Puts a snapshot in the place of all that the screen shows and has shown, behind what was written before.
 *
 * @param then Called when it was parsed. The screen has the snapshot's size then.
 */
export function showSnapshot(
  screen: TerminalScreen,
  { bytes, cols, rows }: Pick<SessionSnapshot, 'bytes' | 'cols' | 'rows'>,
  then: () => void,
): void {
  screen.write(CLEAR_ALL, () => screen.resize(cols, rows))
  screen.write(bytes, then)
}
