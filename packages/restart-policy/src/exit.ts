/** How a run of the program ended, or why it never began. Plain JSON, so that it can be logged. */
export type Exit =
  /** It left by itself with this code. */
  | { readonly kind: 'code'; readonly code: number }
  /** A signal ended it that nobody here sent: `SIGKILL`, `SIGSEGV` … */
  | { readonly kind: 'signal'; readonly signal: string; readonly core?: boolean }
  /** It could not be started: `ENOENT`, `EAGAIN` … */
  | { readonly kind: 'spawn-error'; readonly errno: string }
  /** It was ended because a health check failed too often. */
  | { readonly kind: 'probe'; readonly probe: 'startup' | 'liveness' }
  /** It was ended because its own sign of life stayed away. */
  | { readonly kind: 'watchdog' }
  /** It was ended because it took too long. */
  | { readonly kind: 'timeout'; readonly phase: 'start' | 'stop' | 'runtime' }
  /** It was ended because of its memory, by its limit or by the kernel. */
  | { readonly kind: 'memory'; readonly bytes?: number }
  /** It was ended because of its CPU. */
  | { readonly kind: 'cpu'; readonly percent?: number }
  /** It has ended, and nobody saw how: the supervisor was not running, or is not its parent. */
  | { readonly kind: 'unseen' }
  /** Somebody asked for its end. Whatever else happened to it: this is what to report. */
  | { readonly kind: 'requested' }

export type ExitKind = Exit['kind']

/** What a mode looks at: the rows of systemd's table. */
export type ExitCause = 'clean' | 'code' | 'signal' | 'timeout' | 'watchdog' | 'memory'

/**
 * The row of systemd's table that an exit belongs to.
 *
 * Some kinds are not in the table. A program that could not be started counts as an unclean code, as
 * systemd sees it (203/EXEC); so does an end that nobody saw, because what should run does not. A failed
 * startup check counts as a timeout of the start, and a failed liveness check as the watchdog: in both
 * the program lives and does not do its work. Too much CPU counts as too much memory.
 */
export function causeOf(
  exit: Exclude<Exit, { readonly kind: 'requested' }>,
  cleanCodes: readonly number[],
  cleanSignals: readonly string[],
): ExitCause {
  switch (exit.kind) {
    case 'code':
      return cleanCodes.includes(exit.code) ? 'clean' : 'code'
    case 'signal':
      return cleanSignals.includes(exit.signal) && !exit.core ? 'clean' : 'signal'
    case 'spawn-error':
    case 'unseen':
      return 'code'
    case 'cpu':
      return 'memory'
    case 'probe':
      return exit.probe === 'startup' ? 'timeout' : 'watchdog'
    default:
      return exit.kind
  }
}
