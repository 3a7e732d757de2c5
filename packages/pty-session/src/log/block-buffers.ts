import { OUTPUT_HEADROOM } from '@conductor/protocol'
import type { LogBlock } from '../types.ts'
import { BLOCK_BYTES } from './log-layout.ts'

/** Buffers that wait to be used again: 2 MiB, whatever number of logs is read. */
const MOST_SPARE = 16

/** Below this a buffer of the very size is cheaper than a large one that is kept, in bytes. */
const WORTH_KEEPING_BYTES = 32 * 1024

const WHOLE_BYTES = OUTPUT_HEADROOM + BLOCK_BYTES

/** A block, and how many still look at it. */
export interface TrackedBlock {
  readonly block: LogBlock
  /** One more has got it. */
  take(): LogBlock
  /** It is not given to anybody any more. */
  retire(): void
}

const spare: Buffer[] = []

/** Room for `length` bytes of output behind the headroom of a frame. */
export function bufferFor(length: number): Buffer {
  if (length < WORTH_KEEPING_BYTES) return Buffer.allocUnsafeSlow(OUTPUT_HEADROOM + length)
  return spare.pop() ?? Buffer.allocUnsafeSlow(WHOLE_BYTES)
}

/**
 * Counts who looks at a block. When nobody does, its buffer serves the next one: a flood would else
 * cost a page fault for every 4 KiB. Whoever never calls `release` just leaves it to the collector.
 */
export function trackBlock(offset: number, buffer: Buffer, end: number): TrackedBlock {
  let looking = 0
  let retired = false
  let given = false

  function giveBack(): void {
    if (looking > 0 || !retired || given) return
    given = true
    if (buffer.length === WHOLE_BYTES && spare.length < MOST_SPARE) spare.push(buffer)
  }

  const block: LogBlock = {
    kind: 'bytes',
    offset,
    buffer,
    start: OUTPUT_HEADROOM,
    end,
    release() {
      looking--
      giveBack()
    },
  }
  return {
    block,
    take() {
      looking++
      return block
    },
    retire() {
      retired = true
      giveBack()
    },
  }
}
