/** Ctrl-], as terminals send it: plainly, by kitty's keyboard protocol, by xterm's modifyOtherKeys. */
const DETACH_KEYS = [
  Buffer.from('\x1d'),
  Buffer.from('\x1b[93;5u'),
  Buffer.from('\x1b[27;5;93~'),
] as const

/** What was typed before the detach key; `undefined` when it was not pressed. */
export function beforeDetachKey(typed: Uint8Array): Uint8Array | undefined {
  const bytes = Buffer.from(typed.buffer, typed.byteOffset, typed.length)
  const places = DETACH_KEYS.map((key) => bytes.indexOf(key)).filter((at) => at >= 0)
  return places.length > 0 ? bytes.subarray(0, Math.min(...places)) : undefined
}
