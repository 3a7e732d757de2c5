import type { SessionSnapshot } from '@conductor/session-client'
import type { TerminalScreen } from './screen.ts'
import { CLEAR_ALL } from './terminal-lines.ts'

/**
 * More output than this is not read but passed over, in bytes. A page reads 1 to 1.5 MB a second on a
 * busy machine without a graphics card (measured: 10 MB in 7 to 12 s), and a snapshot is there after 0.6 s:
 * up to here nobody waits longer for the output, which has all its lines to scroll back to.
 */
export const CATCH_UP_BYTES: number = 1024 * 1024

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
