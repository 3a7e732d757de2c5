import type { Clock } from '@conductor/machine'

export interface KeepAliveOptions {
  readonly clock: Clock
  /** Nothing heard for this long, in milliseconds: the connection is dead. */
  readonly silenceMs: number
  /** Asks the other end for a sign of life, after each third of `silenceMs` without one. */
  readonly ping: () => void
  readonly onSilent: () => void
}

export interface KeepAlive {
  /** Anything arrived. */
  heard(): void
  /** We do not read at the moment, so silence proves nothing. */
  pause(): void
  resume(): void
  stop(): void
}

/**
 * Notices a connection that is dead and does not know it.
 *
 * A timer that comes late says that this process stood still, not that the other end did: then it is
 * asked again and gets another third.
 */
export function createKeepAlive(options: KeepAliveOptions): KeepAlive {
  const { clock, silenceMs, ping, onSilent } = options
  const thirdMs = silenceMs / 3
  let heardMs = clock.now()
  let dueMs = 0
  let timer: unknown
  arm(thirdMs)

  function arm(delayMs: number): void {
    dueMs = clock.now() + delayMs
    timer = clock.setTimeout(look, delayMs)
  }

  function look(): void {
    const nowMs = clock.now()
    const silentMs = nowMs - heardMs
    const late = nowMs - dueMs > thirdMs
    if (late) heardMs = Math.max(heardMs, nowMs - silenceMs + thirdMs)
    else if (silentMs >= silenceMs) {
      onSilent()
      return
    }
    if (silentMs >= thirdMs) ping()
    arm(silentMs < thirdMs ? thirdMs - silentMs : Math.min(thirdMs, heardMs + silenceMs - nowMs))
  }

  return {
    heard() {
      heardMs = clock.now()
    },
    pause: () => clock.clearTimeout(timer),
    resume() {
      heardMs = clock.now()
      clock.clearTimeout(timer)
      arm(thirdMs)
    },
    stop: () => clock.clearTimeout(timer),
  }
}
