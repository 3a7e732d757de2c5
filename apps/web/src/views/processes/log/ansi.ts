// What a program writes for a terminal, for a page: colours stay, everything else that steers goes.

/** How a piece of text is to look. Colours are `0` to `15` by name, else as CSS says them. */
export interface Style {
  readonly color?: string | undefined
  readonly background?: string | undefined
  readonly bold?: true | undefined
  readonly dim?: true | undefined
  readonly italic?: true | undefined
  readonly underline?: true | undefined
  readonly inverse?: true | undefined
  readonly struck?: true | undefined
}

export interface Span {
  readonly text: string
  readonly style: Style
}

export const PLAIN: Style = {}

/** CSI, OSC and its kin up to their end or the line's, other escapes, then every other control character. */
const CONTROLS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /\x1b\[([\x30-\x3f]*)[\x20-\x2f]*([\x40-\x7e])?|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[\x20-\x2f]*[\x30-\x7e]?|[\x00-\x08\x0a-\x1f\x7f-\x9f]/g

/** Would turn the direction of what follows, or could not be seen at all. */
const TRICKY = /[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/**
 * Reads one line.
 *
 * @param before How the line before ended: a colour goes on until something ends it, as in a terminal.
 * @returns The text without what steers, its pieces by look, and how it ended.
 */
export function readAnsi(
  line: string,
  before: Style = PLAIN,
): { readonly text: string; readonly spans: readonly Span[]; readonly after: Style } {
  const spans: Span[] = []
  let style = before
  let from = 0
  const take = (until: number): void => {
    if (until <= from) return
    const text = line.slice(from, until).replace(TRICKY, '·')
    const last = spans.at(-1)
    if (last && last.style === style) spans[spans.length - 1] = { text: last.text + text, style }
    else spans.push({ text, style })
  }
  for (const found of line.matchAll(CONTROLS)) {
    take(found.index)
    from = found.index + found[0].length
    if (found[2] === 'm') style = afterSgr(style, found[1] ?? '')
  }
  take(line.length)
  return { text: spans.map((span) => span.text).join(''), spans, after: style }
}

type Change = { readonly [K in keyof Style]?: Style[K] | undefined }

const CHANGES: Readonly<Record<number, Change>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { struck: true },
  21: { underline: true },
  22: { bold: undefined, dim: undefined },
  23: { italic: undefined },
  24: { underline: undefined },
  27: { inverse: undefined },
  29: { struck: undefined },
  39: { color: undefined },
  49: { background: undefined },
}

function afterSgr(before: Style, parameters: string): Style {
  // `<`, `=`, `>` and `?` make it something else than a colour.
  if (/[<=>?]/.test(parameters)) return before
  let style = before
  const codes = parameters.split(/[;:]/).map(Number)
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0
    if (code === 0) style = PLAIN
    else if (code === 38 || code === 48) {
      const { color, used } = extended(codes.slice(at + 1))
      at += used
      if (color !== undefined) style = { ...style, [code === 38 ? 'color' : 'background']: color }
    } else style = { ...style, ...(CHANGES[code] ?? named(code)) }
  }
  return style
}

function named(code: number): Change {
  if (code >= 30 && code <= 37) return { color: String(code - 30) }
  if (code >= 90 && code <= 97) return { color: String(code - 82) }
  if (code >= 40 && code <= 47) return { background: String(code - 40) }
  if (code >= 100 && code <= 107) return { background: String(code - 92) }
  return {}
}

/** `5;n`: one of 256. `2;r;g;b`: any. */
function extended(codes: readonly number[]): {
  readonly color: string | undefined
  readonly used: number
} {
  const [kind, ...rest] = codes
  if (kind === 5) return { color: indexed(byte(rest[0])), used: 2 }
  if (kind === 2) return { color: `rgb(${rest.slice(0, 3).map(byte).join(' ')})`, used: 4 }
  return { color: undefined, used: 1 }
}

const LEVELS = [0, 95, 135, 175, 215, 255]

/** xterm's palette: 16 by name, a cube of 6, 24 greys. */
function indexed(index: number): string {
  if (index < 16) return String(index)
  if (index >= 232)
    return `rgb(${Array(3)
      .fill(8 + (index - 232) * 10)
      .join(' ')})`
  const at = index - 16
  const of = [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6]
  return `rgb(${of.map((each) => LEVELS[each]).join(' ')})`
}

function byte(value: number | undefined): number {
  return Math.min(Math.max(Math.trunc(value ?? 0) || 0, 0), 255)
}
