import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { type Clock, systemClock } from '@conductor/machine'
import { PtySessionError } from '../pty-session-error.ts'
import { compileQuery } from './query.ts'
import type { SearchEvent, SearchOptions } from './search-logs.ts'
import type { SearchMessage } from './worker.ts'

export interface WorkerSearchOptions extends SearchOptions {
  /** Ends the search at once, whatever it is doing; the events just end then. */
  readonly signal?: AbortSignal | undefined
  /**
   * How long a quarter of a megabyte may take, in milliseconds (default: 5,000). Some regular
   * expressions would take years for a line; a thread can be ended also in the middle of that.
   */
  readonly patienceMs?: number | undefined
  readonly clock?: Clock | undefined
}

/** The search's heap, in MB. Its buffers, of some 11 MB, are not in there. */
const HEAP_MB = 96

/**
 * `searchLogs` in a thread of its own: the caller's event loop is not held up, and any search can be
 * ended. The thread lives as long as the search, and begins with the first `next`.
 *
 * @throws PtySessionError `BAD_OPTION` at once when the query cannot be understood. While it runs:
 * `SEARCH_TOO_SLOW` when the regular expression is; `SEARCH_FAILED` when the thread died.
 */
export function searchInWorker(
  options: WorkerSearchOptions,
): AsyncGenerator<SearchEvent, void, undefined> {
  compileQuery(options.query)
  return run(options)
}

async function* run(options: WorkerSearchOptions): AsyncGenerator<SearchEvent, void, undefined> {
  const { signal, patienceMs = 5_000, clock = systemClock, ...workerData } = options
  if (signal?.aborted) return
  const waiting: SearchEvent[] = []
  let failure: PtySessionError | undefined
  let isOver = false
  let wake = (): void => {}
  let timer: unknown
  const worker = new Worker(workerProgram(), {
    workerData,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 16 },
  })

  function finish(error?: PtySessionError): void {
    if (!isOver) failure = error
    isOver = true
    clock.clearTimeout(timer)
    wake()
  }

  function beLookingFor(): void {
    clock.clearTimeout(timer)
    timer = clock.setTimeout(() => {
      const text = `a quarter of a megabyte took more than ${patienceMs} ms: use a simpler pattern`
      finish(new PtySessionError('SEARCH_TOO_SLOW', text))
    }, patienceMs)
  }

  const onAbort = (): void => finish()
  signal?.addEventListener('abort', onAbort)
  worker.on('message', (events: SearchMessage) => {
    if (isOver) return
    waiting.push(...events)
    if (events.at(-1)?.type === 'end') finish()
    else beLookingFor()
    wake()
  })
  worker.on('error', (cause) =>
    finish(
      new PtySessionError('SEARCH_FAILED', `the search ended: ${messageOf(cause)}`, { cause }),
    ),
  )
  worker.on('exit', (code) =>
    finish(new PtySessionError('SEARCH_FAILED', `the search ended with code ${code}`)),
  )
  worker.once('online', beLookingFor)

  try {
    while (!signal?.aborted) {
      const event = waiting.shift()
      if (event) yield event
      else if (failure) throw failure
      else if (isOver) return
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } finally {
    finish()
    signal?.removeEventListener('abort', onAbort)
    await worker.terminate()
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Built beside the package's entry; tests from sources use the built one as well. */
function workerProgram(): string {
  const { resolve } = createRequire(import.meta.url)
  return join(dirname(resolve('@conductor/pty-session/package.json')), 'dist/search-worker.cjs')
}
