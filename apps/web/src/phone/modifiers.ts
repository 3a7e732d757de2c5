/**
 * Sticky modifiers, for keyboards that have none: a tap counts for the next key, two taps for every key
 * until the next tap.
 */
export type Stick = 'off' | 'once' | 'locked'

export type Modifier = 'ctrl' | 'alt'

export interface Modifiers {
  readonly ctrl: Stick
  readonly alt: Stick
  /** When the last tap was, by the clock's `now`. */
  readonly tappedAtMs: number
}

export const NO_MODIFIERS: Modifiers = {
  ctrl: 'off',
  alt: 'off',
  tappedAtMs: Number.NEGATIVE_INFINITY,
}

/** Two taps within this are a double tap, in milliseconds. */
export const DOUBLE_TAP_MS = 400

export function tapped(now: Modifiers, which: Modifier, nowMs: number): Modifiers {
  const isDouble = nowMs - now.tappedAtMs <= DOUBLE_TAP_MS
  const next = now[which] === 'off' ? 'once' : now[which] === 'once' && isDouble ? 'locked' : 'off'
  return { ...now, [which]: next, tappedAtMs: nowMs }
}

/** A key was sent: what counted once does so no more. */
export function used(now: Modifiers): Modifiers {
  if (now.ctrl !== 'once' && now.alt !== 'once') return now
  const spent = (stick: Stick): Stick => (stick === 'once' ? 'off' : stick)
  return { ...now, ctrl: spent(now.ctrl), alt: spent(now.alt) }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const CURSOR_KEY = /^\x1b[[O]([A-DHF])$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const NUMBERED_KEY = /^\x1b\[(\d+)~$/

/**
 * What a key sends while modifiers are held. Text of several characters, as a dictation or a paste, is
 * not a key, and stays what it is.
 *
 * @see https://invisible-island.net/xterm/ctlseqs/ctlseqs.html "PC-Style Function Keys"
 */
export function modified(keys: string, { ctrl, alt }: Modifiers): string {
  const held = { ctrl: ctrl !== 'off', alt: alt !== 'off' }
  if (!held.ctrl && !held.alt) return keys
  const parameter = 1 + (held.alt ? 2 : 0) + (held.ctrl ? 4 : 0)
  const cursor = CURSOR_KEY.exec(keys)?.[1]
  if (cursor) return `\x1b[1;${parameter}${cursor}`
  const numbered = NUMBERED_KEY.exec(keys)?.[1]
  if (numbered) return `\x1b[${numbered};${parameter}~`
  if (!isKey(keys)) return keys
  return `${held.alt ? '\x1b' : ''}${held.ctrl ? control(keys) : keys}`
}

/** Whether this is one key, that a modifier can change. */
export function isKey(keys: string): boolean {
  return [...keys].length === 1 || CURSOR_KEY.test(keys) || NUMBERED_KEY.test(keys)
}

/** What terminals send for Control and a character; itself where there is nothing to send. */
function control(key: string): string {
  const upper = key.toUpperCase()
  if (upper.length === 1 && upper >= '@' && upper <= '_')
    return String.fromCharCode(upper.charCodeAt(0) & 0x1f)
  return { ' ': '\0', '?': '\x7f', '/': '\x1f', '2': '\0' }[key] ?? key
}
