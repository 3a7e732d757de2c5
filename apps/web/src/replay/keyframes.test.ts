import { array, assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyframes, type Keyframe } from './keyframes.ts'

const frame = (offset: number, sizeBytes = 10): Keyframe => ({
  offset,
  timeMs: offset,
  cols: 80,
  rows: 24,
  bytes: new Uint8Array(sizeBytes),
})

describe('keyframes', () => {
  it('are due at first, and whenever so much has come since', () => {
    const frames = createKeyframes({ everyBytes: 100 })
    expect(frames.isDue(0)).toBe(true)
    frames.add(frame(0))
    expect(frames.isDue(99)).toBe(false)
    expect(frames.isDue(100)).toBe(true)
  })

  it('are found before a place and never behind it', () => {
    const frames = createKeyframes({ everyBytes: 100 })
    expect(frames.before(0)).toBeUndefined()
    for (const offset of [50, 150, 250]) frames.add(frame(offset))
    expect([49, 50, 149, 150, 9_999].map((at) => frames.before(at)?.offset)).toEqual([
      undefined,
      50,
      50,
      150,
      250,
    ])
  })

  it('get further apart when they take too much room, and the first one stays', () => {
    const frames = createKeyframes({ everyBytes: 100, mostBytes: 1_000 })
    for (let offset = 0; offset < 1_000_000; offset += 100)
      if (frames.isDue(offset)) frames.add(frame(offset, 30))
    expect(frames.sizeBytes).toBeLessThanOrEqual(1_000)
    expect(frames.sizeBytes).toBeGreaterThan(300)
    expect(frames.before(100)?.offset).toBe(0)
    // Evenly, up to the end.
    expect(frames.before(999_999)?.offset).toBeGreaterThan(900_000)
  })

  it('keep within their room, whatever is added', () => {
    assert(
      property(array(integer({ min: 0, max: 400 }), { maxLength: 200 }), (sizes) => {
        const frames = createKeyframes({ everyBytes: 1, mostBytes: 1_000 })
        for (const [index, size] of sizes.entries()) {
          frames.add(frame(index, size))
          expect(frames.sizeBytes).toBeLessThanOrEqual(1_000)
          expect(frames.before(index)?.offset).toBeLessThanOrEqual(index)
        }
        if (sizes.length > 0) expect(frames.before(0)?.offset).toBe(0)
      }),
    )
  })
})
