import type { Clock } from '@conductor/machine'
import type { OpenSession } from './open-session.ts'

export interface LingeringOptions {
  readonly clock: Clock
  readonly lingerMs: number
  /** Called once for each that has waited long enough. */
  readonly bury: (open: OpenSession) => void
}

/** Exited sessions, for viewers that were away when the program ended: they know its epoch. */
export interface Lingering {
  add(open: OpenSession): void
  find(id: string, epoch: string): OpenSession | undefined
  /** Takes one out without burying it. */
  delete(open: OpenSession): void
  readonly viewerCount: number
  /** Closes all of them. Their files stay, for the next server. */
  letGo(): void
}

export function createLingering({ clock, lingerMs, bury }: LingeringOptions): Lingering {
  const timers = new Map<OpenSession, unknown>()

  return {
    add(open) {
      const timer = clock.setTimeout(() => {
        timers.delete(open)
        bury(open)
      }, lingerMs)
      timers.set(open, timer)
    },
    find(id, epoch) {
      for (const open of timers.keys())
        if (open.record.id === id && open.session.log.epoch === epoch) return open
      return undefined
    },
    delete(open) {
      clock.clearTimeout(timers.get(open))
      timers.delete(open)
    },
    get viewerCount() {
      let count = 0
      for (const { viewers } of timers.keys()) count += viewers.count
      return count
    },
    letGo() {
      for (const [open, timer] of timers) {
        clock.clearTimeout(timer)
        open.close()
      }
      timers.clear()
    },
  }
}
