import type { Clock } from '@conductor/machine'
import type { AttachMode } from '@conductor/protocol'
import { createInputQueue } from './input-queue.ts'
import type { InputRefusal, PendingInput, SessionEvent } from './types.ts'

/** The input half of a session: what was typed, and what became of it. */
export interface SessionInputSide {
  readonly pending: PendingInput
  read(limitBytes: number): Uint8Array
  type(data: string | Uint8Array): boolean
  /** The server has the session for us, and says what it has of our input and what we may do. */
  attached(inputSeq: number, sameEpoch: boolean, mode: AttachMode): void
  /** `false` when that number was never sent. */
  accepted(seq: number): boolean
  /** The connection, or the session, is gone. */
  rest(): void
  pump(): void
  release(): void
  discard(): void
}

const encoder = new TextEncoder()

export function createSessionInput(options: {
  /** Counts sleep too: what was typed before the lid was closed is old when it is opened. */
  readonly clock: Clock
  readonly mode: AttachMode
  readonly staleInputMs: number
  readonly maxPendingBytes: number
  readonly tell: (event: SessionEvent) => void
  /** `false` when it cannot be sent now. */
  readonly send: (seq: number, bytes: Uint8Array) => boolean
  /** Whether the session is over, so that nothing will ever be typed. */
  readonly isOver: () => boolean
}): SessionInputSide {
  const { clock, staleInputMs, maxPendingBytes, tell, send, isOver } = options
  const queue = createInputQueue({ maxBytes: maxPendingBytes, staleInputMs })
  let mode = options.mode
  let lostAtMs = Number.NEGATIVE_INFINITY

  function pump(): void {
    queue.pump(send)
  }

  function tellPending(): void {
    tell({ type: 'pending', pending: queue.pending })
  }

  function refuse(reason: InputRefusal, sizeBytes: number): void {
    if (sizeBytes > 0) tell({ type: 'inputRefused', reason, sizeBytes })
  }

  function take(data: string | Uint8Array): InputRefusal | undefined {
    if (isOver()) return 'over'
    if (mode === 'viewer') return 'readOnly'
    // Checked before encoding, so that a huge text is refused without a copy of it.
    if (data.length > maxPendingBytes) return 'full'
    const bytes = typeof data === 'string' ? encoder.encode(data) : data
    return queue.push(bytes, clock.now()) ? undefined : 'full'
  }

  function decide(decision: () => void): void {
    if (queue.held === undefined) return
    decision()
    pump()
    tellPending()
  }

  return {
    get pending() {
      return queue.pending
    },
    read: queue.read,
    type(data) {
      if (data.length === 0) return true
      const refusal = take(data)
      if (refusal) {
        refuse(refusal, data.length)
        return false
      }
      pump()
      tellPending()
      return true
    },
    attached(inputSeq, sameEpoch, given) {
      mode = given
      const before = queue.pending
      const heldBefore = queue.held
      const sinceMs = Math.max(queue.oldestTypedAtMs ?? Number.POSITIVE_INFINITY, lostAtMs)
      queue.attach({ inputSeq, sameEpoch, staleMs: clock.now() - sinceMs })
      if (mode === 'viewer') refuse('readOnly', queue.clear())
      const { sizeBytes, heldBytes } = queue.pending
      if (queue.held !== undefined && queue.held !== heldBefore)
        tell({ type: 'staleInput', reason: queue.held, sizeBytes: heldBytes })
      if (sizeBytes !== before.sizeBytes || heldBytes !== before.heldBytes) tellPending()
    },
    accepted(seq) {
      if (!queue.accept(seq)) return false
      pump()
      tellPending()
      return true
    },
    rest() {
      lostAtMs = clock.now()
    },
    pump,
    release: () => decide(queue.release),
    discard: () => decide(queue.discard),
  }
}
