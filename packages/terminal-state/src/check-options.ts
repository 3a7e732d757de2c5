import { TerminalStateError } from './terminal-state-error.ts'
import type { TerminalStateOptions } from './types.ts'

export interface TerminalSize {
  /** 2 to 10,000. */
  readonly cols: number
  /** 1 to 10,000. */
  readonly rows: number
}

const MOST_CELLS = 10_000
const MOST_SCROLLBACK = 100_000
const DEFAULT_SCROLLBACK = 1_000

export function checkOptions(
  options: TerminalStateOptions,
): TerminalStateOptions & { readonly scrollback: number } {
  const { scrollback = DEFAULT_SCROLLBACK } = options
  checkSize(options)
  check('scrollback', scrollback, 0, MOST_SCROLLBACK)
  return { ...options, scrollback }
}

/** xterm.js has no terminal of one column: a wide character would fit nowhere. */
export function checkSize({ cols, rows }: TerminalSize): void {
  check('cols', cols, 2, MOST_CELLS)
  check('rows', rows, 1, MOST_CELLS)
}

function check(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new TerminalStateError(
      'BAD_OPTION',
      `${name} ${value}: pass a whole number from ${least} to ${most}`,
    )
}
