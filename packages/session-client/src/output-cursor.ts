/** What to do with a piece of output. */
export type Placed =
  /** Hand over what is behind its first `skip` bytes. */
  | { readonly kind: 'apply'; readonly skip: number }
  /** All of it was here before. */
  | { readonly kind: 'old' }
  /** Something is missing before it. */
  | { readonly kind: 'hole' }

const OLD: Placed = { kind: 'old' }
const HOLE: Placed = { kind: 'hole' }

/** The place in a session's output: everything before `next` was handed over or reported as a gap. */
export interface OutputCursor {
  readonly next: number
  place(offset: number, length: number): Placed
  moveTo(next: number): void
  /** Whether the hole at `next` has to be asked for: `true` once for each. */
  ask(): boolean
  /** On a new connection nothing was asked for yet. */
  attached(): void
  /** Another program: begin again at 0. */
  reset(): void
}

export function createOutputCursor(start: number): OutputCursor {
  let next = start
  let askedAt: number | undefined

  return {
    get next() {
      return next
    },
    place(offset, length) {
      if (offset > next) return HOLE
      const skip = next - offset
      return skip < length ? { kind: 'apply', skip } : OLD
    },
    moveTo(to) {
      next = to
    },
    ask() {
      if (askedAt === next) return false
      askedAt = next
      return true
    },
    attached() {
      askedAt = undefined
    },
    reset() {
      next = 0
    },
  }
}
