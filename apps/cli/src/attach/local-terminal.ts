import type { TerminalSize } from '@conductor/session-client'

/** The terminal that this process runs in. */
export interface LocalTerminal {
  readonly size: TerminalSize
  /** Writes as soon as the terminal takes it. */
  write(data: string | Uint8Array): Promise<void>
  /**
   * Gives every key to `onKeys` as its bytes, Ctrl-C included, and tells of a new size.
   *
   * @returns What makes the terminal what it was, however the process ends. Calling it twice is fine.
   */
  takeOver(listeners: {
    readonly onKeys: (bytes: Uint8Array) => void
    readonly onResize: () => void
    /** What the last writing does, in the end: it must not wait. */
    readonly farewell: () => string
  }): () => void
}
