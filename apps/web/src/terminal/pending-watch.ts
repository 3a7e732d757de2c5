import type { Clock } from '@conductor/machine'
import { lastOf, visibleInput } from './visible-input.ts'

/** Typing that takes no longer than this to arrive is not worth a word, in milliseconds. */
const PATIENCE_MS = 150

/** How much of it is shown, in characters. */
const SHOWN_CHARACTERS = 40

/** How much of it is looked at, in bytes: more is only counted. */
const READ_BYTES = 4_096

/** What was typed and has not arrived, as a person should see it. */
export interface ShownPending {
  /** As in "3 characters". */
  readonly amount: string
  readonly text: string
}

export interface PendingWatch {
  /** What is pending has changed. */
  update(sizeBytes: number): void
  stop(): void
}

/** Shows typing once it has waited for {@link PATIENCE_MS} without progress, until all of it has arrived. */
export function createPendingWatch(options: {
  readonly clock: Clock
  /** The oldest bytes of what is pending. */
  readonly read: (limitBytes: number) => Uint8Array
  readonly show: (pending: ShownPending | undefined) => void
}): PendingWatch {
  const { clock, read, show } = options
  let sizeBytes = 0
  let shown = false
  let timer: unknown

  function stop(): void {
    clock.clearTimeout(timer)
    timer = undefined
  }

  function reveal(): void {
    timer = undefined
    shown = true
    show(describePending(read(READ_BYTES), sizeBytes))
  }

  return {
    update(nextBytes) {
      const progress = nextBytes < sizeBytes
      sizeBytes = nextBytes
      if (sizeBytes === 0) {
        stop()
        if (shown) show(undefined)
        shown = false
      } else if (shown) {
        reveal()
      } else if (progress || timer === undefined) {
        stop()
        timer = clock.setTimeout(reveal, PATIENCE_MS)
      }
    },
    stop,
  }
}

export function describePending(bytes: Uint8Array, sizeBytes: number): ShownPending {
  const text = visibleInput(bytes)
  const count = [...text].length
  const amount =
    sizeBytes > bytes.length
      ? `${sizeBytes} bytes`
      : `${count} ${count === 1 ? 'character' : 'characters'}`
  return { amount, text: lastOf(text, SHOWN_CHARACTERS) }
}
