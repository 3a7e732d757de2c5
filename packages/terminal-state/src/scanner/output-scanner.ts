import type { OutputEvent } from './output-events.ts'

export interface OutputScannerOptions {
  /** Called within `scan`, in the order of the output. Whatever it throws leaves `scan` at once. */
  readonly onEvent: (event: OutputEvent) => void
  /** The offset of the first byte that will be scanned (default: 0). */
  readonly offset?: number | undefined
}

/** A place in the output, with what a terminal must be told that begins to read there. */
export interface OutputPlace {
  /** The next byte to read. */
  readonly offset: number
  /** Sets the modes that the output before has set: see `createOutputScanner` for which. */
  readonly prelude: Uint8Array
  /** The sequence or character that `offset` cuts, up to the cut: to be written after all else. */
  readonly pending: Uint8Array
}

export interface OutputScanner {
  /** The offset of the next byte: all before it has been scanned. */
  readonly offset: number
  /** Whether no sequence and no character is cut at `offset`. */
  readonly isGround: boolean
  /** Takes the next bytes; they are borrowed during the call. Never throws on account of them. */
  scan(bytes: Uint8Array): void
  /** What a terminal needs that begins to read at `offset`. */
  place(): OutputPlace
}

/** Reads a program's output as a terminal does, and tells what is in it besides text. */
export function createOutputScanner(options: OutputScannerOptions): OutputScanner {
  throw new Error(`not yet: ${options.offset}`)
}
