import type { IconName } from '../ui/icons.tsx'
import type { Modifier } from './modifiers.ts'

/** A key of the row. */
export type PhoneKey = {
  /** As it stands on the key. */
  readonly label: string
  /** For those who do not see it, and in the settings. */
  readonly title: string
  readonly icon?: IconName
} & (
  | { readonly type: 'keys'; readonly keys: string; readonly repeats?: true }
  | { readonly type: 'modifier'; readonly modifier: Modifier }
  | { readonly type: 'paste' }
)

const keys = (label: string, title: string, sent: string): PhoneKey => ({
  type: 'keys',
  label,
  title,
  keys: sent,
})
const arrow = (label: string, title: string, letter: string): PhoneKey => ({
  type: 'keys',
  label,
  title,
  keys: `\x1b[${letter}`,
  repeats: true,
})

/** Every key there is, in the order that most hands want. */
export const PHONE_KEYS: Readonly<Record<PhoneKeyName, PhoneKey>> = {
  esc: keys('esc', 'Esc, Escape', '\x1b'),
  tab: keys('tab', 'Tab', '\t'),
  ctrl: { type: 'modifier', label: 'ctrl', title: 'Ctrl, Control', modifier: 'ctrl' },
  alt: { type: 'modifier', label: 'alt', title: 'Alt', modifier: 'alt' },
  up: arrow('↑', 'Up', 'A'),
  down: arrow('↓', 'Down', 'B'),
  left: arrow('←', 'Left', 'D'),
  right: arrow('→', 'Right', 'C'),
  shiftTab: keys('⇧tab', 'Shift and Tab', '\x1b[Z'),
  interrupt: keys('^C', 'Control C', '\x03'),
  enter: keys('⏎', 'Enter', '\r'),
  end: keys('^D', 'Control D', '\x04'),
  suspend: keys('^Z', 'Control Z', '\x1a'),
  pipe: keys('|', 'Pipe', '|'),
  slash: keys('/', 'Slash', '/'),
  tilde: keys('~', 'Tilde', '~'),
  dash: keys('-', 'Dash', '-'),
  paste: { type: 'paste', label: 'paste', title: 'Paste', icon: 'paste' },
}

export type PhoneKeyName =
  | 'esc'
  | 'tab'
  | 'ctrl'
  | 'alt'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'shiftTab'
  | 'interrupt'
  | 'enter'
  | 'end'
  | 'suspend'
  | 'pipe'
  | 'slash'
  | 'tilde'
  | 'dash'
  | 'paste'

// The keys of a record of exactly these names.
export const PHONE_KEY_NAMES: readonly PhoneKeyName[] = Object.keys(
  PHONE_KEYS,
) as readonly PhoneKeyName[]

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const ARROW = /^\x1b\[[A-D]$/

/** What a key of the row sends: arrows have another form where the program asked for it (DECCKM). */
export function sentKeys(sent: string, applicationCursor: boolean): string {
  return applicationCursor && ARROW.test(sent) ? `\x1bO${sent.slice(2)}` : sent
}

/** Names out of a browser's storage: each once, unknown ones passed over. `undefined` when it is no list. */
export function readPhoneKeys(value: unknown): readonly PhoneKeyName[] | undefined {
  if (!Array.isArray(value)) return undefined
  return PHONE_KEY_NAMES.filter((name) => value.includes(name)).sort(
    (a, b) => value.indexOf(a) - value.indexOf(b),
  )
}
