import { TerminalStateError } from '../terminal-state-error.ts'
import type { XtermColorRequest } from './xterm-parts.ts'

/** As `#rrggbb`. The defaults are those of xterm.js. */
export interface TerminalColors {
  /** Default: `#ffffff`. */
  readonly foreground?: string | undefined
  /** Default: `#000000`. */
  readonly background?: string | undefined
  /** Default: `#ffffff`. */
  readonly cursor?: string | undefined
  /** The first 16 of the palette, or the first few of them. */
  readonly ansi?: readonly string[] | undefined
}

type Rgb = readonly [number, number, number]

const ASKS = 0
const SETS = 1
const FOREGROUND = 256
const CURSOR = 258
/** What asks for and sets each, from `FOREGROUND` on; putting back adds 100. */
const CODES = ['10', '11', '12']

/** xterm.js's own, which is Tango. */
const ANSI =
  '2e3436cc00004e9a06c4a0003465a475507b06989ad3d7cf555753ef29298ae234fce94f729fcfad7fa834e2e2eeeeec'
const CUBE = [0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff] as const

/** The colours of a terminal that shows none: what the program set, over what the host chose. */
export interface ColorTable {
  /** Carries out what a sequence wants, and returns the answer to what it asks. */
  handle(requests: readonly XtermColorRequest[]): string
  /** What was not set by the program has these colours from now on. */
  setDefaults(colors: TerminalColors): void
  /** Sets in a new terminal what the program has set. */
  prelude(): string
}

export function createColorTable(colors: TerminalColors): ColorTable {
  let defaults = defaultColors(colors)
  const changed = new Map<number, Rgb>()

  function handle(requests: readonly XtermColorRequest[]): string {
    let answer = ''
    for (const { type, index, color } of requests) {
      if (index === undefined) {
        for (const each of [...changed.keys()]) if (each < FOREGROUND) changed.delete(each)
      } else if (type === ASKS) {
        const rgb = changed.get(index) ?? defaults[index] ?? [0, 0, 0]
        answer += `\x1b]${nameOf(index)};${spec(rgb)}\x1b\\`
      } else if (type === SETS && color) changed.set(index, color)
      else changed.delete(index)
    }
    return answer
  }

  return {
    handle,
    setDefaults(next) {
      defaults = defaultColors(next)
    },
    prelude: () =>
      [...changed].map(([index, rgb]) => `\x1b]${nameOf(index)};${spec(rgb)}\x1b\\`).join(''),
  }
}

const nameOf = (index: number): string => CODES[index - FOREGROUND] ?? `4;${index}`

/** 16 bits a channel, as xterm reports them. */
function spec(rgb: Rgb): string {
  return `rgb:${rgb.map((value) => value.toString(16).padStart(2, '0').repeat(2)).join('/')}`
}

function defaultColors(colors: TerminalColors): readonly Rgb[] {
  const { foreground = '#ffffff', background = '#000000', cursor = '#ffffff', ansi = [] } = colors
  if (ansi.length > 16)
    throw new TerminalStateError('BAD_OPTION', `colors.ansi has ${ansi.length}: pass 16 at most`)
  const table: Rgb[] = []
  for (let at = 0; at < 16; at++)
    table.push(parse(ansi[at] ?? `#${ANSI.slice(at * 6, at * 6 + 6)}`, `ansi[${at}]`))
  for (const red of CUBE)
    for (const green of CUBE) for (const blue of CUBE) table.push([red, green, blue])
  for (let grey = 8; grey < 248; grey += 10) table.push([grey, grey, grey])
  table[FOREGROUND] = parse(foreground, 'foreground')
  table[FOREGROUND + 1] = parse(background, 'background')
  table[CURSOR] = parse(cursor, 'cursor')
  return table
}

function parse(text: string, name: string): Rgb {
  const match = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(text)
  if (!match)
    throw new TerminalStateError('BAD_OPTION', `colors.${name} is "${text}": write it as #rrggbb`)
  const [, red = '', green = '', blue = ''] = match
  return [Number.parseInt(red, 16), Number.parseInt(green, 16), Number.parseInt(blue, 16)]
}
