import { writeSync } from 'node:fs'
import type { SocketConstructorOpts } from 'node:net'
import { ReadStream } from 'node:tty'
import type { Clock } from '@conductor/machine'
import { createExitTail, type ExitTail } from './exit-tail.ts'

/**
 * A pty gives at most 4,095 bytes a read on Linux. With a buffer of exactly that size a full read is
 * not a short one to libuv, which then goes on reading, up to 32 times, before it polls again.
 */
const READ_BYTES = 4_095

/** One for all ptys of this thread: it is used only during a read. */
const buffer = Buffer.allocUnsafeSlow(READ_BYTES)

export interface PtyReaderOptions {
  /** Owned by the reader from now on: `close` closes it. */
  readonly master: number
  /** The program's side, for the mark behind its last byte. Owned by the caller. */
  readonly slave: number
  readonly burstBytes: () => number
  readonly clock: Clock
  /** The chunk is borrowed: after the call its bytes change. */
  readonly onData: (chunk: Buffer) => void
  /** The kernel has hung up the terminal under a program that still runs. Nothing more can be read. */
  readonly onLost: () => void
}

export interface PtyReader {
  /** The master is open: without this it may be anybody's descriptor. */
  readonly open: boolean
  /** Paused from outside. */
  readonly held: boolean
  pause(): void
  resume(): void
  /** The program has ended: reads what it left, then calls `onEnd` once. */
  drain(onEnd: () => void): void
  close(): void
}

/** Reads a pty, some bytes a turn. */
export function createPtyReader(options: PtyReaderOptions): PtyReader {
  const { master, slave, burstBytes, clock, onData, onLost } = options
  let held = false
  let yielding = false
  let turnBytes = 0
  let over = false
  let tail: ExitTail | undefined

  // Documented for sockets, and a tty is one; its types know only the older options.
  const onread = { onread: { buffer, callback: onRead } } as SocketConstructorOpts
  const stream = new ReadStream(master, onread)
  stream.on('error', lost)
  stream.on('close', lost)
  // Starts reading now. A first `resume` would do so again in the next tick, over any pause until then.
  stream.read(0)

  /** `false` stops reading. */
  function onRead(length: number): boolean {
    if (over) return false
    const chunk = buffer.subarray(0, length)
    if (tail) tail.take(chunk)
    else onData(chunk)
    turnBytes += length
    if (turnBytes >= burstBytes()) yieldTurn()
    return !(over || held || yielding)
  }

  function yieldTurn(): void {
    turnBytes = 0
    yielding = true
    setImmediate(() => {
      yielding = false
      readOn()
    })
  }

  function readOn(): void {
    if (!over && !held && !yielding && !stream.destroyed) stream.resume()
  }

  function lost(): void {
    if (over) return
    over = true
    stream.destroy()
    if (tail) tail.lost()
    else onLost()
  }

  return {
    get open() {
      return !over && !stream.destroyed
    },
    get held() {
      return held
    },
    pause() {
      if (held) return
      held = true
      tail?.pause()
      if (!over) stream.pause()
    },
    resume() {
      if (!held) return
      held = false
      readOn()
      tail?.resume()
    },
    drain(onEnd) {
      if (over) return onEnd()
      const write = (bytes: Buffer, offset: number) => writeSync(slave, bytes, offset)
      tail = createExitTail({ write, clock, onData, onEnd })
      if (held) tail.pause()
    },
    close() {
      over = true
      tail?.close()
      stream.destroy()
    },
  }
}
