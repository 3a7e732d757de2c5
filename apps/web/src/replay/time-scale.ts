import { lastIndex, type Moment, type Timeline } from './timeline.ts'

/** Where on a line from 0 to 1 a time stands, and back. */
export interface TimeScale {
  readonly lengthMs: number
  positionOf(timeMs: number): number
  timeOf(position: number): number
  /** Pauses that were shortened, by their positions. */
  readonly cuts: readonly number[]
}

interface Knot {
  readonly timeMs: number
  readonly atMs: number
}

/**
 * @param longestPauseMs Longer pauses take up this much, in milliseconds; infinite: all as long as they were.
 */
export function createTimeScale(timeline: Timeline, longestPauseMs: number): TimeScale {
  const { points, startMs = 0, endMs = startMs } = timeline
  const knots: Knot[] = [{ timeMs: startMs, atMs: 0 }]
  const cutsMs: number[] = []
  let last: Knot = { timeMs: startMs, atMs: 0 }

  const end: Moment = { timeMs: endMs, offset: timeline.end }
  for (const { timeMs } of [...points, end]) {
    const pauseMs = Math.max(timeMs - last.timeMs, 0)
    if (pauseMs > longestPauseMs) cutsMs.push(last.atMs + longestPauseMs / 2)
    last = {
      timeMs: Math.max(timeMs, last.timeMs),
      atMs: last.atMs + Math.min(pauseMs, longestPauseMs),
    }
    knots.push(last)
  }
  const lengthMs = Math.max(last.atMs, 1)

  function between(by: 'timeMs' | 'atMs', to: 'timeMs' | 'atMs', value: number): number {
    const index = Math.max(
      lastIndex(knots, (knot) => knot[by] <= value),
      0,
    )
    const from = knots[index] ?? last
    const next = knots[index + 1] ?? last
    const width = next[by] - from[by]
    const part = width > 0 ? Math.min(Math.max((value - from[by]) / width, 0), 1) : 0
    return from[to] + part * (next[to] - from[to])
  }

  return {
    lengthMs,
    positionOf: (timeMs) => between('timeMs', 'atMs', timeMs) / lengthMs,
    timeOf: (position) => between('atMs', 'timeMs', Math.min(Math.max(position, 0), 1) * lengthMs),
    cuts: cutsMs.map((atMs) => atMs / lengthMs),
  }
}

/** How much was said in each of `count` slices of a scale, 0 to 1; by its logarithm, because bursts are huge. */
export function densityOf(timeline: Timeline, scale: TimeScale, count: number): readonly number[] {
  const sums = Array.from({ length: count }, () => 0)
  let from = timeline.start
  for (const { timeMs, offset } of timeline.points) {
    const slice = Math.min(Math.floor(scale.positionOf(timeMs) * count), count - 1)
    sums[slice] = (sums[slice] ?? 0) + offset - from
    from = offset
  }
  const most = Math.log1p(Math.max(...sums, 1))
  return sums.map((sum) => Math.log1p(sum) / most)
}
