import type { Clock } from '@conductor/machine'
import type { ProcessIdentity } from '@conductor/process-identity'
import type { TerminalSize } from '../types.ts'

/** What to run, and who is told what it says. */
export interface PtyOptions extends TerminalSize {
  /** An absolute path, or a name that is looked up in `env.PATH`. */
  readonly command: string
  readonly args: readonly string[]
  /** Absolute; must be a folder that may be entered. */
  readonly cwd: string
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>
  /**
   * Bytes read before the event loop serves others (default: 64 KiB, or 8 KiB while this process
   * holds other ptys). A small value costs throughput, a large one costs the others latency.
   */
  readonly burstBytes?: number | undefined
  readonly clock?: Clock | undefined
  /** Takes what the program said. The chunk is borrowed: after the call its bytes change. */
  readonly onData: (chunk: Buffer) => void
  /** The last call: every byte that the program wrote went to `onData` before. */
  readonly onExit: (exit: PtyExit) => void
  /** Instead of `onExit`, from a pty that another process holds: that one is proved dead, and how the program ended is not known. */
  readonly onLost?: ((reason: string) => void) | undefined
  /** Something a person should know; `code` is UPPER_SNAKE. */
  readonly onNotice?: ((code: string, text: string) => void) | undefined
}

export interface PtyExit {
  /** `undefined` when a signal ended the program. */
  readonly code: number | undefined
  /** As in `SIGKILL`. */
  readonly signal: string | undefined
}

/** A program on a pseudo-terminal. */
export interface Pty {
  readonly pid: number
  readonly identity: ProcessIdentity
  /** Whether what holds the terminal answers by itself what the program asks it, as tmux does (default: false). */
  readonly answersQueries?: boolean | undefined
  /** Bytes given to `write` that the kernel has not taken yet. */
  readonly backlogBytes: number
  /**
   * Types `bytes`, after all that was typed before. They are not copied: leave them alone until then.
   *
   * @returns Resolves when the kernel has taken all of them.
   * @throws PtySessionError `ENDED` when the program ended before.
   */
  write(bytes: Uint8Array): Promise<void>
  /** Stops reading. The program waits once the kernel's buffer is full; nothing is lost, not even over its exit. */
  pause(): void
  resume(): void
  /** Ignored after the exit. Sizes are clamped to 1 … 10,000. */
  resize(size: TerminalSize): void
  /** Signals the program's process group. Nothing happens when it has ended. @throws PtySessionError `BAD_OPTION` */
  signal(signal: NodeJS.Signals): void
  /**
   * Ends every process of the session, also after the program's own exit: SIGHUP, SIGTERM after a
   * third of `graceMs`, SIGKILL after all of it (default: 5,000). A process that has begun a session
   * of its own (`setsid`) has left, and lives on.
   *
   * @returns Resolves when none is left, or when the notice `SURVIVED` has told who is.
   */
  end(options?: { readonly graceMs?: number | undefined }): Promise<void>
  /** The exit that `onExit` told is in the log: nobody else has to remember it. */
  recorded?(): void
  /** Lets go of the pty: the program gets SIGHUP from the kernel. Nothing is called any more. */
  close(): void
}
