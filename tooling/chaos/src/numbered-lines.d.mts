/** A stream without an end, the same for the same seed. */
export interface NumberedLines {
  /** After so many bytes the texts repeat, with other numbers. */
  readonly periodBytes: number
  /** Writes the stream from `offset` on into all of `target`, and returns it. */
  fill(target: Buffer, offset: number): Buffer
  /** The number of the line that the byte at `offset` belongs to. */
  lineAt(offset: number): number
}

export function createNumberedLines(seed: number): NumberedLines
