import type { Clock } from '@conductor/machine'
import type { TerminalEvent } from '../types.ts'

/** What a program tells its terminal is passed on at most this often, in milliseconds. */
const EVERY_MS = 50

/** So many of one kind at once, where each one counts; what is over that is dropped. */
const MOST_AT_ONCE = 8

/** Of these each one counts; of the others only the latest. */
const COUNTED: ReadonlySet<TerminalEvent['type']> = new Set(['notification', 'prompt-mark'])

export interface EventGate {
  push(event: TerminalEvent): void
  close(): void
}

/**
 * Lets through what a person can take in. A program that prints binary rings the bell ten thousand times
 * a second, and each word to a server wakes it.
 */
export function createEventGate(options: {
  readonly clock: Clock
  readonly tell: (event: TerminalEvent) => void
}): EventGate {
  const { clock, tell } = options
  let held: TerminalEvent[] = []
  let toldMs = Number.NEGATIVE_INFINITY
  let timer: unknown

  function open(): void {
    clock.clearTimeout(timer)
    timer = undefined
    toldMs = clock.now()
    const due = held
    held = []
    for (const event of due) tell(event)
  }

  return {
    push(event) {
      const same = held.filter(({ type }) => type === event.type)
      if (!COUNTED.has(event.type)) held = held.filter((other) => !same.includes(other))
      else if (same.length >= MOST_AT_ONCE) return
      held.push(event)
      if (clock.now() - toldMs >= EVERY_MS) open()
      else timer ??= clock.setTimeout(open, EVERY_MS - (clock.now() - toldMs))
    },
    close() {
      clock.clearTimeout(timer)
      held = []
    },
  }
}
