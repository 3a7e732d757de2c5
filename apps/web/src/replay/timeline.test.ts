import { describe, expect, it } from 'vitest'
import { nearestStep, stepsOf } from './steps.ts'
import { createTimeScale, densityOf } from './time-scale.ts'
import { createTimelineBuilder, offsetAt, type Timeline, timeAt } from './timeline.ts'

/** Ten bytes at each of these times. */
function timelineOf(...times: readonly number[]): Timeline {
  const builder = createTimelineBuilder(0)
  for (const [index, timeMs] of times.entries()) builder.output(timeMs, (index + 1) * 10)
  return builder.timeline
}

describe('a timeline', () => {
  it('knows what had been said at a time, and when something was said', () => {
    const timeline = timelineOf(100, 200, 1_000)
    expect([0, 100, 199, 200, 5_000].map((ms) => offsetAt(timeline, ms))).toEqual([
      0, 10, 10, 20, 30,
    ])
    expect([1, 10, 11, 30, 99].map((offset) => timeAt(timeline, offset))).toEqual([
      100, 100, 200, 1_000, 1_000,
    ])
  })

  it('of a long recording keeps few points, and the end', () => {
    const timeline = timelineOf(...Array.from({ length: 50_000 }, (_, n) => n * 7))
    expect(timeline.points.length).toBeLessThanOrEqual(2_001)
    expect(timeline.points.length).toBeGreaterThan(500)
    expect(timeline.end).toBe(500_000)
    expect(Math.abs(offsetAt(timeline, 175_000) - 250_000)).toBeLessThan(5_000)
  })
})

describe('the line of time', () => {
  it('is as long as the recording, and leads there and back', () => {
    const scale = createTimeScale(timelineOf(1_000, 2_000, 11_000), Number.POSITIVE_INFINITY)
    expect(scale.lengthMs).toBe(10_000)
    for (const timeMs of [1_000, 2_000, 6_500, 11_000])
      expect(scale.timeOf(scale.positionOf(timeMs))).toBeCloseTo(timeMs)
    expect(scale.cuts).toEqual([])
  })

  it('is shorter where nothing happened, if a person wants that', () => {
    const scale = createTimeScale(timelineOf(0, 1_000, 101_000, 102_000), 1_000)
    expect(scale.lengthMs).toBe(3_000)
    expect(scale.cuts).toEqual([0.5])
    expect(scale.positionOf(101_000)).toBeCloseTo(2 / 3)
    expect(scale.timeOf(1)).toBe(102_000)
  })

  it('is a line also for what has no length', () => {
    const scale = createTimeScale(timelineOf(), 1_000)
    expect([scale.positionOf(5), scale.timeOf(0.5)]).toEqual([0, 0])
    expect(densityOf(timelineOf(), scale, 4)).toEqual([0, 0, 0, 0])
  })

  it('shows where much was said', () => {
    const timeline = timelineOf(0, 900, 910, 920, 1_000)
    const density = densityOf(timeline, createTimeScale(timeline, Number.POSITIVE_INFINITY), 10)
    expect(Math.max(...density)).toBe(1)
    expect(density[9]).toBe(1)
    expect(density[5]).toBe(0)
  })
})

describe('steps', () => {
  const timeline = timelineOf(0, 100, 5_000, 5_100, 9_000)

  it('go by prompts, where there are any', () => {
    expect(stepsOf(timeline, [5, 25])).toEqual([5, 25])
    expect(nearestStep({ timeline, prompts: [5, 25], offset: 5, by: 1 })).toBe(25)
    expect(nearestStep({ timeline, prompts: [5, 25], offset: 25, by: -1 })).toBe(5)
  })

  it('go by pauses, where a shell marks no prompts', () => {
    expect(stepsOf(timeline, [])).toEqual([20, 40])
  })

  it('end at the edges', () => {
    expect(nearestStep({ timeline, prompts: [5, 25], offset: 25, by: 1 })).toBe(50)
    expect(nearestStep({ timeline, prompts: [5, 25], offset: 5, by: -1 })).toBe(0)
  })
})
