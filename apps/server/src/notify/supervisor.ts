import { type Clock, systemClock } from '@conductor/machine'
import { type Notifier, startWatchdog, type Watchdog } from '@conductor/sd-notify'

/** What systemd is told of the server. Where it did not ask, each of these does nothing. */
export interface Supervisor {
  /** Before so many sessions are looked for: that may take longer than systemd expects of a start. */
  starting(sessions: number): void
  /** The server listens, and from now on feeds the watchdog for as long as it lives. */
  ready(status: string, isLive: () => Promise<boolean>): void
  /** The graceful end has begun, and takes at most so long. The watchdog is fed until `close`. */
  stopping(withinMs: number): void
  /** Nothing is left to tell. Idempotent. */
  close(): Promise<void>
}

export interface SupervisorOptions {
  readonly notifier: Pick<
    Notifier,
    'ready' | 'stopping' | 'extendTimeout' | 'watchdog' | 'watchdogTimeoutMs'
  >
  /** Told when the server is found not to live, and when it does again. */
  readonly onLiveness: (live: boolean, cause?: unknown) => void
  readonly clock?: Clock | undefined
}

/** What a start without sessions may take on a busy machine, in milliseconds. */
const START_MS = 30_000

/** Sessions are found all at once, and each costs the processor a little, in milliseconds. */
const START_PER_SESSION_MS = 100

/** What comes after the time that the graceful end is given: files, and the exit itself, in milliseconds. */
const AFTER_STOP_MS = 5_000

/** The link to the systemd that started this server. What cannot be sent is told to the notifier's `onTrouble`. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { notifier, onLiveness, clock = systemClock } = options
  let watchdog: Watchdog | undefined
  // The first look finds a server that lives, which is no news.
  let lived = true

  return {
    starting(sessions) {
      // Never less than the unit says: systemd takes the later of the two.
      void notifier.extendTimeout(START_MS + sessions * START_PER_SESSION_MS)
    },
    ready(status, isLive) {
      void notifier.ready(status)
      watchdog = startWatchdog({
        notifier,
        isLive,
        onLiveness(live, cause) {
          if (live !== lived) onLiveness(live, cause)
          lived = live
        },
        clock,
      })
    },
    stopping(withinMs) {
      void notifier.stopping('ending; sessions and processes go on')
      void notifier.extendTimeout(withinMs + AFTER_STOP_MS)
    },
    close: async () => watchdog?.close(),
  }
}
