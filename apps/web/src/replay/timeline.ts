import type { TerminalSize } from '@conductor/session-client'

/** A moment of a recording: at `timeMs` all output before `offset` was there. */
export interface Moment {
  readonly timeMs: number
  readonly offset: number
}

/** When a recording said how much, as the server tells it of a session. */
export interface Timeline {
  readonly start: number
  readonly end: number
  readonly startMs?: number | undefined
  readonly endMs?: number | undefined
  /** In order of time and offset; the last one is the end. */
  readonly points: readonly Moment[]
  readonly resizes: readonly (Moment & TerminalSize)[]
  readonly markers: readonly (Moment & { readonly type: string; readonly label?: string })[]
}

/** So many points at most; then every second one goes. */
const MOST_POINTS = 2_000

export interface TimelineBuilder {
  readonly timeline: Timeline
  output(timeMs: number, end: number): void
  resize(moment: Moment & TerminalSize): void
  mark(moment: Moment & { readonly type: string; readonly label?: string }): void
}

/** Makes the timeline of what has none: a file. */
export function createTimelineBuilder(start: number): TimelineBuilder {
  let points: Moment[] = []
  let apartMs = 0
  const resizes: (Moment & TerminalSize)[] = []
  const markers: (Moment & { readonly type: string })[] = []

  return {
    get timeline() {
      const last = points.at(-1)
      const startMs = resizes[0]?.timeMs ?? points[0]?.timeMs
      return {
        start,
        end: last?.offset ?? start,
        startMs,
        endMs: last?.timeMs,
        points,
        resizes,
        markers,
      }
    },
    output(timeMs, offset) {
      const before = points.at(-2)
      if (before && timeMs - before.timeMs < apartMs) points.pop()
      points.push({ timeMs, offset })
      if (points.length <= MOST_POINTS) return
      const spanMs = timeMs - (points[0]?.timeMs ?? timeMs)
      apartMs = Math.max((spanMs / MOST_POINTS) * 2, apartMs)
      points = points.filter((_, index) => index % 2 === 0)
      if (points.at(-1)?.offset !== offset) points.push({ timeMs, offset })
    },
    resize(moment) {
      if (resizes.length < MOST_POINTS) resizes.push(moment)
    },
    mark(moment) {
      if (markers.length < MOST_POINTS) markers.push(moment)
    },
  }
}

/** How far the output had come at a time. */
export function offsetAt({ points, start }: Timeline, timeMs: number): number {
  return points[lastIndex(points, (point) => point.timeMs <= timeMs)]?.offset ?? start
}

/** When the output came to an offset. */
export function timeAt({ points, startMs = 0, endMs = startMs }: Timeline, offset: number): number {
  return points[lastIndex(points, (point) => point.offset < offset) + 1]?.timeMs ?? endMs
}

/** Of the last that fits, where all that fit come first; -1 for none. */
export function lastIndex<T>(list: readonly T[], fits: (each: T) => boolean): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const each = list[middle]
    if (each !== undefined && fits(each)) low = middle + 1
    else high = middle
  }
  return low - 1
}
