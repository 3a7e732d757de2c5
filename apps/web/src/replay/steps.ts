import { lastIndex, type Timeline } from './timeline.ts'

/** After a pause of this something new begins, in milliseconds. */
const PAUSE_MS = 1_000

/** Where something begins: at prompts; where a shell marks none, behind pauses. In order. */
export function stepsOf(timeline: Timeline, prompts: readonly number[]): readonly number[] {
  if (prompts.length > 0) return prompts
  const { points } = timeline
  return points.flatMap(({ timeMs, offset }, index) =>
    (points[index + 1]?.timeMs ?? timeMs) - timeMs >= PAUSE_MS ? [offset] : [],
  )
}

/** The step before or after a place; at the edges the start or the end. */
export function nearestStep(options: {
  readonly timeline: Timeline
  readonly prompts: readonly number[]
  readonly offset: number
  readonly by: -1 | 1
}): number {
  const { timeline, prompts, offset, by } = options
  const steps = stepsOf(timeline, prompts)
  if (by > 0) return steps[lastIndex(steps, (step) => step <= offset) + 1] ?? timeline.end
  return steps[lastIndex(steps, (step) => step < offset)] ?? timeline.start
}
