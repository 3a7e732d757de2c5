/** Keys that send a sequence, by what people know them as. */
const KEYS: Readonly<Record<string, string>> = {
  '[A': '↑',
  '[B': '↓',
  '[C': '→',
  '[D': '←',
  OA: '↑',
  OB: '↓',
  OC: '→',
  OD: '←',
  '[H': '⇱',
  '[F': '⇲',
  '[Z': '⇤',
  '[3~': '⌦',
  '[5~': '⇞',
  '[6~': '⇟',
}

const CONTROLS: Readonly<Record<string, string>> = {
  '\t': '⇥',
  '\n': '⏎',
  '\r': '⏎',
  '\x1b': '␛',
  '\x7f': '⌫',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const SEQUENCE = /\x1b(\[[ABCDHFZ]|\[[356]~|O[ABCD])/g

/** The two that frame a bracketed paste: nobody has typed them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const PASTE_FRAME = /\x1b\[20[01]~/g

/** What cannot be seen, or would turn the direction of what follows. */
const INVISIBLE = /[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g

/** What was typed, so that a person sees every key of it: `^C`, `⏎`, `↑`, and no control character. */
export function visibleInput(bytes: Uint8Array): string {
  return new TextDecoder()
    .decode(bytes)
    .replace(PASTE_FRAME, '')
    .replace(SEQUENCE, (all, rest: string) => KEYS[rest] ?? all)
    .replace(CONTROL, caret)
    .replace(INVISIBLE, '·')
}

function caret(control: string): string {
  const known = CONTROLS[control]
  if (known) return known
  const code = control.charCodeAt(0)
  return code < 32 ? `^${String.fromCharCode(code + 64)}` : `\\x${code.toString(16)}`
}

/** As many characters of `text` as fit, from its end, because that is what was typed last. */
export function lastOf(text: string, limit: number): string {
  const characters = [...text]
  return characters.length <= limit ? text : `…${characters.slice(1 - limit).join('')}`
}
