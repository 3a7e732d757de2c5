import { linesOf } from './lines-of.ts'
import { type Recording, RecordingError, type ReplayEvent } from './recording.ts'
import { cells, eventOf } from './server-recording.ts'
import { lastIndex } from './timeline.ts'

/** A place in the file where reading can begin. */
interface Place {
  readonly fileByte: number
  readonly offset: number
  /** The time of the event before. */
  readonly timeMs: number
  readonly cols: number
  readonly rows: number
}

/** How far apart those are, in bytes of the file. */
const PLACE_EVERY_BYTES = 512 * 1024

const encoder = new TextEncoder()

/**
 * A recording in a file of asciinema's, version 2 or 3. It is read in pieces, and as often as needed.
 *
 * @see https://docs.asciinema.org/manual/asciicast/v2/
 * @see https://docs.asciinema.org/manual/asciicast/v3/
 */
export function createCastRecording(file: Blob): Recording {
  const places: Place[] = []
  let version = 2

  async function* events(
    from: Place,
    wanted: number,
    lines: AsyncIterable<readonly string[]>,
  ): AsyncGenerator<readonly ReplayEvent[], void, undefined> {
    let { fileByte, offset, timeMs, cols, rows } = from
    for await (const batch of lines) {
      const list: ReplayEvent[] = []
      for (const line of batch) {
        const last = places.at(-1)
        if (!last || fileByte - last.fileByte >= PLACE_EVERY_BYTES)
          places.push({ fileByte, offset, timeMs, cols, rows })
        fileByte += encoder.encode(line).length + 1
        const event = readLine(line, offset, timeMs)
        if (!event) continue
        timeMs = event.timeMs
        if (event.type === 'resize') ({ cols, rows } = event)
        const end = offset + (event.type === 'output' ? encoder.encode(event.text).length : 0)
        const seen = event.type === 'output' ? behind(event, wanted) : event
        if (seen && (offset >= wanted || end > wanted)) list.push(seen)
        offset = end
      }
      yield list
    }
  }

  function readLine(line: string, offset: number, lastMs: number): ReplayEvent | undefined {
    // Comments of version 3.
    if (line.startsWith('#') || line.trim() === '') return undefined
    const value = parsed(line)
    const [seconds, code, data] = Array.isArray(value) ? value : []
    if (typeof seconds !== 'number' || typeof code !== 'string' || typeof data !== 'string')
      throw new RecordingError('This file is no recording: one of its lines is no event')
    const atMs = version === 3 ? lastMs + seconds * 1_000 : seconds * 1_000
    return eventOf(Math.max(atMs, lastMs), code, data, offset)
  }

  return {
    async read(from) {
      const [first] = places
      if (first) {
        const place = places[lastIndex(places, (each) => each.offset <= from)] ?? first
        const lines = linesOf(file.slice(place.fileByte).stream())
        return {
          from: Math.max(from, 0),
          timeMs: place.timeMs,
          size: place,
          events: events(place, from, lines),
        }
      }
      const lines = linesOf(file.stream())
      const batch = await lines.next()
      const [head = '', ...rest] = batch.done ? [] : batch.value
      const header = readHeader(head)
      version = header.version
      const fileByte = encoder.encode(head).length + 1
      const place = { fileByte, offset: 0, timeMs: 0, ...header.size }
      async function* all(): AsyncGenerator<readonly string[], void, undefined> {
        yield rest
        yield* lines
      }
      return { from: 0, timeMs: 0, size: header.size, events: events(place, from, all()) }
    },
  }
}

/** The part of an event from an offset on, which begins with a character. */
function behind(
  event: ReplayEvent & { readonly type: 'output' },
  from: number,
): ReplayEvent | undefined {
  if (event.offset >= from) return event
  const bytes = encoder.encode(event.text).subarray(from - event.offset)
  return bytes.length > 0
    ? { ...event, offset: from, text: new TextDecoder().decode(bytes) }
    : undefined
}

function readHeader(line: string): {
  readonly version: number
  readonly size: { readonly cols: number; readonly rows: number }
} {
  const header = parsed(line) as Readonly<Record<string, unknown>> | undefined
  const version = header?.['version']
  if (version !== 2 && version !== 3)
    throw new RecordingError('This file is no recording of asciinema, version 2 or 3')
  const term = (header?.['term'] ?? {}) as Readonly<Record<string, unknown>>
  const [cols, rows] =
    version === 3 ? [term['cols'], term['rows']] : [header?.['width'], header?.['height']]
  return { version, size: { cols: cells(cols ?? 80, 2), rows: cells(rows ?? 24, 1) } }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
