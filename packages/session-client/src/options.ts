import { SessionClientError } from './session-client-error.ts'
import type { TerminalSize } from './types.ts'

/** The most that may wait to be typed, in bytes. */
export const DEFAULT_MAX_PENDING_BYTES: number = 8 * 1024 * 1024

/** How long typing may wait over a drop before it is held back, in milliseconds. */
export const DEFAULT_STALE_INPUT_MS = 30_000

/** Reading more output than this takes a terminal longer than showing a snapshot, in bytes. */
export const DEFAULT_CATCH_UP_BYTES: number = 1024 * 1024

/** The largest side of a terminal, in cells, as PROTOCOL.md says. */
const MAX_CELLS = 10_000

export function checkSize(cols: number, rows: number): TerminalSize {
  checkRange('cols', cols, 0, MAX_CELLS)
  checkRange('rows', rows, 0, MAX_CELLS)
  return { cols, rows }
}

/** @throws SessionClientError `BAD_OPTION` unless `value` is a whole number from `least` to `most`. */
export function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new SessionClientError(
    'BAD_OPTION',
    `${name} is ${value}, and must be a whole number from ${least} to ${most}`,
  )
}

/** 128 random bits in hex, from numbers in [0, 1). */
export function randomId(random: () => number): string {
  const byte = () =>
    Math.floor(random() * 256)
      .toString(16)
      .padStart(2, '0')
  return Array.from({ length: 16 }, byte).join('')
}
