import { OUTPUT_HEADROOM } from '@conductor/protocol'
import { describe, expect, it } from 'vitest'
import { bufferFor, trackBlock } from './block-buffers.ts'
import { BLOCK_BYTES } from './log-layout.ts'

/** The buffers that are free now: asks for them all, so that the next test begins with none. */
function drain(): Set<Buffer> {
  return new Set(Array.from({ length: 20 }, () => bufferFor(BLOCK_BYTES)))
}

function setup() {
  drain()
  const buffer = bufferFor(BLOCK_BYTES)
  const tracked = trackBlock(0, buffer, buffer.length)
  return { buffer, tracked, isFree: () => drain().has(buffer) }
}

describe('the buffer of a block', () => {
  it('is used again when all who got it have released it and nobody can get it any more', () => {
    const { tracked, isFree } = setup()
    const first = tracked.take()
    const second = tracked.take()
    tracked.retire()
    first.release()
    expect(isFree()).toBe(false)
    second.release()
    expect(isFree()).toBe(true)
  })

  it('is not used again while it can still be given to somebody', () => {
    const { tracked, isFree } = setup()
    tracked.take().release()
    expect(isFree()).toBe(false)
    tracked.retire()
    expect(isFree()).toBe(true)
  })

  it('is never used again when somebody did not release it', () => {
    const { tracked, isFree } = setup()
    tracked.take()
    tracked.retire()
    expect(isFree()).toBe(false)
  })

  it('is not used by two blocks, however often it is released', () => {
    const { buffer, tracked } = setup()
    const block = tracked.take()
    tracked.retire()
    block.release()
    block.release()
    expect(bufferFor(BLOCK_BYTES)).toBe(buffer)
    expect(bufferFor(BLOCK_BYTES)).not.toBe(buffer)
  })

  it('is of the very size when it is small', () => {
    expect(bufferFor(5).length).toBe(OUTPUT_HEADROOM + 5)
  })
})
