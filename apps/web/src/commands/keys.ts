/** A key with what is held down, as in `Ctrl+Shift+P` or `F1`: modifiers in this order, then the key. */
export type KeyChord = string

/** What of a `KeyboardEvent` decides. */
export type KeyPress = Pick<
  KeyboardEvent,
  'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'
>

const LETTER = /^[a-z]$/i
/** Keys that are told by where they are: their characters change with Shift and with the layout. */
const BY_PLACE =
  /^(Digit\d|Bracket(Left|Right)|Comma|Period|Slash|Backquote|Enter|Space|Backspace)$/

/**
 * The chord of a key press. On a Mac, Command stands for Control too, because no program in a terminal
 * hears of it.
 */
export function chordOf({ key, code, ctrlKey, shiftKey, altKey, metaKey }: KeyPress): KeyChord {
  const name = BY_PLACE.test(code) ? code.replace('Digit', '') : nameOf(key, code)
  return [(ctrlKey || metaKey) && 'Ctrl', altKey && 'Alt', shiftKey && 'Shift', name]
    .filter(Boolean)
    .join('+')
}

function nameOf(key: string, code: string): string {
  if (LETTER.test(key)) return key.toUpperCase()
  // Greek, Cyrillic, …: a shortcut is where a Latin keyboard has it.
  const latin = /^Key([A-Z])$/.exec(code)?.[1]
  return latin ?? key
}

const SHOWN: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  BracketLeft: '[',
  BracketRight: ']',
  Comma: ',',
  Period: '.',
  Slash: '/',
  Backquote: '`',
  Enter: '↵',
  Backspace: '⌫',
  Escape: 'Esc',
}

/** The keys of a chord, to be shown one by one. */
export function shownKeys(chord: KeyChord): readonly string[] {
  return chord.split('+').map((key) => SHOWN[key] ?? key)
}

/** A chord as `aria-keyshortcuts` wants it. */
export function ariaKeys(chord: KeyChord): string {
  const characters = { BracketLeft: '[', BracketRight: ']', Comma: ',', Period: '.', Slash: '/' }
  return chord
    .split('+')
    .map((key) =>
      key === 'Ctrl' ? 'Control' : ((characters as Record<string, string>)[key] ?? key),
    )
    .join('+')
}
