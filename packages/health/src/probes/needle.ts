/** So much of an answer is looked at, in bytes. */
const LONGEST_ANSWER = 64 * 1_024

export interface Needle {
  /** How many bytes were taken. */
  readonly seen: number
  /** `found` in what was taken so far; `full`: not found, and no more is looked at. */
  take(chunk: Uint8Array): 'found' | 'full' | 'more'
}

/** Looks for `expected` in an answer that comes in pieces; an empty text is found in any byte. */
export function createNeedle(expected: string): Needle {
  const wanted = Buffer.from(expected)
  // Most looks expect nothing, and should not pay for it.
  let answer: Buffer | undefined
  let seen = 0
  return {
    get seen() {
      return seen
    },
    take(chunk) {
      // What it begins with may stand at the end of the last piece.
      const from = Math.max(seen - wanted.length + 1, 0)
      const room = chunk.subarray(0, LONGEST_ANSWER - seen)
      answer ??= Buffer.alloc(LONGEST_ANSWER)
      answer.set(room, seen)
      seen += room.length
      if (answer.subarray(from, seen).includes(wanted)) return 'found'
      return seen === LONGEST_ANSWER ? 'full' : 'more'
    },
  }
}
