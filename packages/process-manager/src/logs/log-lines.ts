import type { LogPiece } from './log-store.ts'

/** Longer lines come in pieces: whoever waits for a word must not need the memory of a log. */
const LONGEST_LINE_BYTES = 8 * 1024
const LINE_FEED = 0x0a

/** Hands over line by line. A gap ends a line; what is behind it is not glued to what was before. */
export async function followLines(
  pieces: AsyncIterable<LogPiece>,
  listener: (line: string) => void,
): Promise<void> {
  // Bytes that are no UTF-8 are shown as such, and not an error.
  const decoder = new TextDecoder()
  let carry: Buffer = Buffer.alloc(0)
  let nextOffset: number | undefined

  for await (const { offset, bytes } of pieces) {
    if (nextOffset !== undefined && offset !== nextOffset && carry.length > 0) emit(carry)
    if (offset !== nextOffset) carry = Buffer.alloc(0)
    nextOffset = offset + bytes.length
    carry = rest(Buffer.concat([carry, bytes]))
  }

  function rest(bytes: Buffer): Buffer {
    let start = 0
    while (true) {
      const end = bytes.indexOf(LINE_FEED, start)
      const length = (end === -1 ? bytes.length : end) - start
      if (length > LONGEST_LINE_BYTES) {
        emit(bytes.subarray(start, start + LONGEST_LINE_BYTES))
        start += LONGEST_LINE_BYTES
      } else if (end === -1) {
        return Buffer.from(bytes.subarray(start))
      } else {
        emit(bytes.subarray(start, end))
        start = end + 1
      }
    }
  }

  function emit(line: Buffer): void {
    listener(decoder.decode(line.at(-1) === 0x0d ? line.subarray(0, -1) : line))
  }
}
