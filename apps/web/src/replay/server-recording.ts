import { linesOf } from './lines-of.ts'
import { type Recording, RecordingError, type ReplayEvent } from './recording.ts'

interface Header {
  readonly width: number
  readonly height: number
  readonly from: number
  /** Absent when nothing is kept. */
  readonly startMs?: number
}

type Line = readonly [seconds: number, code: string, data: string, offset: number]

/** @param url Of a session's replay on its server. Times are dates. */
export function createServerRecording(
  url: string,
  fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
): Recording {
  return {
    async read(from, signal) {
      const response = await ask(fetch, `${url}?from=${from}`, signal)
      const batches = linesOf(response)
      const first = await batches.next()
      const [head, ...rest] = first.done ? [] : first.value
      if (head === undefined) throw new RecordingError('The server sent no recording')
      // What the server says is checked where it is made: both are one product.
      const header = JSON.parse(head) as Header
      const startMs = header.startMs ?? 0

      async function* events(): AsyncGenerator<readonly ReplayEvent[], void, undefined> {
        yield rest.flatMap((line) => eventsOf(line, startMs))
        for await (const lines of batches) yield lines.flatMap((line) => eventsOf(line, startMs))
      }
      const size = { cols: header.width, rows: header.height }
      return { from: header.from, timeMs: startMs, size, events: events() }
    },
  }
}

async function ask(
  fetch: typeof globalThis.fetch,
  url: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  let response: Response
  try {
    response = await fetch(url, { credentials: 'same-origin', signal })
  } catch (cause) {
    if (signal.aborted) throw cause
    throw new RecordingError('The server cannot be reached', { cause })
  }
  if (response.ok && response.body) return response.body
  const isRefused = response.status === 401
  await response.body?.cancel()
  throw new RecordingError(
    response.status === 404 ? 'Nothing is kept of this session' : 'The server gives no recording',
    { isRefused },
  )
}

function eventsOf(text: string, startMs: number): ReplayEvent[] {
  const [seconds, code, data, offset] = JSON.parse(text) as Line
  const event = eventOf(startMs + seconds * 1_000, code, data, offset)
  return event ? [event] : []
}

/** What an asciicast calls `o`, `r` and `m`; anything else is none of ours. */
export function eventOf(
  timeMs: number,
  code: string,
  data: string,
  offset: number,
): ReplayEvent | undefined {
  if (code === 'o') return { type: 'output', timeMs, offset, text: data }
  if (code === 'm') return { type: 'mark', timeMs, offset, label: data }
  const size = code === 'r' ? /^(\d{1,5})x(\d{1,5})$/.exec(data) : null
  if (!size) return undefined
  return { type: 'resize', timeMs, offset, cols: cells(size[1], 2), rows: cells(size[2], 1) }
}

const MOST_CELLS = 1_000

/** A recording may come from anywhere: its size is one that a terminal can have. */
export function cells(value: unknown, least: number): number {
  const number = Math.floor(Number(value))
  return Number.isFinite(number) ? Math.min(Math.max(number, least), MOST_CELLS) : least
}
