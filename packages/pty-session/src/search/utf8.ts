/** Whether a byte goes on with a character that began before it. */
export function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}

/**
 * Where in `bytes` the UTF-16 unit `units` of their text lies, from `start` on. Bytes that are no
 * UTF-8 count as the decoder counts them: one replacement for each longest piece of a character.
 *
 * @see https://encoding.spec.whatwg.org/#utf-8-decoder
 */
export function placeOfUnit(bytes: Uint8Array, start: number, end: number, units: number): number {
  let at = start
  for (let seen = 0; seen < units && at < end; ) {
    const length = characterBytes(bytes, at, end)
    seen += length === 4 ? 2 : 1
    at += length
  }
  return at
}

/** How many bytes from `at` on make one character, or one replacement: 4 only for a whole character. */
function characterBytes(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0
  const wanted = first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  for (let length = 1; length < wanted; length++) {
    const byte = at + length < end ? (bytes[at + length] ?? 0) : 0
    const [low, high] = length === 1 ? secondRange(first) : WHOLE_RANGE
    if (byte < low || byte > high) return length
  }
  return wanted
}

const WHOLE_RANGE: readonly [number, number] = [0x80, 0xbf]

/** Neither too long a form, nor half a pair, nor beyond the last character. */
function secondRange(first: number): readonly [number, number] {
  switch (first) {
    case 0xe0:
      return [0xa0, 0xbf]
    case 0xed:
      return [0x80, 0x9f]
    case 0xf0:
      return [0x90, 0xbf]
    case 0xf4:
      return [0x80, 0x8f]
    default:
      return WHOLE_RANGE
  }
}
