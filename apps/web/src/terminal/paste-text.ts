/** What a paste would do, so that a person can look before it does. */
export interface PastePreview {
  readonly lines: number
  /** Control characters made visible. */
  readonly text: string
  /** Whether it holds control characters besides tabs and line ends. */
  readonly controls: boolean
}

const LONGEST_PREVIEW = 4_000

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g

/**
 * Whether a paste should be looked at first.
 *
 * A program that knows bracketed paste takes several lines as text. Every other one, as `sh` or a
 * password prompt, runs each line as it comes.
 */
export function isRiskyPaste(text: string, bracketed: boolean): boolean {
  if (bracketed) return false
  return /[\r\n]/.test(text.replace(/\r?\n$/, ''))
}

export function previewPaste(text: string): PastePreview {
  const lines = text.replace(/\r?\n$/, '').split(/\r\n|\r|\n/).length
  const shown = text.slice(0, LONGEST_PREVIEW).replace(CONTROL, caret)
  return {
    lines,
    text: text.length > LONGEST_PREVIEW ? `${shown}…` : shown,
    controls: text.search(CONTROL) >= 0,
  }
}

function caret(control: string): string {
  const code = control.charCodeAt(0)
  if (code < 32) return `^${String.fromCharCode(code + 64)}`
  return code === 127 ? '^?' : `\\x${code.toString(16)}`
}

/** A path as every shell takes it for one word. */
export function quotePath(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
