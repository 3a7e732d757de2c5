import type { Control } from './control.ts'
import { cleanText } from './text.ts'

/** Private modes that xterm.js knows, but for those of the mouse, the keypad and the alternate screen. */
const SWITCHES: ReadonlySet<number> = new Set([1, 6, 7, 12, 25, 45, 66, 1004, 2004, 2026])
const MOUSE_PROTOCOLS: ReadonlySet<number> = new Set([9, 1000, 1002, 1003])
const MOUSE_ENCODINGS: ReadonlySet<number> = new Set([1006, 1016])
const ALTERNATE_SCREENS: ReadonlySet<number> = new Set([47, 1047, 1049])
/** ANSI modes: insert, and a line feed that also returns. */
const INSERT = 4
const NEW_LINE = 20
/** What a soft reset (DECSTR) leaves alone, of `SWITCHES`. */
const OUTLIVE_SOFT_RESET: ReadonlySet<number> = new Set([12])

const DESIGNATORS = ['(', ')', '*', '+']
/** VT300's ways to designate G1 and G2: the same sets. */
const ALIASES: Readonly<Record<string, string>> = { '-': ')', '.': '*' }

/** The modes that a program has set, known without a screen. */
export interface TrackedModes {
  control(control: Control, final: string): void
  escape(intermediate: string, final: string): void
  title(text: string): void
  /** Sets them in a terminal that has just been made. Leaves the cursor at the top left. */
  prelude(): Buffer
}

export function createTrackedModes(): TrackedModes {
  /** On and off only where the program has said so. */
  let switches = new Map<number, boolean>()
  let ansi = new Set<number>()
  let mouseProtocol = 0
  let mouseEncoding = 0
  let alternate = false
  let cursorStyle = 0
  let region = ''
  let charsets = new Map<string, string>()
  let shift = ''
  let title = ''

  function privateMode(mode: number, on: boolean): void {
    if (SWITCHES.has(mode)) switches.set(mode, on)
    else if (MOUSE_PROTOCOLS.has(mode)) mouseProtocol = on ? mode : 0
    else if (MOUSE_ENCODINGS.has(mode)) mouseEncoding = on ? mode : 0
    else if (ALTERNATE_SCREENS.has(mode)) {
      // Each screen has a scroll region of its own, and the alternate one is made anew.
      if (alternate !== on) region = ''
      alternate = on
    }
  }

  function ansiMode(mode: number, on: boolean): void {
    if (mode !== INSERT && mode !== NEW_LINE) return
    if (on) ansi.add(mode)
    else ansi.delete(mode)
  }

  function softReset(): void {
    switches = new Map([...switches].filter(([mode]) => OUTLIVE_SOFT_RESET.has(mode)))
    ansi.delete(INSERT)
    cursorStyle = 0
    region = ''
    charsets = new Map()
    shift = ''
  }

  function hardReset(): void {
    softReset()
    // Options of xterm.js rather than modes: its reset leaves them as they are.
    ansi = new Set([...ansi].filter((mode) => mode === NEW_LINE))
    mouseProtocol = 0
    mouseEncoding = 0
    alternate = false
  }

  return {
    control({ prefix, intermediates, parameters }, final) {
      switch (`${prefix}${intermediates}${final}`) {
        case '?h':
        case '?l':
          for (const mode of parameters) privateMode(mode, final === 'h')
          return
        case 'h':
        case 'l':
          for (const mode of parameters) ansiMode(mode, final === 'h')
          return
        case ' q':
          cursorStyle = Math.min(parameters[0] ?? 0, 7)
          return
        case '!p':
          softReset()
          return
        case 'r':
          region = `${parameters[0] ?? 0};${parameters[1] ?? 0}`
          return
      }
    },
    escape(intermediate, final) {
      const set = ALIASES[intermediate] ?? intermediate
      if (DESIGNATORS.includes(set)) charsets.set(set, final)
      else if (intermediate === '%') {
        charsets.delete('(')
        shift = ''
      } else if (intermediate !== '') return
      else if (final === 'c') hardReset()
      else if (final === '=' || final === '>') switches.set(66, final === '=')
      else if ('no|}~'.includes(final)) shift = final
    },
    title(text) {
      title = text
    },
    prelude() {
      const modes = [...switches].filter(([mode]) => mode !== 6)
      if (mouseProtocol) modes.push([mouseProtocol, true])
      if (mouseEncoding) modes.push([mouseEncoding, true])
      const parts = [
        title ? `\x1b]2;${cleanText(title)}\x1b\\` : '',
        alternate ? '\x1b[?1049h' : '',
        ...modes.map(([mode, on]) => `\x1b[?${mode}${on ? 'h' : 'l'}`),
        ...[...ansi].map((mode) => `\x1b[${mode}h`),
        cursorStyle ? `\x1b[${cursorStyle} q` : '',
        ...[...charsets].map(([set, flag]) => `\x1b${set}${flag}`),
        shift ? `\x1b${shift}` : '',
        region ? `\x1b[${region}r` : '',
        // Last, because the cursor goes home into the region with it.
        switches.get(6) ? '\x1b[?6h' : '',
      ]
      return Buffer.from(parts.join(''))
    },
  }
}
