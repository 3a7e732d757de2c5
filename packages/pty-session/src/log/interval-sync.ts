import type { Clock } from '@conductor/machine'
import type { LogFs } from './log-fs.ts'

/** Between two times that written output is forced to the disk, in milliseconds. */
const INTERVAL_MS = 1_000

/** Forces files to the disk some time after they were written, without holding anybody up. */
export interface IntervalSync {
  /** `path` was written to. */
  touch(path: string): void
  /** Forces what is left, and then nothing more. Holds up the caller. */
  close(): void
}

export function createIntervalSync(options: {
  readonly fs: LogFs
  readonly clock: Clock
  readonly onTrouble: (error: unknown) => void
}): IntervalSync {
  const { fs, clock, onTrouble } = options
  const dirty = new Set<string>()
  let timer: unknown
  let busy = false
  let closed = false

  function arm(): void {
    if (timer === undefined && !busy && !closed) timer = clock.setTimeout(run, INTERVAL_MS)
  }

  async function run(): Promise<void> {
    timer = undefined
    busy = true
    const paths = [...dirty]
    dirty.clear()
    try {
      for (const path of paths) await fs.syncLater(path)
    } catch (error) {
      // Linux reports a failed write-back once and forgets the bytes: all we can do is to tell.
      onTrouble(error)
    }
    busy = false
    if (dirty.size > 0) arm()
  }

  return {
    touch(path) {
      dirty.add(path)
      arm()
    },
    close() {
      closed = true
      clock.clearTimeout(timer)
      for (const path of dirty) {
        try {
          if (!fs.exists(path)) continue
          const fd = fs.open(path, 'modify')
          try {
            fs.sync(fd)
          } finally {
            fs.close(fd)
          }
        } catch (error) {
          onTrouble(error)
        }
      }
      dirty.clear()
    },
  }
}
