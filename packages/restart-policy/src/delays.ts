import type { Delay, Jitter } from './options.ts'

/** Between these lies a delay, both included, in whole milliseconds. */
export interface DelayBounds {
  readonly minMs: number
  readonly maxMs: number
}

/** Where linear and exponential delays stop growing if nobody says. */
export const DEFAULT_MAX_MS = 60_000

/** The delay before the `attempt`-th restart in a row, from 1, before any jitter. Never NaN. */
export function delayFor(delay: Delay, attempt: number): number {
  const past = attempt - 1
  switch (delay.kind) {
    case 'fixed':
      return delay.delayMs
    case 'linear':
      return Math.min(maxMsOf(delay), delay.initialMs + past * (delay.stepMs ?? delay.initialMs))
    case 'exponential':
      // The power may be Infinity, and 0 × Infinity would be NaN: `initialMs` is at least 1.
      return Math.min(maxMsOf(delay), delay.initialMs * (delay.factor ?? 2) ** past)
    case 'list':
      return delay.delaysMs[Math.min(past, delay.delaysMs.length - 1)] ?? 0
    case 'steps':
      return past >= delay.steps
        ? delay.maxMs
        : delay.initialMs * (delay.maxMs / delay.initialMs) ** (past / delay.steps)
  }
}

/**
 * What the jitter leaves of the delay.
 *
 * @param previousMs What was waited before the restart before this one; `null` for the first of a row.
 */
export function boundsFor(
  delay: Delay,
  jitter: Jitter,
  attempt: number,
  previousMs: number | null,
): DelayBounds {
  const ms = delayFor(delay, attempt)
  switch (jitter.kind) {
    case 'none':
      return whole(ms, ms)
    case 'full':
      return whole(0, ms)
    case 'equal':
      return whole(ms / 2, ms)
    case 'decorrelated': {
      const baseMs = delayFor(delay, 1)
      const topMs = Math.max(baseMs, (previousMs ?? baseMs) * 3)
      return whole(baseMs, Math.min(maxMsOf(delay), topMs))
    }
    case 'proportional':
      return whole(ms * (1 - jitter.ratio), ms * (1 + jitter.ratio))
    case 'additive':
      return whole(ms, ms + jitter.upToMs)
  }
}

/** A moment between the bounds, from a number in [0, 1). */
export function pick({ minMs, maxMs }: DelayBounds, value: number): number {
  return Math.round(minMs + value * (maxMs - minMs))
}

function whole(minMs: number, maxMs: number): DelayBounds {
  return { minMs: Math.round(minMs), maxMs: Math.round(maxMs) }
}

/** The cap of a delay that has one. */
function maxMsOf(delay: Delay): number {
  return 'maxMs' in delay ? (delay.maxMs ?? DEFAULT_MAX_MS) : DEFAULT_MAX_MS
}
