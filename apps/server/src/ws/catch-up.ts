import type { Clock } from '@conductor/machine'
import { MAX_FRAME_BYTES } from '@conductor/protocol'
import type { PtySession, TerminalSnapshot } from '@conductor/pty-session'

/** Reading up to 8 MiB of output for a snapshot costs the host half a second: it is asked this often at most, in milliseconds. */
const EVERY_MS = 3_000

/** A viewer waits no longer for a snapshot; then it gets the output, in milliseconds. */
const WITHIN_MS = 3_000

/** Lines above the screen; fewer where they do not fit into a frame. */
const SCROLLBACK_LINES = [1_000, 200, 0]

/** What a frame has besides the snapshot, at most, in bytes. */
const FRAME_ROOM_BYTES = 64

export interface CatchUp {
  /** A snapshot for a viewer at `offset`, where that is too far behind, and it is not too soon for one. */
  from(offset: number): Promise<TerminalSnapshot | undefined>
  close(): void
}

/** @param options.catchUpBytes How far behind is too far; 0: no distance is. */
export function createCatchUp(options: {
  readonly session: Pick<PtySession, 'log' | 'snapshot'>
  readonly catchUpBytes: number
  readonly clock: Clock
}): CatchUp {
  const { session, catchUpBytes, clock } = options
  let notBeforeMs = Number.NEGATIVE_INFINITY
  let timer: unknown
  let closed = false

  function isTooFar(offset: number): boolean {
    return catchUpBytes > 0 && session.log.end - offset > catchUpBytes
  }

  async function fitting(): Promise<TerminalSnapshot | undefined> {
    for (const scrollbackLines of SCROLLBACK_LINES) {
      const snapshot = await session.snapshot({ scrollbackLines })
      if (!snapshot || snapshot.bytes.length <= MAX_FRAME_BYTES - FRAME_ROOM_BYTES) return snapshot
    }
    return undefined
  }

  return {
    async from(offset) {
      if (closed || !isTooFar(offset) || clock.now() < notBeforeMs) return undefined
      // Also while this one is on its way.
      notBeforeMs = clock.now() + Math.max(EVERY_MS, WITHIN_MS)
      const late = new Promise<undefined>((resolve) => {
        timer = clock.setTimeout(() => resolve(undefined), WITHIN_MS)
      })
      const snapshot = await Promise.race([fitting(), late])
      clock.clearTimeout(timer)
      return snapshot && snapshot.offset > offset ? snapshot : undefined
    },
    close() {
      closed = true
      clock.clearTimeout(timer)
    },
  }
}
