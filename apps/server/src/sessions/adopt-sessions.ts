import type { Clock } from '@conductor/machine'
import { readSessionFiles, type SessionRecord } from './session-file.ts'
import type { Adopted, SessionRuntime } from './session-runtime.ts'

/** How long one session may take to answer before the server starts without it, in milliseconds. */
const WITHIN_MS = 3_000

/** A host that does not answer is asked again after this, doubling up to the second, in milliseconds. */
const RETRY_FIRST_MS = 1_000
const RETRY_LONGEST_MS = 30_000

/** The server starts without those whose program needs longer to be started again, in milliseconds. */
const PATIENCE_MS = 10_000

export interface AdoptionOptions {
  readonly dataDir: string
  readonly runtime: SessionRuntime
  readonly clock: Clock
  /**
   * Called for every session that was found, and again when one that was unreachable is. What it
   * returns is waited for.
   */
  readonly onAdopted: (record: SessionRecord, adopted: Adopted) => void | Promise<void>
  readonly onTrouble: (trouble: string, error: unknown) => void
}

export interface Adoption {
  /** Resolves when each session has been found or has had its time. */
  start(): Promise<void>
  /** Looks for none any more. */
  stop(): void
}

/** Finds the sessions that earlier servers left, all at once. "Cannot tell" is asked again, for ever. */
export function adoptSessions(options: AdoptionOptions): Adoption {
  const { dataDir, runtime, clock, onAdopted, onTrouble } = options
  const timers = new Set<unknown>()
  let stopped = false

  async function adopt(record: SessionRecord, retryMs: number): Promise<void> {
    const adopted = await runtime.adopt(record, WITHIN_MS)
    if (stopped) return
    if (adopted.kind === 'unreachable') {
      // Told once: a list that says it again every second is no news.
      if (retryMs === RETRY_FIRST_MS) await onAdopted(record, adopted)
      else adopted.log?.close()
      const timer = clock.setTimeout(() => {
        timers.delete(timer)
        void safely(record, Math.min(retryMs * 2, RETRY_LONGEST_MS))
      }, retryMs)
      timers.add(timer)
      return
    }
    await onAdopted(record, adopted)
  }

  async function safely(record: SessionRecord, retryMs: number): Promise<void> {
    try {
      await adopt(record, retryMs)
    } catch (error) {
      onTrouble(`session ${record.id} cannot be adopted`, error)
    }
  }

  return {
    async start() {
      const all = Promise.all(
        readSessionFiles(dataDir).map((each) =>
          each.kind === 'unreadable'
            ? onTrouble(`the session file of ${each.id} cannot be used`, each.error)
            : safely(each.record, RETRY_FIRST_MS),
        ),
      )
      let timer: unknown
      const late = new Promise<void>((resolve) => {
        timer = clock.setTimeout(resolve, PATIENCE_MS)
      })
      await Promise.race([all, late])
      clock.clearTimeout(timer)
    },
    stop() {
      stopped = true
      for (const timer of timers) clock.clearTimeout(timer)
      timers.clear()
    },
  }
}
