import type { Clock } from '@conductor/machine'

/** What the end of the server may do to sessions. No method here ends one that could go on. */
export interface SessionsAtShutdown {
  /** Nothing is created any more. */
  refuseNew(): void
  /** Ends what cannot outlive this process. */
  endServerSessions(graceMs: number): Promise<void>
  /** Lets go of everything else. */
  letGo(): void
}

export interface GracefulEndOptions {
  readonly sessions: SessionsAtShutdown
  /** Ends managed processes that are not to outlive the server, and lets go of the others. */
  readonly closeProcesses: () => Promise<void>
  readonly stopAccepting: () => void
  /** Tells every open socket and event stream that the server goes. */
  readonly sayGoodbye: () => void
  /** Resolves when all connections are closed; cuts them after that long. */
  readonly drain: (withinMs: number) => Promise<void>
  /** Run-file, PID file and the like: gone when nothing of this server is left. */
  readonly releaseFiles: () => void | Promise<void>
  readonly clock: Clock
  /** For all of it together (default: 15,000). */
  readonly withinMs?: number | undefined
  readonly onTrouble: (trouble: string, error: unknown) => void
}

/** How long all of it may take, in milliseconds. */
export const GRACEFUL_END_MS = 15_000

/** How long programs that cannot outlive the server get, in milliseconds. */
const GRACE_MS = 3_000

/**
 * The graceful end, once, in this order: nothing new comes in; sessions and processes are ended or let
 * go, so that their viewers hear of it; every socket is told to come back later; what is open is drained; the
 * files go last, because they say that a server is here.
 *
 * Sessions come after "nothing new", or one that is made in between would be forgotten.
 */
export function createGracefulEnd(options: GracefulEndOptions): () => Promise<void> {
  const { sessions, closeProcesses, stopAccepting, sayGoodbye, drain, releaseFiles } = options
  const { clock, onTrouble, withinMs = GRACEFUL_END_MS } = options
  let ending: Promise<void> | undefined

  async function end(): Promise<void> {
    const deadlineMs = clock.now() + withinMs
    await step('stop accepting', stopAccepting)
    await step('refuse new sessions', () => sessions.refuseNew())
    // One daemon that needs long must not take the time that all the rest is given.
    const patienceMs = Math.max(deadlineMs - clock.now() - GRACE_MS, 0)
    await Promise.all([
      step('end sessions', () => sessions.endServerSessions(GRACE_MS)),
      step('close processes', () => within(patienceMs, closeProcesses())),
    ])
    await step('say goodbye', sayGoodbye)
    await step('let go of sessions', () => sessions.letGo())
    await step('drain', () => drain(Math.max(deadlineMs - clock.now(), 0)))
    await step('remove files', releaseFiles)
  }

  async function within(ms: number, work: Promise<void>): Promise<void> {
    let timer: unknown
    const late = new Promise<never>((_, reject) => {
      timer = clock.setTimeout(() => reject(new Error(`not done within ${ms} ms`)), ms)
    })
    await Promise.race([work, late]).finally(() => clock.clearTimeout(timer))
  }

  async function step(name: string, run: () => void | Promise<void>): Promise<void> {
    try {
      await run()
    } catch (error) {
      onTrouble(`graceful end: ${name}`, error)
    }
  }

  return () => {
    ending ??= end()
    return ending
  }
}
