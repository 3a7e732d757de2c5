import type { OutputEvent, QueryKind } from '../output-events.ts'
import { TerminalStateError } from '../terminal-state-error.ts'
import { readControl } from './control.ts'
import { queryOf } from './csi-query.ts'
import { createCut } from './cut.ts'
import { createOscReader } from './osc-events.ts'
import { createTrackedModes } from './tracked-modes.ts'
import { createVtParser } from './vt-parser.ts'

export interface OutputScannerOptions {
  /** Called within `scan`, in the order of the output. Whatever it throws leaves `scan` at once. */
  readonly onEvent: (event: OutputEvent) => void
  /** The offset of the first byte that will be scanned (default: 0). */
  readonly offset?: number | undefined
}

/** A place in the output, with what a terminal must be told that begins to read there. */
export interface OutputPlace {
  /** The next byte to read: the first of a character, thus up to 3 bytes before the scanner's own offset. */
  readonly offset: number
  /** Sets the modes that the output before has set: see `createOutputScanner` for which. */
  readonly prelude: Uint8Array
  /** The sequence that `offset` cuts, up to the cut: to be written after all else. */
  readonly pending: Uint8Array
}

export interface OutputScanner {
  /** The offset of the next byte: all before it has been scanned. */
  readonly offset: number
  /** Whether no sequence and no character is cut at `offset`. */
  readonly isGround: boolean
  /** Takes the next bytes; they are borrowed during the call. Never throws on account of them. */
  scan(bytes: Uint8Array): void
  /** What a terminal needs that begins to read here. */
  place(): OutputPlace
}

/** Finals of control sequences that ask or that set a mode. Those of colours and of the cursor are none. */
const wanted = new Uint8Array(128)
for (const final of 'Schlnpqrtuwxy') wanted[final.charCodeAt(0)] = 1

/**
 * Reads a program's output as a terminal does, and tells what is in it besides text.
 *
 * For the hot path: plain text costs a search for three bytes. Any split of the output gives the
 * same events. Of a string (OSC, DCS) the first 8 KiB are kept, whatever its length.
 *
 * `place()` knows these modes: cursor keys, keypad, origin, wrap, cursor (shown, style, blinking), mouse,
 * focus, bracketed paste, synchronised output, insert, line feed, the alternate screen, the scroll region,
 * the charsets designated by escape sequences, and the title.
 *
 * @throws TerminalStateError `BAD_OPTION` when the offset is none.
 */
export function createOutputScanner(options: OutputScannerOptions): OutputScanner {
  const { onEvent, offset = 0 } = options
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new TerminalStateError('BAD_OPTION', `offset ${offset}: pass a whole number from 0 on`)
  const modes = createTrackedModes()
  const readOsc = createOscReader()
  const cut = createCut()

  const ask = (query: QueryKind, start: number, end: number): void =>
    onEvent({ type: 'query', ...query, start, end })

  const parser = createVtParser(
    {
      bell: (start, end) => onEvent({ type: 'bell', start, end }),
      csi(bytes, from, to, code, start, end) {
        const control = readControl(bytes, from, to)
        if (!control) return
        const final = String.fromCharCode(code)
        modes.control(control, final)
        const query = queryOf(control, final)
        if (query) ask(query, start, end)
      },
      esc: (intermediate, final) =>
        modes.escape(
          intermediate === 0 ? '' : String.fromCharCode(intermediate),
          String.fromCharCode(final),
        ),
      osc(data, sizeBytes, start, end) {
        for (const found of readOsc(data, sizeBytes)) {
          if (found.type === 'title') modes.title(found.text)
          onEvent({ ...found, start, end })
        }
      },
      dcs(head, code, data, sizeBytes, start, end) {
        const control = readControl(head, 0, head.length)
        if (!control || code !== 0x71) return
        const { prefix, intermediates } = control
        const text = data.toString('latin1')
        if (prefix === '' && intermediates === '$' && data.length === sizeBytes)
          ask({ kind: 'setting', setting: text }, start, end)
        if (prefix === '' && intermediates === '+')
          ask({ kind: 'termcap', names: text }, start, end)
      },
    },
    wanted,
    offset,
  )

  return {
    get offset() {
      return parser.offset
    },
    get isGround() {
      return parser.openAt === undefined && cut.unfinishedBytes === 0
    },
    scan(chunk) {
      const bytes = Buffer.isBuffer(chunk)
        ? chunk
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      const before = parser.offset
      parser.parse(bytes)
      const { openAt } = parser
      cut.note(bytes, openAt === undefined ? undefined : openAt - before)
    },
    place: () => ({
      offset: parser.offset - cut.unfinishedBytes,
      prelude: modes.prelude(),
      pending: cut.bytes(),
    }),
  }
}
