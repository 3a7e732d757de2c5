/**
 * What the terminal sends by itself: that it has the focus, where the pointer is, what the pointer does.
 * Everything else was typed or pasted, or answers a query.
 */
export type InputKind = 'focus' | 'hover' | 'mouse' | 'typed'

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const FOCUS = /^\x1b\[[IO]$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const SGR_MOUSE = /^\x1b\[<(\d+);-?\d+;-?\d+[Mm]$/

const MOTION = 32
const NO_BUTTON = 3

export function inputKind(data: string): InputKind {
  if (FOCUS.test(data)) return 'focus'
  const code = SGR_MOUSE.exec(data)?.[1]
  if (code === undefined) return 'typed'
  const bits = Number(code)
  return bits & MOTION && (bits & NO_BUTTON) === NO_BUTTON ? 'hover' : 'mouse'
}

/** The bytes of what xterm calls binary: one per character, for reports in encodings older than UTF-8. */
export function bytesOfBinary(data: string): Uint8Array {
  return Uint8Array.from(data, (char) => char.charCodeAt(0) & 0xff)
}
