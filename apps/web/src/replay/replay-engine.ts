import type { Clock } from '@conductor/machine'
import { createIndexer, type Indexer } from './indexer.ts'
import { createKeyframes, type KeyframesOptions } from './keyframes.ts'
import type { FromReplay } from './messages.ts'
import { type Recording, RecordingError, type ReplayEvent } from './recording.ts'
import { createSeekTerminal, type SeekTerminal } from './seek-terminal.ts'

export interface ReplayEngineOptions {
  readonly recording: Recording
  readonly post: (message: FromReplay) => void
  readonly clock: Clock
  readonly keyframes?: KeyframesOptions | undefined
}

/**
 * Reads a recording once from its beginning to its end, keeps the terminal's state at some places, and
 * from there shows any other. Lives in a worker, so that the page never waits for it.
 */
export interface ReplayEngine {
  /** Answered with `shown`, unless another one comes before: the latest counts. */
  seek(id: number, offset: number, toLineEnd: boolean): void
  /** Answered with `events` behind what `seek` has shown, and those after it. */
  more(id: number): void
  /** Reads on where the end was. */
  refresh(): void
  close(): void
}

/** A line may end this far behind a place in it, in bytes. */
const MOST_LINE_BYTES = 4_096

/** So much output goes to the page at once, in characters. */
const BATCH_CHARACTERS = 128 * 1024

export function createReplayEngine(options: ReplayEngineOptions): ReplayEngine {
  const { recording, post, clock } = options
  const keyframes = createKeyframes(options.keyframes)
  const stop = new AbortController()
  let latest = 0
  let reading = new AbortController()
  let events: AsyncGenerator<readonly ReplayEvent[], void, undefined> | undefined
  let terminal: SeekTerminal | undefined
  let turn: Promise<void> = Promise.resolve()

  const indexer: Indexer = createIndexer({ recording, keyframes, post, clock, signal: stop.signal })

  function fail(error: unknown): void {
    if (stop.signal.aborted) return
    const isKnown = error instanceof RecordingError
    const text = isKnown ? error.message : 'The recording cannot be read'
    post({ type: 'failed', text, isRefused: isKnown && error.isRefused })
  }

  /** The terminal that was shown last, where that is on the way; else one that begins at a keyframe. */
  async function terminalBefore(offset: number): Promise<SeekTerminal> {
    const frame = keyframes.before(offset)
    if (terminal && terminal.offset <= offset && terminal.offset >= (frame?.offset ?? 0))
      return terminal
    terminal?.close()
    terminal = undefined
    if (!frame) throw new RecordingError('The recording is empty')
    terminal = await createSeekTerminal({ ...frame, size: frame })
    return terminal
  }

  async function show(id: number, wanted: number, toLineEnd: boolean): Promise<void> {
    const isOld = (): boolean => id !== latest || stop.signal.aborted
    if (isOld()) return
    reading.abort()
    reading = new AbortController()
    const { signal } = reading
    events = undefined
    const target = Math.min(Math.max(wanted, indexer.start), indexer.offset)
    const resume = indexer.pause()
    try {
      const at = await terminalBefore(target)
      if (isOld()) return
      if (at.offset < target || toLineEnd) await readTo(at, target, toLineEnd, signal, isOld)
      if (isOld()) return
      const { bytes, cols, rows } = at.snapshot()
      const { offset, timeMs } = at
      events = following(offset, signal)
      post({ type: 'shown', id, offset, timeMs, cols, rows, bytes })
    } catch (error) {
      // It may be anywhere in between.
      terminal?.close()
      terminal = undefined
      if (!signal.aborted) throw error
    } finally {
      resume()
    }
  }

  async function readTo(
    at: SeekTerminal,
    target: number,
    toLineEnd: boolean,
    signal: AbortSignal,
    isOld: () => boolean,
  ): Promise<void> {
    const mostEnd = target + MOST_LINE_BYTES
    const part = await recording.read(at.offset, signal)
    for await (const batch of part.events) {
      for (const event of batch) {
        if (event.type !== 'output') {
          if (event.offset > target) return
          at.read(event)
          continue
        }
        const end = toLineEnd ? lineEnd(event, target, mostEnd) : target
        if (event.offset >= end) {
          at.settle(event.offset)
          return
        }
        at.readUntil(event, end)
        if (at.offset >= end) return
      }
      if (isOld()) return
      await breathe()
    }
  }

  async function* following(
    from: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly ReplayEvent[], void, undefined> {
    const part = await recording.read(from, signal)
    yield* part.events
  }

  async function tell(id: number): Promise<void> {
    if (id !== latest || !events) return
    const list: ReplayEvent[] = []
    let characters = 0
    let isEnd = false
    while (characters < BATCH_CHARACTERS && !isEnd) {
      const next = await events.next()
      if (id !== latest) return
      isEnd = next.done === true
      for (const event of next.value ?? []) {
        list.push(event)
        characters += event.type === 'output' ? event.text.length : 0
      }
    }
    if (isEnd) events = following(endOf(list) ?? indexer.offset, reading.signal)
    post({ type: 'events', id, events: list, isEnd })
  }

  /** Messages of the page come in between. */
  function breathe(): Promise<void> {
    return new Promise((resolve) => clock.setTimeout(resolve, 0))
  }

  function inTurn(act: () => Promise<void>): void {
    turn = turn.then(act).catch((error: unknown) => {
      if (!reading.signal.aborted) fail(error)
    })
  }

  indexer.run().catch(fail)

  return {
    seek(id, offset, toLineEnd) {
      latest = id
      // Whoever waits for this keeps nobody else from going elsewhere.
      void indexer
        .reaches(offset + (toLineEnd ? MOST_LINE_BYTES : 0))
        .then(() => inTurn(() => show(id, offset, toLineEnd)))
    },
    more: (id) => inTurn(() => tell(id)),
    refresh: () => void indexer.run().catch(fail),
    close() {
      latest = -1
      stop.abort()
      reading.abort()
      terminal?.close()
      indexer.close()
    },
  }
}

/** Behind the first line break at or after `target`, if this event has it. */
function lineEnd(
  { offset, text }: ReplayEvent & { readonly type: 'output' },
  target: number,
  mostEnd: number,
): number {
  const bytes = new TextEncoder().encode(text)
  const at = bytes.indexOf(0x0a, Math.max(target - offset, 0))
  return Math.min(at < 0 ? mostEnd : offset + at, mostEnd)
}

function endOf(events: readonly ReplayEvent[]): number | undefined {
  const last = events.findLast((event) => event.type === 'output')
  return last && last.offset + new TextEncoder().encode(last.text).length
}
