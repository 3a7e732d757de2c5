import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '@conductor/machine'
import { type SearchEvent, type SearchOptions, searchLogs } from './search-logs.ts'

// The program of a search's thread: see search-in-worker.ts.

/** What happened in one window, or a sign of life. */
export type SearchMessage = readonly SearchEvent[]

/** Terminals come first: a search takes what they leave of the processor. 0 to 19. */
const NICENESS = 5

/** Between two signs of life that say nothing new, in milliseconds. */
const QUIET_MS = 100

// On Linux this is about the thread alone; elsewhere it would be about the whole program.
if (process.platform === 'linux') setPriority(NICENESS)
// Handed over by `searchInWorker`, in this very version.
const options = workerData as SearchOptions
let batch: SearchEvent[] = []
let toldMs = Number.NEGATIVE_INFINITY
for (const event of searchLogs(options, systemClock.now)) {
  // How far it is tells nothing new where hits have just been told; the latest counts.
  batch.push(event)
  if (event.type === 'hit') continue
  const nowMs = systemClock.now()
  if (event.type === 'progress' && batch.length === 1 && nowMs - toldMs < QUIET_MS) {
    batch = []
    continue
  }
  parentPort?.postMessage(batch satisfies SearchMessage)
  batch = []
  toldMs = nowMs
}
