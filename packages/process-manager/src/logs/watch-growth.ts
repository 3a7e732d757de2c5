import { watch } from 'node:fs'
import type { Clock } from '@conductor/machine'

/** Between two looks at a file that grows, in milliseconds: the first, and what it doubles to. */
const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 100
/** Between two looks where the system has no watcher for us (out of inotify watches, say). */
const POLL_MS = 1_000

export interface GrowthWatch {
  close(): void
}

/**
 * Looks whenever a file may have grown: watched while it is idle, which costs nothing, and looked at
 * about ten times a second, unwatched, while it grows. So a flood does not wake us for every write.
 *
 * @param look Returns whether something has changed since the last look.
 */
export function watchGrowth(path: string, clock: Clock, look: () => boolean): GrowthWatch {
  let timer: unknown
  let watcher: ReturnType<typeof watch> | undefined
  let pauseMs = FIRST_PAUSE_MS
  let isClosed = false
  idle()

  return {
    close() {
      isClosed = true
      clock.clearTimeout(timer)
      watcher?.close()
    },
  }

  function wake(): void {
    if (isClosed) return
    if (look()) busy()
    else idle()
  }

  function busy(): void {
    watcher?.close()
    watcher = undefined
    clock.clearTimeout(timer)
    timer = clock.setTimeout(wake, pauseMs)
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
  }

  function idle(): void {
    pauseMs = FIRST_PAUSE_MS
    if (watcher) return
    try {
      watcher = watch(path, wake)
      watcher.on('error', poll)
      // What was written since the look before, when nobody watched.
      if (look()) busy()
    } catch {
      poll()
    }
  }

  function poll(): void {
    watcher?.close()
    watcher = undefined
    clock.clearTimeout(timer)
    if (!isClosed) timer = clock.setTimeout(wake, POLL_MS)
  }
}
