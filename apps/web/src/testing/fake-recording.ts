import type { Recording, ReplayEvent } from '../replay/recording.ts'

const encoder = new TextEncoder()

/** A recording that a test has written: what was said, with when, and sizes. */
export interface FakeRecording extends Recording {
  readonly end: number
  /** How often it was read, and from where. */
  readonly reads: readonly number[]
  say(timeMs: number, text: string): void
  resize(timeMs: number, cols: number, rows: number): void
}

/** As the server does it: a range may begin anywhere in an event. */
export function createFakeRecording(start = 0): FakeRecording {
  const events: ReplayEvent[] = []
  const reads: number[] = []
  let end = start
  return {
    get end() {
      return end
    },
    reads,
    say(timeMs, text) {
      events.push({ type: 'output', timeMs, offset: end, text })
      end += encoder.encode(text).length
    },
    resize: (timeMs, cols, rows) =>
      void events.push({ type: 'resize', timeMs, offset: end, cols, rows }),
    async read(wanted, signal) {
      const from = Math.min(Math.max(wanted, start), end)
      reads.push(from)
      let size = { cols: 80, rows: 24 }
      for (const event of events) if (event.type === 'resize' && event.offset < from) size = event
      const list = events.flatMap((event) => behind(event, from))
      async function* batches(): AsyncGenerator<readonly ReplayEvent[], void, undefined> {
        for (let at = 0; at < list.length; at += 50) {
          signal.throwIfAborted()
          yield list.slice(at, at + 50)
        }
      }
      const timeMs = list[0]?.timeMs ?? 0
      return { from, timeMs, size: { cols: size.cols, rows: size.rows }, events: batches() }
    },
  }
}

function behind(event: ReplayEvent, from: number): ReplayEvent[] {
  if (event.offset >= from) return [event]
  if (event.type !== 'output') return []
  const bytes = encoder.encode(event.text).subarray(from - event.offset)
  return bytes.length === 0
    ? []
    : [{ ...event, offset: from, text: new TextDecoder().decode(bytes) }]
}
