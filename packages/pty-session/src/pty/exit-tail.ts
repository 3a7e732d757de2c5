import { randomBytes } from 'node:crypto'
import type { Clock } from '@conductor/machine'

/**
 * A mark that cannot be written for this long (the terminal was stopped by Ctrl-S, or hung up) is
 * given up, and silence for the second value is taken for the end instead, in milliseconds.
 */
const MARK_PATIENCE_MS = 1_000
const QUIET_MS = 100

/** How often a mark is tried, in milliseconds. */
const RETRY_MS = 8

/**
 * More than any kernel keeps between the two ends of a pty (Linux: 8 KiB + 4 KiB). Once this much was
 * read after the exit, all that was written before it has been read, and a background job is talking.
 */
const MOST_KERNEL_BYTES = 128 * 1024

const NOTHING = Buffer.alloc(0)

export interface ExitTailOptions {
  /** Writes on the program's side of the pty, and returns how much. @throws `EAGAIN` when it is full or stopped */
  readonly write: (bytes: Buffer, offset: number) => number
  readonly clock: Clock
  readonly onData: (chunk: Buffer) => void
  /** Called once, after the last byte. */
  readonly onEnd: () => void
  /** Runs `callback` when the loop has read whatever was ready (default: `setImmediate`). */
  readonly afterReads?: ((callback: () => void) => void) | undefined
}

/** Finds the end of what a program wrote, after the program itself has ended. */
export interface ExitTail {
  take(chunk: Buffer): void
  /** Nothing is read for now: no silence counts. */
  pause(): void
  resume(): void
  /** Nothing can be read any more: what was read is all. */
  lost(): void
  close(): void
}

/**
 * Writes a random mark behind everything the program wrote, as the program itself would have: the
 * bytes in front of it are the tail, and they are complete. Without the mark nobody could tell whether
 * more is under way between the two ends of the pty, least of all by waiting.
 */
export function createExitTail(options: ExitTailOptions): ExitTail {
  const { write, clock, onData, onEnd } = options
  const { afterReads = (callback) => void setImmediate(callback) } = options
  // Capitals and digits: whatever the terminal does to output (`stty olcuc`), it leaves them alone.
  const mark = Buffer.from(randomBytes(16).toString('hex').toUpperCase())
  let marked = 0
  let carry = NOTHING
  let received = 0
  let over = false
  let paused = false
  let timer: unknown
  let sinceMs = clock.now()
  let readMs = sinceMs

  function writeMark(): void {
    if (marked === mark.length) return
    try {
      marked += write(mark, marked)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      // Hung up: it will never be written.
      if (code !== 'EAGAIN' && code !== 'EINTR') sinceMs = Number.NEGATIVE_INFINITY
    }
  }

  function take(chunk: Buffer): void {
    if (over) return
    readMs = clock.now()
    received += chunk.length
    const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk])
    const at = bytes.indexOf(mark)
    if (at >= 0) {
      carry = NOTHING
      deliver(bytes.subarray(0, at))
      end()
      return
    }
    const kept = beginningOf(mark, bytes)
    carry = kept === 0 ? NOTHING : Buffer.from(bytes.subarray(bytes.length - kept))
    deliver(bytes.subarray(0, bytes.length - kept))
    if (received >= MOST_KERNEL_BYTES) end()
    else writeMark()
  }

  function deliver(bytes: Buffer): void {
    if (bytes.length > 0) onData(bytes)
  }

  function tick(): void {
    timer = undefined
    if (over || paused) return
    writeMark()
    if (!silent()) {
      arm()
      return
    }
    // We may have been held up ourselves, and the bytes lie ready: look once more.
    const before = received
    afterReads(() => {
      if (over || paused) return
      if (received === before) end()
      else arm()
    })
  }

  /** Nothing has come for so long that nothing will. */
  function silent(): boolean {
    const nowMs = clock.now()
    if (marked === mark.length) return nowMs - readMs >= MARK_PATIENCE_MS
    return nowMs - sinceMs >= MARK_PATIENCE_MS && nowMs - readMs >= QUIET_MS
  }

  function arm(): void {
    if (over || paused) return
    clock.clearTimeout(timer)
    timer = clock.setTimeout(tick, RETRY_MS)
  }

  function end(): void {
    if (over) return
    close()
    // A piece of our own mark is not the program's; anything else is.
    if (!carry.equals(mark.subarray(0, marked))) deliver(carry)
    onEnd()
  }

  function close(): void {
    over = true
    clock.clearTimeout(timer)
  }

  writeMark()
  arm()

  return {
    take,
    pause() {
      paused = true
      clock.clearTimeout(timer)
    },
    resume() {
      paused = false
      if (sinceMs !== Number.NEGATIVE_INFINITY) sinceMs = clock.now()
      readMs = clock.now()
      arm()
    },
    lost: end,
    close,
  }
}

/** How many bytes at the end of `bytes` may be the beginning of `mark`. */
function beginningOf(mark: Buffer, bytes: Buffer): number {
  for (let length = Math.min(mark.length - 1, bytes.length); length > 0; length--) {
    if (bytes.subarray(bytes.length - length).equals(mark.subarray(0, length))) return length
  }
  return 0
}
