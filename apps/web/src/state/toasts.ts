import type { Clock } from '@conductor/machine'
import { type ReadonlySignal, signal } from '@preact/signals'

/** How long a message stays, in milliseconds. */
const SHOWN_MS = 8_000

/** More at once than this, and the oldest go. */
const MOST_SHOWN = 4

export interface Toast {
  readonly id: number
  readonly tone: 'info' | 'problem'
  readonly text: string
}

/** Short messages about what has just happened. */
export interface Toasts {
  readonly shown: ReadonlySignal<readonly Toast[]>
  show(tone: Toast['tone'], text: string): void
  dismiss(id: number): void
}

export function createToasts(clock: Clock): Toasts {
  const shown = signal<readonly Toast[]>([])
  let lastId = 0

  function dismiss(id: number): void {
    shown.value = shown.value.filter((each) => each.id !== id)
  }

  return {
    shown,
    show(tone, text) {
      const id = ++lastId
      // The same words again are the same message, which has just become new.
      const others = shown.value.filter((each) => each.text !== text)
      shown.value = [...others, { id, tone, text }].slice(-MOST_SHOWN)
      clock.setTimeout(() => dismiss(id), SHOWN_MS)
    },
    dismiss,
  }
}
