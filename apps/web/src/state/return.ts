import type { Clock } from '@conductor/machine'
import { type ReadonlySignal, signal } from '@preact/signals'

/** How long to wait between two tries, in milliseconds; the last one again and again. */
const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000]

export interface ReturnOptions {
  readonly clock: Clock
  readonly isThere: () => Promise<boolean>
  /** Called once. */
  readonly onThere: () => void
}

/** Waits for the server to come back. */
export interface Return {
  readonly isTrying: ReadonlySignal<boolean>
  /** Does not wait for the next try. */
  tryNow(): void
}

export function createReturn({ clock, isThere, onThere }: ReturnOptions): Return {
  const isTrying = signal(false)
  let tries = 0
  let timer: unknown
  let isOver = false

  async function attempt(): Promise<void> {
    if (isTrying.peek() || isOver) return
    clock.clearTimeout(timer)
    isTrying.value = true
    isOver = await isThere().catch(() => false)
    isTrying.value = false
    if (isOver) onThere()
    else wait()
  }

  function wait(): void {
    const waitMs = WAITS_MS[Math.min(tries++, WAITS_MS.length - 1)]
    timer = clock.setTimeout(() => void attempt(), waitMs ?? 0)
  }

  wait()
  return {
    isTrying,
    tryNow() {
      tries = 0
      void attempt()
    },
  }
}
