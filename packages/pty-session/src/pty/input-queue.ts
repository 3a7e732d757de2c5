import type { Clock } from '@conductor/machine'
import type { PtySessionError } from '../pty-session-error.ts'

/** Bytes given to the kernel at once: what its line buffer holds. */
const WRITE_BYTES = 4 * 1024

/** Bytes typed before the event loop serves others. */
const TURN_BYTES = 64 * 1024

/**
 * A program that does not read its input is asked again after this, doubling to the second value, in
 * milliseconds. node-pty 1.1.0 asks at every turn of the loop: 880 ms of CPU per second.
 */
const RETRY_FIRST_MS = 8
const RETRY_LONGEST_MS = 32

/** A program that talks probably reads too; but a failed write costs 10 µs, so not more often than this. */
const POKE_MS = 1

export interface InputQueueOptions {
  /** Writes at most `length` bytes and returns how many. @throws the system's error, `EAGAIN` when full */
  readonly write: (bytes: Uint8Array, offset: number, length: number) => number
  readonly clock: Clock
  /** Runs `callback` when the event loop has served others (default: `setImmediate`). */
  readonly afterTurn?: ((callback: () => void) => void) | undefined
  /** What those are told whose bytes can no longer be typed. */
  readonly ended: (cause?: unknown) => PtySessionError
}

/** What waits to be typed. Everything here is synchronous, so no write can outlive the pty. */
export interface InputQueue {
  readonly backlogBytes: number
  push(bytes: Uint8Array): Promise<void>
  /** The program has just said something: it may have room again. */
  poke(): void
  /** Refuses all that waits and all that comes, and never writes again. */
  end(): void
}

interface Entry {
  readonly bytes: Uint8Array
  written: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export function createInputQueue(options: InputQueueOptions): InputQueue {
  const { write, clock, ended, afterTurn = (callback) => void setImmediate(callback) } = options
  const queue: Entry[] = []
  let backlogBytes = 0
  let over = false
  let cause: unknown
  /** Somebody will call `pump` again. */
  let scheduled = false
  let timer: unknown
  let retryMs = RETRY_FIRST_MS
  let triedMs = 0

  function pump(): void {
    scheduled = false
    timer = undefined
    for (let turnBytes = 0; ; ) {
      const entry = queue[0]
      if (over || !entry) return
      if (turnBytes >= TURN_BYTES) {
        scheduled = true
        afterTurn(pump)
        return
      }
      const left = entry.bytes.length - entry.written
      const written = left === 0 ? 0 : tryWrite(entry, Math.min(left, WRITE_BYTES))
      if (written === undefined) return
      entry.written += written
      backlogBytes -= written
      turnBytes += written
      if (entry.written < entry.bytes.length) continue
      queue.shift()
      entry.resolve()
    }
  }

  /** `undefined`: not now, or never again. */
  function tryWrite(entry: Entry, length: number): number | undefined {
    try {
      const written = write(entry.bytes, entry.written, length)
      retryMs = RETRY_FIRST_MS
      return written
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'EINTR') return 0
      if (code !== 'EAGAIN') {
        end(error)
        return undefined
      }
      scheduled = true
      triedMs = clock.now()
      timer = clock.setTimeout(pump, retryMs)
      retryMs = Math.min(retryMs * 2, RETRY_LONGEST_MS)
      return undefined
    }
  }

  function end(why?: unknown): void {
    if (over) return
    over = true
    cause = why
    clock.clearTimeout(timer)
    backlogBytes = 0
    for (const { reject } of queue.splice(0)) reject(ended(cause))
  }

  return {
    get backlogBytes() {
      return backlogBytes
    },
    push(bytes) {
      if (over) return Promise.reject(ended(cause))
      return new Promise<void>((resolve, reject) => {
        queue.push({ bytes, written: 0, resolve, reject })
        backlogBytes += bytes.length
        if (!scheduled) pump()
      })
    },
    poke() {
      if (timer === undefined || clock.now() - triedMs < POKE_MS) return
      clock.clearTimeout(timer)
      pump()
    },
    end: () => end(),
  }
}
