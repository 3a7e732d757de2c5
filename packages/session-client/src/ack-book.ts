import type { Clock } from '@conductor/machine'

/** The most that is shown and not acknowledged while output flows, as PROTOCOL.md ("Flow control") says. */
const ACK_BYTES = 256 * 1024

/** The longest that shown output goes without acknowledgement, in milliseconds. */
const ACK_WITHIN_MS = 250

interface Piece {
  readonly end: number
  done: boolean
}

/** Which output was really shown, and when to tell the server. */
export interface AckBook {
  /** Output up to `end` was handed over. Returns what to call when it was shown. */
  take(end: number): () => void
  /** The server has sent everything up to `end`, which may all have been here before. */
  heard(end: number): void
  /** A connection begins: the server counts from `from`, with this window. */
  begin(from: number, windowBytes: number): void
  /** The connection is gone, or the session is. Nothing is sent until it begins again. */
  rest(): void
  /** Another program: pieces of the old one count no more. */
  reset(): void
}

export function createAckBook(options: {
  readonly clock: Clock
  readonly send: (offset: number) => void
}): AckBook {
  const { clock, send } = options
  let pieces: Piece[] = []
  let shown = 0
  /** How far the server has sent on this connection: more than that it would not count. */
  let sent = 0
  let told = 0
  let everyBytes = ACK_BYTES
  let active = false
  let timer: unknown

  function tell(): void {
    clock.clearTimeout(timer)
    timer = undefined
    if (!active || ackable() <= told) return
    told = ackable()
    send(told)
  }

  function ackable(): number {
    return Math.min(shown, sent)
  }

  function consider(): void {
    if (!active || ackable() <= told) return
    if (ackable() - told >= everyBytes) tell()
    else timer ??= clock.setTimeout(tell, ACK_WITHIN_MS)
  }

  function settle(): void {
    let settled = 0
    for (const piece of pieces) {
      if (!piece.done) break
      shown = piece.end
      settled++
    }
    if (settled === 0) return
    pieces.splice(0, settled)
    consider()
  }

  return {
    take(end) {
      const piece: Piece = { end, done: false }
      const mine = pieces
      mine.push(piece)
      return () => {
        piece.done = true
        // An old program's pieces live in an array that nobody looks at any more.
        if (pieces === mine) settle()
      }
    },
    heard(end) {
      sent = Math.max(sent, end)
      consider()
    },
    begin(from, windowBytes) {
      active = true
      sent = from
      told = from
      everyBytes = Math.min(ACK_BYTES, Math.max(Math.floor(windowBytes / 4), 1))
    },
    rest() {
      active = false
      clock.clearTimeout(timer)
      timer = undefined
    },
    reset() {
      pieces = []
      shown = 0
    },
  }
}
