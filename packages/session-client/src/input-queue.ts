import { MAX_INPUT_BYTES } from '@conductor/protocol'
import type { HeldReason, PendingInput } from './types.ts'

/** The most that is sent and not accepted, in bytes, as PROTOCOL.md ("Input") says. */
export const INPUT_WINDOW_BYTES: number = 256 * 1024

/** Keys that wait together are sent together, up to this many bytes, so that a queue of keys stays small. */
const GATHER_BYTES = 4 * 1024

const NOTHING = new Uint8Array(0)

interface Entry {
  bytes: Uint8Array
  /** Given at the first sending and then never to other bytes. */
  seq: number | undefined
  readonly typedAtMs: number
}

/** What happened to the queue at an attach. */
export interface InputAttached {
  /** The number of this client's last accepted input, as the server says. */
  readonly inputSeq: number
  /** Whether the program is the one that the queue was typed for. */
  readonly sameEpoch: boolean
  /** How long the oldest pending input has waited over the drop. */
  readonly staleMs: number
}

/**
 * What was typed and is not known to have arrived: numbered from the first sending on, sent again
 * after every attach, forgotten when accepted. Knows no time but what it is told, and no transport.
 */
export interface InputQueue {
  readonly pending: PendingInput
  readonly held: HeldReason | undefined
  /** When the oldest pending input was typed. */
  readonly oldestTypedAtMs: number | undefined
  read(limitBytes: number): Uint8Array
  /** Takes all or nothing: `false` when that would be more than `maxBytes`. */
  push(bytes: Uint8Array, nowMs: number): boolean
  /** Sends what the window allows, in order, until `send` returns `false`. */
  pump(send: (seq: number, bytes: Uint8Array) => boolean): void
  /** `false` when this number was never sent. */
  accept(seq: number): boolean
  attach(attached: InputAttached): void
  release(): void
  discard(): void
  /** Forgets everything, and says how many bytes that was. */
  clear(): number
}

export function createInputQueue(options: {
  readonly maxBytes: number
  readonly staleInputMs: number
}): InputQueue {
  const { maxBytes, staleInputMs } = options
  let entries: Entry[] = []
  let sizeBytes = 0
  /** The first entries, which went out on this connection. */
  let sent = 0
  let sentBytes = 0
  let lastSeq = 0
  let acceptedSeq = 0
  let held: HeldReason | undefined
  /** How many of the first entries the decision is about. Those behind only wait for it. */
  let heldCount = 0

  function drop(count: number): void {
    for (const entry of entries.splice(0, count)) {
      sizeBytes -= entry.bytes.length
      if (sent === 0) continue
      sent--
      sentBytes -= entry.bytes.length
    }
    heldCount = Math.max(heldCount - count, 0)
    if (heldCount === 0) held = undefined
  }

  function hold(reason: HeldReason): void {
    if (entries.length === 0) return
    held = reason
    heldCount = entries.length
  }

  function dropAccepted(seq: number): void {
    acceptedSeq = Math.max(acceptedSeq, seq)
    const kept = entries.findIndex((entry) => entry.seq === undefined || entry.seq > seq)
    drop(kept === -1 ? entries.length : kept)
  }

  function renumberFrom(seq: number): void {
    for (const entry of entries) entry.seq = undefined
    lastSeq = seq
    acceptedSeq = seq
  }

  return {
    get pending() {
      let heldBytes = 0
      for (let i = 0; i < heldCount; i++) heldBytes += entries[i]?.bytes.length ?? 0
      return { sizeBytes, heldBytes }
    },
    get held() {
      return held
    },
    get oldestTypedAtMs() {
      return entries[0]?.typedAtMs
    },
    read(limitBytes) {
      const out = new Uint8Array(Math.min(limitBytes, sizeBytes))
      let used = 0
      for (const { bytes } of entries) {
        if (used === out.length) break
        const part = bytes.subarray(0, out.length - used)
        out.set(part, used)
        used += part.length
      }
      return out
    },
    push(bytes, nowMs) {
      if (sizeBytes + bytes.length > maxBytes) return false
      sizeBytes += bytes.length
      const last = entries.at(-1)
      const waits = last && last.seq === undefined && entries.length > heldCount
      if (waits && last.bytes.length + bytes.length <= GATHER_BYTES) {
        last.bytes = joined(last.bytes, bytes)
        return true
      }
      for (let at = 0; at < bytes.length; at += MAX_INPUT_BYTES) {
        // A copy: the caller may use its buffer again, and a resend must have the same bytes.
        const part = bytes.slice(at, at + MAX_INPUT_BYTES)
        entries.push({ bytes: part, seq: undefined, typedAtMs: nowMs })
      }
      return true
    },
    pump(send) {
      while (held === undefined) {
        const entry = entries[sent]
        if (!entry || sentBytes + entry.bytes.length > INPUT_WINDOW_BYTES) return
        const seq = entry.seq ?? lastSeq + 1
        if (!send(seq, entry.bytes)) return
        entry.seq = seq
        lastSeq = Math.max(lastSeq, seq)
        sent++
        sentBytes += entry.bytes.length
      }
    },
    accept(seq) {
      if (seq > lastSeq) return false
      dropAccepted(seq)
      return true
    },
    attach({ inputSeq, sameEpoch, staleMs }) {
      sent = 0
      sentBytes = 0
      const numbered = entries[0]?.seq !== undefined
      if (!sameEpoch) {
        hold('relaunched')
        renumberFrom(inputSeq)
      } else if (inputSeq < acceptedSeq || inputSeq > lastSeq) {
        // Forgotten, or somebody else used our name. For a client that has sent nothing yet, the
        // number is that of an earlier one with the same name, and nothing is uncertain.
        if (numbered) hold('uncertain')
        renumberFrom(inputSeq)
      } else {
        dropAccepted(inputSeq)
      }
      if (held === undefined && staleMs > staleInputMs) hold('waited')
    },
    release() {
      held = undefined
      heldCount = 0
    },
    discard() {
      if (held === undefined) return
      const kept: Entry[] = []
      entries.forEach((entry, at) => {
        if (at < heldCount) {
          sizeBytes -= entry.bytes.length
          // Its number may be on its way still, so it is used up by nothing instead of by other bytes.
          if (entry.seq !== undefined) kept.push({ ...entry, bytes: NOTHING })
        } else kept.push(entry)
      })
      entries = kept
      held = undefined
      heldCount = 0
    },
    clear() {
      const cleared = sizeBytes
      drop(entries.length)
      return cleared
    },
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
