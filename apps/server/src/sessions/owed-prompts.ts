import type { Clock } from '@conductor/machine'
import { handOver } from '../agents/hand-over.ts'
import type { Launches } from '../agents/launches.ts'
import type { OpenSession } from './open-session.ts'
import type { SessionRegistry } from './session-registry.ts'

export interface OwedPromptsOptions {
  readonly registry: SessionRegistry
  readonly launches: Launches
  readonly clock: Clock
  readonly onTrouble: (trouble: string, error: unknown) => void
}

/** Types the prompts of programs that run without theirs, also those that an earlier server has started. */
export interface OwedPrompts {
  /** Does nothing for a session whose prompt is not owed. */
  type(open: OpenSession): void
  stop(): void
}

export function createOwedPrompts(options: OwedPromptsOptions): OwedPrompts {
  const { registry, launches, clock, onTrouble } = options
  const stops = new Set<() => void>()

  function paid(open: OpenSession): void {
    const entry = registry.entries.get(open.record.id)
    if (entry?.kind !== 'open' || entry.open !== open) return
    try {
      registry.update(entry, { ...open.record, isPromptOwed: undefined })
    } catch (error) {
      // The numbers of its pieces keep a later server from typing it again.
      onTrouble(`the file of session ${open.record.id} cannot be written`, error)
    }
  }

  return {
    type(open) {
      const { record, session } = open
      if (!record.isPromptOwed) return
      try {
        const { typed, ready } = launches.plan(record)
        if (!typed) return
        const stop = handOver({
          session,
          from: session.log.start,
          typed,
          ready,
          clock,
          onDone() {
            stops.delete(stop)
            paid(open)
          },
        })
        stops.add(stop)
      } catch (error) {
        onTrouble(`the prompt of session ${record.id} cannot be typed`, error)
      }
    },
    stop() {
      for (const stop of stops) stop()
      stops.clear()
    },
  }
}
