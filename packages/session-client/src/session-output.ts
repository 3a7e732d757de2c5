import type { Clock } from '@conductor/machine'
import { createAckBook } from './ack-book.ts'
import { createOutputCursor } from './output-cursor.ts'
import type { SessionEvent, SessionOutput, SessionSnapshot } from './types.ts'

/** The output half of a session: puts what arrives in order, and tells what was shown. */
export interface SessionOutputSide {
  /** The offset of the next byte: everything before it was handed over, or reported as a gap. */
  readonly next: number
  /** A connection begins to send at `from`. After another program's output, everything begins again. */
  attached(from: number, windowBytes: number, sameEpoch: boolean): void
  /** A piece arrived. Before the offset `replayEnd` it is old output. */
  output(offset: number, bytes: Uint8Array, replayEnd: number): void
  gap(from: number, to: number): void
  /** All output before `offset`, as what it made of the terminal. */
  snapshot(snapshot: Omit<SessionSnapshot, 'done'>): void
  /** The connection, or the session, is gone. */
  rest(): void
}

export function createSessionOutput(options: {
  readonly clock: Clock
  /** Where to begin. */
  readonly start: number
  readonly onOutput: (output: SessionOutput) => void
  readonly onSnapshot: ((snapshot: SessionSnapshot) => void) | undefined
  readonly tell: (event: SessionEvent) => void
  readonly sendAck: (offset: number) => void
  readonly sendRepeat: (have: number) => void
  /** `next` has moved. `false`: nothing more is wanted. */
  readonly moved: () => boolean
}): SessionOutputSide {
  const { clock, onOutput, onSnapshot, tell, sendAck, sendRepeat, moved } = options
  const cursor = createOutputCursor(options.start)
  const acks = createAckBook({ clock, send: sendAck })

  function askAgain(): void {
    if (cursor.ask()) sendRepeat(cursor.next)
  }

  /** Bytes from the cursor to `to` will never come. */
  function skipTo(to: number): void {
    const from = cursor.next
    if (to <= from) return
    cursor.moveTo(to)
    // Nothing to show, so it counts as shown: else the server would wait for it for ever.
    acks.take(to)()
    tell({ type: 'gap', from, to })
  }

  /** Hands over; `false` when nothing more is wanted. */
  function handOver(bytes: Uint8Array, replay: boolean): boolean {
    const offset = cursor.next
    // Before the call, so that a call from within, or an exception, finds everything in order.
    cursor.moveTo(offset + bytes.length)
    onOutput({ bytes, offset, replay, done: acks.take(cursor.next) })
    return moved()
  }

  return {
    get next() {
      return cursor.next
    },
    attached(from, windowBytes, sameEpoch) {
      if (!sameEpoch) {
        acks.reset()
        cursor.reset()
        tell({ type: 'reset' })
      }
      acks.begin(from, windowBytes)
      cursor.attached()
      skipTo(from)
    },
    output(offset, bytes, replayEnd) {
      acks.heard(offset + bytes.length)
      const place = cursor.place(offset, bytes.length)
      if (place.kind === 'hole') askAgain()
      if (place.kind !== 'apply') return
      const fresh = bytes.subarray(place.skip)
      // Cut where the replay ends, so that `replay` is true to the byte.
      const old = Math.min(Math.max(replayEnd - cursor.next, 0), fresh.length)
      if (old > 0 && !handOver(fresh.subarray(0, old), true)) return
      if (old < fresh.length) handOver(fresh.subarray(old), false)
    },
    gap(from, to) {
      if (from > cursor.next) {
        askAgain()
        return
      }
      acks.heard(to)
      skipTo(to)
      moved()
    },
    snapshot({ bytes, offset, cols, rows }) {
      acks.heard(offset)
      if (offset <= cursor.next || !onSnapshot) return
      cursor.moveTo(offset)
      onSnapshot({ bytes, offset, cols, rows, done: acks.take(offset) })
      moved()
    },
    rest: acks.rest,
  }
}
