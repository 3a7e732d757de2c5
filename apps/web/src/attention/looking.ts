import type { PushLookingJson } from '@conductor/api-types'
import type { Clock } from '@conductor/machine'

/** The server believes it for 45 s. In milliseconds. */
const AGAIN_MS = 30_000

export interface LookingOptions {
  readonly clock: Clock
  readonly tell: (looking: PushLookingJson) => void
  /** Random, for this page. */
  readonly page: string
}

/** Tells the server which session somebody is looking at: nobody needs to be called to it. */
export interface Looking {
  /** @param sessionId `null` when it is none, or nobody can see the page. */
  at(sessionId: string | null): void
}

export function createLooking({ clock, tell, page }: LookingOptions): Looking {
  let now: string | null = null
  let timer: unknown

  function say(): void {
    clock.clearTimeout(timer)
    tell({ page, sessionId: now })
    if (now !== null) timer = clock.setTimeout(say, AGAIN_MS)
  }

  return {
    at(sessionId) {
      if (sessionId === now) return
      now = sessionId
      say()
    },
  }
}
