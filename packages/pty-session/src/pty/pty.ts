import type { Pty, PtyOptions } from './options.ts'
import { openUnixPty } from './unix-pty.ts'
import { openWindowsPty } from './windows-pty.ts'

export { closeInheritedPtys } from './masters.ts'
export type { Pty, PtyExit, PtyOptions } from './options.ts'

/**
 * Starts a program on a new pseudo-terminal of this process.
 *
 * What node-pty 1.1.0 loses is kept: the tail of a program that ends at once, output over a pause, and
 * input that waits, which it types into the next pty that gets the same descriptor.
 *
 * @throws PtySessionError `SPAWN_FAILED` naming the field and the fix, before anything is started;
 * `BAD_OPTION` for a text that no program could read; `NATIVE_MISSING` when node-pty was not built.
 */
export function openPty(options: PtyOptions): Pty {
  return process.platform === 'win32' ? openWindowsPty(options) : openUnixPty(options)
}
