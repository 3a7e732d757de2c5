import type { XtermAttributes, XtermCore } from '../emulator/xterm-parts.ts'

/** Flags and colour modes of xterm.js's two attribute words (its `buffer/Constants.ts`). */
const COLOR = 0x3ffffff
const PALETTE_16 = 0x1000000
const PALETTE_256 = 0x2000000
const RGB = 0x3000000
const EXTENDED = 0x10000000
const PROTECTED = 0x20000000
const UNDERLINE = 0x10000000
const UNDERLINE_STYLE_SHIFT = 26
const FG_FLAGS: readonly (readonly [flag: number, code: string])[] = [
  [0x8000000, '1'],
  [0x20000000, '5'],
  [0x4000000, '7'],
  [0x40000000, '8'],
  [0x80000000, '9'],
]
const BG_FLAGS: readonly (readonly [flag: number, code: string])[] = [
  [0x8000000, '2'],
  [0x4000000, '3'],
  [0x40000000, '53'],
]

/** Characters of a link that are repeated, at most. */
const MOST_LINK_CHARACTERS = 8_192

/** What the next character will look like, and the sequences that change it. */
export interface Pen {
  /** To the attributes of a cell. */
  cell(attributes: XtermAttributes): string
  /** To those that the program has set for what it will print: all of them, used or not. */
  current(attributes: XtermAttributes): string
  /** No flags; this background, or the default one. */
  blank(bg?: number): string
}

export function createPen(links: XtermCore['_oscLinkService']): Pen {
  let fg = 0
  let bg = 0
  let underline = 0
  let link = 0

  function change(nextFg: number, nextBg: number, nextUnderline: number, nextLink: number): string {
    let out = ''
    if (nextFg !== fg || nextBg !== bg || nextUnderline !== underline) {
      const sameFlags =
        ((nextFg ^ fg) & ~COLOR) === 0 &&
        ((nextBg ^ bg) & ~COLOR) === 0 &&
        nextUnderline === underline
      out += sameFlags ? colorsOnly(nextFg, nextBg) : everything(nextFg, nextBg, nextUnderline)
      fg = nextFg
      bg = nextBg
      underline = nextUnderline
    }
    if (nextLink !== link) {
      const data = links.getLinkData(nextLink)
      const isShort = data && data.uri.length + (data.id?.length ?? 0) <= MOST_LINK_CHARACTERS
      if (data && isShort) out += `\x1b]8;${data.id ? `id=${data.id}` : ''};${data.uri}\x1b\\`
      else if (link !== 0) out += '\x1b]8;;\x1b\\'
      link = nextLink
    }
    return out
  }

  function colorsOnly(nextFg: number, nextBg: number): string {
    const codes: string[] = []
    if (nextFg !== fg) codes.push(color(nextFg, 30) || '39')
    if (nextBg !== bg) codes.push(color(nextBg, 40) || '49')
    return `\x1b[${codes.join(';')}m`
  }

  return {
    cell: ({ fg, bg, extended }) => {
      const has = (bg & EXTENDED) !== 0
      // Underlined by SGR 4 alone is style 1, which is what a terminal that has lost the style shows.
      const style = has ? extended._ext : fg & UNDERLINE ? 1 << UNDERLINE_STYLE_SHIFT : 0
      return change(
        fg & ~UNDERLINE,
        bg & ~EXTENDED,
        underlineOf(fg, style),
        has ? extended.urlId : 0,
      )
    },
    current: ({ fg, bg, extended }) =>
      change(
        fg & ~UNDERLINE,
        bg & ~EXTENDED,
        underlineOf(fg, extended._ext),
        bg & EXTENDED ? extended.urlId : 0,
      ),
    blank: (background = 0) => change(0, background, 0, 0),
  }
}

/** The style only while it is on; the colour always. */
function underlineOf(fg: number, ext: number): number {
  const style = (ext >> UNDERLINE_STYLE_SHIFT) & 7
  const on = fg & UNDERLINE ? style || 1 : 0
  return (on << UNDERLINE_STYLE_SHIFT) | (ext & COLOR)
}

function everything(fg: number, bg: number, underline: number): string {
  const codes = ['0']
  for (const [flag, code] of FG_FLAGS) if (fg & flag) codes.push(code)
  for (const [flag, code] of BG_FLAGS) if (bg & flag) codes.push(code)
  const style = underline >> UNDERLINE_STYLE_SHIFT
  if (style === 1) codes.push('4')
  else if (style) codes.push(`4:${style}`)
  const underlineColor = color(underline & COLOR, 50)
  for (const code of [color(fg, 30), color(bg, 40), underlineColor]) if (code) codes.push(code)
  const all = codes.length === 1 ? '\x1b[m' : `\x1b[${codes.join(';')}m`
  // SGR 0 ends protection too, though it is not SGR that begins it.
  return bg & PROTECTED ? `${all}\x1b[1"q` : all
}

/** @param base 30 for the text, 40 for what is behind it, 50 for the underline. */
function color(word: number, base: number): string {
  const value = word & 0xffffff
  switch (word & RGB) {
    case PALETTE_16:
      return `${(value & 0xff) < 8 ? base + (value & 0xff) : base + 52 + (value & 0xff)}`
    case PALETTE_256:
      return base === 50 ? `58:5:${value & 0xff}` : `${base + 8};5;${value & 0xff}`
    case RGB: {
      const channels = [(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff]
      return base === 50 ? `58:2::${channels.join(':')}` : `${base + 8};2;${channels.join(';')}`
    }
    default:
      return ''
  }
}
