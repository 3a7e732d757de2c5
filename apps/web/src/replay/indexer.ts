import type { Clock } from '@conductor/machine'
import { createOutputScanner } from '@conductor/terminal-state'
import type { Keyframes } from './keyframes.ts'
import type { FromReplay } from './messages.ts'
import type { Recording, ReplayEvent } from './recording.ts'
import { createSeekTerminal, type SeekTerminal } from './seek-terminal.ts'
import { createTimelineBuilder, type TimelineBuilder } from './timeline.ts'

/** It works for so long before it looks whether a person wants something, in milliseconds. */
const SLICE_MS = 12

/** How often it tells how far it is, in milliseconds. */
const TELL_MS = 250

/** More prompts than this are not stepped through. */
const MOST_PROMPTS = 20_000

export interface IndexerOptions {
  readonly recording: Recording
  readonly keyframes: Keyframes
  readonly post: (message: FromReplay) => void
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** Reads all of a recording once: keyframes, prompts and the timeline are what it leaves. */
export interface Indexer {
  readonly start: number
  /** How far it has come. */
  readonly offset: number
  /** Reads to the end, from where it was. While it runs already, once more afterwards. */
  run(): Promise<void>
  /** Resolves once that offset, or the end, has been read. */
  reaches(offset: number): Promise<void>
  /** Leaves the processor to something else. @returns The function that ends that. */
  pause(): () => void
  close(): void
}

export function createIndexer(options: IndexerOptions): Indexer {
  const { recording, keyframes, post, clock, signal } = options
  const prompts: number[] = []
  let timeline: TimelineBuilder | undefined
  let terminal: SeekTerminal | undefined
  let start = 0
  let offset = 0
  let isRunning = false
  let isDone = false
  let again = false
  let paused: Promise<void> | undefined
  let waiting: { readonly offset: number; readonly resolve: () => void }[] = []
  let freeAtMs = 0
  let toldMs = Number.NEGATIVE_INFINITY

  const scanner = createOutputScanner({
    onEvent(event) {
      if (event.type === 'prompt-mark' && event.mark === 'prompt' && prompts.length < MOST_PROMPTS)
        prompts.push(event.start + shift)
    },
  })
  let shift = 0
  const encoder = new TextEncoder()

  function take(event: ReplayEvent): void {
    const { timeMs } = event
    if (event.type === 'resize') timeline?.resize(event)
    if (event.type === 'mark') timeline?.mark({ ...event, type: 'mark' })
    if (event.type === 'output') {
      // Not inside of a character: there nobody could begin to read.
      if (terminal?.offset === event.offset && keyframes.isDue(event.offset))
        keyframes.add({ offset: event.offset, timeMs: terminal.timeMs, ...terminal.snapshot() })
      shift = event.offset - scanner.offset
      scanner.scan(encoder.encode(event.text))
    }
    terminal?.read(event)
    offset = terminal?.offset ?? offset
    if (event.type === 'output') timeline?.output(timeMs, offset)
  }

  async function begin(): Promise<AsyncGenerator<readonly ReplayEvent[], void, undefined>> {
    const part = await recording.read(terminal ? offset : 0, signal)
    if (terminal) return part.events
    start = part.from
    offset = start
    timeline = createTimelineBuilder(start)
    terminal = await createSeekTerminal({ size: part.size, offset: start, timeMs: part.timeMs })
    keyframes.add({ offset: start, timeMs: part.timeMs, ...part.size, bytes: new Uint8Array(0) })
    tell()
    return part.events
  }

  async function breathe(): Promise<void> {
    if (clock.now() >= freeAtMs) {
      if (clock.now() - toldMs >= TELL_MS) tell()
      await new Promise<void>((resolve) => clock.setTimeout(resolve, 0))
      freeAtMs = clock.now() + SLICE_MS
    }
    while (paused) await paused
  }

  function tell(): void {
    toldMs = clock.now()
    if (timeline)
      post({
        type: 'indexed',
        offset,
        isDone,
        timeline: timeline.timeline,
        prompts,
        keyframeBytes: keyframes.sizeBytes,
      })
    const ready = waiting.filter((each) => isDone || each.offset <= offset)
    waiting = waiting.filter((each) => !ready.includes(each))
    for (const { resolve } of ready) resolve()
  }

  async function readAll(): Promise<void> {
    isDone = false
    let isFirst = true
    for await (const batch of await begin())
      for (const event of batch) {
        const [first] = timeline?.timeline.resizes ?? []
        if (isFirst && !first && terminal) {
          const { cols, rows } = terminal.snapshot()
          timeline?.resize({ timeMs: event.timeMs, offset: start, cols, rows })
        }
        isFirst = false
        take(event)
        await breathe()
        if (signal.aborted) return
      }
    isDone = true
    tell()
  }

  return {
    get start() {
      return start
    },
    get offset() {
      return offset
    },
    async run() {
      again = true
      if (isRunning) return
      isRunning = true
      try {
        while (again && !signal.aborted) {
          again = false
          await readAll()
        }
      } finally {
        isRunning = false
      }
    },
    reaches: (wanted) =>
      isDone || (terminal && wanted <= offset)
        ? Promise.resolve()
        : new Promise((resolve) => waiting.push({ offset: wanted, resolve })),
    pause() {
      let resume = (): void => {}
      const pausing = new Promise<void>((resolve) => {
        resume = resolve
      })
      paused = pausing
      return () => {
        if (paused === pausing) paused = undefined
        resume()
      }
    },
    close: () => terminal?.close(),
  }
}
