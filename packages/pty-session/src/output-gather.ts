import { BLOCK_BYTES } from './log/log-layout.ts'

/** A read below this is a keystroke's echo, not a flood: it never waits. */
const SMALL_BYTES = 1024

/** No byte waits longer for company, in milliseconds. */
const LONGEST_WAIT_MS = 2

/** Blocks kept for the next flood, so that a flood allocates nothing and idle sessions hold nothing. */
const SPARE_BLOCKS = 4
const spare: Buffer[] = []

export interface OutputGatherOptions {
  /** Takes the bytes for good (they are borrowed during the call), or says `false` and takes none. */
  readonly write: (bytes: Buffer) => boolean
  readonly now: () => number
  /** Runs `callback` when the event loop has read whatever was ready (`setImmediate`). */
  readonly afterReads: (callback: () => void) => void
}

/** Collects what a pty says into blocks. */
export interface OutputGather {
  push(chunk: Buffer): void
  /** Writes what has been collected. `false` when some of it could not be written. */
  flush(): boolean
  /** Bytes collected and not written yet. */
  readonly pendingBytes: number
}

/**
 * A pty gives at most 4 KiB a read, and a log record, a notice and a frame for each of those would
 * cost more than the bytes. So bytes are collected while they keep coming: until a block is full,
 * until the loop turns once without a new one, or for 2 ms. A small read on its own goes out at once.
 */
export function createOutputGather(options: OutputGatherOptions): OutputGather {
  const { write, now, afterReads } = options
  /** Full blocks that could not be written: only while the log refuses. */
  const refused: Buffer[] = []
  let block: Buffer | undefined
  let used = 0
  let sinceMs = 0
  let waiting = false
  let cameThisTurn = false

  function push(chunk: Buffer): void {
    if (used === 0 && refused.length === 0 && chunk.length < SMALL_BYTES && write(chunk)) return
    cameThisTurn = true
    if (used === 0) sinceMs = now()
    for (let at = 0; at < chunk.length; ) {
      block ??= spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
      const copied = chunk.copy(block, used, at)
      used += copied
      at += copied
      if (used === BLOCK_BYTES) flush()
    }
    if (used > 0 && !waiting) {
      waiting = true
      afterReads(turned)
    }
  }

  function turned(): void {
    waiting = false
    if (used === 0) return
    if (cameThisTurn && now() - sinceMs < LONGEST_WAIT_MS) {
      cameThisTurn = false
      waiting = true
      afterReads(turned)
      return
    }
    flush()
  }

  function flush(): boolean {
    while (refused[0]) {
      if (!write(refused[0])) return setAside()
      refused.shift()
    }
    if (!block) return true
    if (used > 0 && !write(block.subarray(0, used))) return setAside()
    release()
    return true
  }

  /** Nothing may be lost and nothing may be written out of order, so a full block waits in line. */
  function setAside(): false {
    if (block && used === BLOCK_BYTES) {
      refused.push(block)
      block = undefined
      used = 0
    }
    return false
  }

  function release(): void {
    if (block && spare.length < SPARE_BLOCKS) spare.push(block)
    block = undefined
    used = 0
  }

  return {
    push,
    flush,
    get pendingBytes() {
      return used + refused.length * BLOCK_BYTES
    },
  }
}
