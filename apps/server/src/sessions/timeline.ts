import type { Clock } from '@conductor/machine'
import type { SessionHistory } from './session-history.ts'

/** Dates in milliseconds since 1970; offsets as everywhere. */
export interface Timeline {
  readonly epoch: string
  readonly start: number
  readonly end: number
  /** Absent when nothing is kept. */
  readonly startMs?: number | undefined
  readonly endMs?: number | undefined
  /** At `timeMs`, all before `offset` had been written. In order, the last one is at the end. */
  readonly points: readonly { readonly timeMs: number; readonly offset: number }[]
  /** The first one is the size at the start. */
  readonly resizes: readonly {
    readonly timeMs: number
    readonly offset: number
    readonly cols: number
    readonly rows: number
  }[]
  /** When somebody typed. */
  readonly inputs: readonly number[]
  readonly markers: readonly (
    | {
        readonly type: 'exit'
        readonly timeMs: number
        readonly offset: number
        readonly code?: number | undefined
        readonly signal?: string | undefined
      }
    | { readonly type: 'restart'; readonly timeMs: number; readonly offset: number }
  )[]
  /** What is not kept any more. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[]
}

/** The event loop is free again after so long, in milliseconds. */
const SLICE_MS = 4
/** The clock is looked at once in so many records. */
const RECORDS_AT_ONCE = 256

/**
 * What a scrubber shows of a session: at most `count` points, resizes and times of input, the latest
 * of each slice of time. A log of 64 MiB may hold a quarter of a million records, so they are read in slices.
 *
 * @throws PtySessionError `LOG_UNREADABLE`
 */
export async function timelineOf(
  history: SessionHistory,
  count: number,
  clock: Pick<Clock, 'now'>,
): Promise<Timeline> {
  const { epoch, start, end, startMs = 0, endMs = startMs } = history
  const sliceMs = Math.max((endMs - startMs) / count, Number.MIN_VALUE)
  const points = createThinned<Timeline['points'][number]>()
  const resizes = createThinned<Timeline['resizes'][number]>()
  const inputs = createThinned<number>()
  const markers: Timeline['markers'][number][] = []
  let records = 0
  let freeAtMs = clock.now() + SLICE_MS

  const sliceOf = (timeMs: number): number =>
    Math.min(Math.max(Math.floor((timeMs - startMs) / sliceMs), 0), count - 1)

  for (const event of history.events()) {
    if (++records % RECORDS_AT_ONCE === 0 && clock.now() >= freeAtMs) {
      await new Promise((resolve) => setImmediate(resolve))
      freeAtMs = clock.now() + SLICE_MS
    }
    const { timeMs = startMs } = event
    const slice = sliceOf(timeMs)
    switch (event.type) {
      case 'begin':
        resizes.put(-1, { timeMs, offset: start, ...event.size })
        break
      case 'output':
        points.put(slice, { timeMs, offset: event.offset + event.length })
        break
      case 'resize':
        resizes.put(slice, { timeMs, offset: event.offset, ...event.size })
        break
      case 'input':
        inputs.put(slice, timeMs)
        break
      case 'restart':
        markers.push({ type: 'restart', timeMs, offset: event.offset })
        break
      case 'exit': {
        const { offset, code, signal } = event
        markers.push({ type: 'exit', timeMs, offset, code, signal })
      }
    }
  }
  return {
    epoch,
    start,
    end,
    startMs: history.startMs,
    endMs: history.endMs,
    points: points.list,
    resizes: resizes.list.filter(isOther),
    inputs: inputs.list,
    markers,
    gaps: start > 0 ? [{ from: 0, to: start }] : [],
  }
}

/** The last value of each slice, where slices only grow: a clock that was set back stays where it was. */
function createThinned<T>(): { readonly list: readonly T[]; put(slice: number, value: T): void } {
  const list: T[] = []
  let last = Number.NEGATIVE_INFINITY
  return {
    list,
    put(slice, value) {
      if (slice > last) list.push(value)
      else list[list.length - 1] = value
      last = Math.max(last, slice)
    },
  }
}

/** Each segment of a log repeats the size. */
function isOther(
  { cols, rows }: Timeline['resizes'][number],
  index: number,
  all: Timeline['resizes'],
): boolean {
  const before = all[index - 1]
  return !before || before.cols !== cols || before.rows !== rows
}
