import type { XtermAttributes, XtermBuffer, XtermCell, XtermCore } from '../emulator/xterm-parts.ts'
import { type Canvas, drawLines, isEmpty } from './draw-lines.ts'
import { createPen, type Pen } from './pen.ts'

/** A title is not repeated beyond this many characters. */
const MOST_TITLE_CHARACTERS = 4_096

const MOUSE_PROTOCOLS: Readonly<Record<string, number>> = {
  X10: 9,
  VT200: 1000,
  DRAG: 1002,
  ANY: 1003,
}
const MOUSE_ENCODINGS: Readonly<Record<string, number>> = { SGR: 1006, SGR_PIXELS: 1016 }
const CURSOR_STYLES = { block: 1, underline: 3, bar: 5 } as const
/** Invokes G0 to G3. */
const SHIFTS = ['\x0f', '\x0e', '\x1bn', '\x1bo']
const DESIGNATORS = ['(', ')', '*', '+']

export interface SnapshotSource {
  readonly core: XtermCore
  readonly cell: XtermCell
  readonly cols: number
  readonly rows: number
  /** Lines above the screen, at most. */
  readonly scrollbackLines: number
  /** Whether the cursor blinks until a program says otherwise. */
  readonly blinksByDefault: boolean
  /** Sets the colours that the program has set. */
  readonly palette: string
  /** What the end of the output cuts. */
  readonly pending: Uint8Array
  charsetFlag(charset: object | undefined): string
}

/**
 * Writes a terminal down as output.
 *
 * The order matters: screens before the modes that would change how they are drawn; what moves the
 * cursor before the cursor; and last of all, if it was the last thing that happened, the character that
 * a following accent belongs to.
 */
export function takeSnapshot(source: SnapshotSource): Buffer {
  const { core, cell, cols, rows, scrollbackLines, palette, pending } = source
  const { normal, alt, active } = core._bufferService.buffers
  let text = ''
  const write = (more: string): void => {
    text += more
  }
  const pen = createPen(core._oscLinkService)
  const canvas: Canvas = { cols, pen, cell, write }

  const title = core._inputHandler._windowTitle.slice(0, MOST_TITLE_CHARACTERS)
  if (title) write(`\x1b]2;${title}\x1b\\`)
  write(palette)
  if (active === normal && hasSaved(alt)) {
    write('\x1b[?47h')
    saveCursor(source, alt, pen, write)
    write(`${pen.blank()}\x1b[?47l\x1b[H`)
  }
  drawLines(canvas, normal, Math.max(normal.ybase - scrollbackLines, 0), normal.ybase + rows)
  write(pen.blank())
  bufferState(source, normal, pen, write)
  if (active === alt) {
    write(`${pen.blank()}\x1b[?47h\x1b[H`)
    drawLines(canvas, alt, alt.ybase, alt.ybase + rows)
    write(pen.blank())
    bufferState(source, alt, pen, write)
  }
  write(modes(source))
  cursorAndPen(source, active, pen, write)
  return Buffer.concat([Buffer.from(text), pending])
}

const hasSaved = (buffer: XtermBuffer): boolean =>
  buffer.savedX !== 0 ||
  buffer.savedY !== 0 ||
  buffer.savedCharset !== undefined ||
  buffer.savedCurAttrData.fg !== 0 ||
  buffer.savedCurAttrData.bg !== 0

/** What each of the two buffers has of its own, besides its lines: saved cursor, tab stops, scroll region. */
function bufferState(
  source: SnapshotSource,
  buffer: XtermBuffer,
  pen: Pen,
  write: (text: string) => void,
): void {
  const { cols, rows } = source
  if (hasSaved(buffer)) saveCursor(source, buffer, pen, write)
  const stops = [...Array(cols).keys()].filter((x) => buffer.tabs[x])
  if (stops.some((x) => x % 8 !== 0) || stops.length !== Math.ceil(cols / 8))
    write(`\x1b[3g${stops.map((x) => `\x1b[${x + 1}G\x1bH`).join('')}`)
  if (buffer.scrollTop !== 0 || buffer.scrollBottom !== rows - 1)
    write(`\x1b[${buffer.scrollTop + 1};${buffer.scrollBottom + 1}r`)
}

function saveCursor(
  source: SnapshotSource,
  buffer: XtermBuffer,
  pen: Pen,
  write: (text: string) => void,
): void {
  const { cols, rows } = source
  const { savedX, savedY, savedCharset, savedCurAttrData, ybase } = buffer
  const x = Math.min(savedX, cols - 1)
  const y = Math.min(Math.max(savedY - ybase, 0), rows - 1)
  const flag = source.charsetFlag(savedCharset)
  write(`${pen.cell(savedCurAttrData)}\x1b[${y + 1};${x + 1}H`)
  write(flag === 'B' ? '\x1b7' : `\x1b(${flag}\x1b7\x1b(B`)
}

function modes({ core, blinksByDefault }: SnapshotSource): string {
  const { coreService, coreMouseService, optionsService } = core
  const { decPrivateModes: dec, isCursorHidden } = coreService
  const { cursorBlink } = optionsService.rawOptions
  const mouse = [
    MOUSE_PROTOCOLS[coreMouseService.activeProtocol],
    MOUSE_ENCODINGS[coreMouseService.activeEncoding],
  ]
  const on: readonly (number | false | undefined)[] = [
    dec.applicationCursorKeys && 1,
    cursorBlink && !blinksByDefault && 12,
    dec.reverseWraparound && 45,
    dec.applicationKeypad && 66,
    ...mouse,
    dec.sendFocus && 1004,
    dec.bracketedPasteMode && 2004,
    dec.synchronizedOutput && 2026,
    // The cursor goes home with it, so it is the last.
    dec.origin && 6,
  ]
  const off = [!cursorBlink && blinksByDefault && 12, isCursorHidden && 25]
  const style =
    dec.cursorStyle === undefined
      ? dec.cursorBlink === undefined
        ? 0
        : 8
      : CURSOR_STYLES[dec.cursorStyle] + 1
  return [
    ...off.map((mode) => (mode ? `\x1b[?${mode}l` : '')),
    style === 0 ? '' : `\x1b[${dec.cursorBlink ? style - 1 : style} q`,
    ...on.map((mode) => (mode ? `\x1b[?${mode}h` : '')),
  ].join('')
}

/** Where the next character goes and how it will look, exactly: with the wrap and the accent that may be due. */
function cursorAndPen(
  source: SnapshotSource,
  buffer: XtermBuffer,
  pen: Pen,
  write: (text: string) => void,
): void {
  const { core, cell, cols } = source
  const { insertMode } = core.coreService.modes
  const { origin, wraparound } = core.coreService.decPrivateModes
  const { _curAttrData, _parser } = core._inputHandler
  const { charset, glevel, _charsets } = core._charsetService
  const current: XtermAttributes = _curAttrData
  // DECRC brings back a charset without its place among the four. Only DECRC can say so.
  const isRestored = charset !== _charsets[glevel] && charset === buffer.savedCharset
  const isDue = buffer.x >= cols
  const joins = _parser.precedingJoinState !== 0 && buffer.x > 0
  const charsets = charsetsOf(source)

  // DECRC brings its own pen.
  if (isRestored) write(`${pen.blank()}${charsets}\x1b8\x1b[m`)
  const line = buffer.lines.get(buffer.ybase + buffer.y)
  let x = Math.min(buffer.x, cols)
  let last = ''
  let width = 1
  if ((isDue || joins) && line) {
    width = line.loadCell(x - 1, cell).getWidth() === 0 && x > 1 ? 2 : 1
    line.loadCell(x - width, cell)
    // A narrower window may have moved the cursor away from what was printed last.
    if (!isEmpty(cell) && Math.max(cell.getWidth(), 1) === width) {
      last = cell.getChars()
      x -= width
    }
  }
  x = Math.min(x, cols - 1)
  const y = origin ? buffer.y - buffer.scrollTop : buffer.y
  // Nothing can be printed where the wrap is due and the cell is empty; but the other screen hands its cursor over.
  if (isDue && !last && buffer === core._bufferService.buffers.normal)
    write(`${pen.blank()}\x1b[?47h\x1b[${buffer.y + 1};${cols}H \x1b[?47l`)
  else write(`\x1b[${y + 1};${x + 1}H`)
  const later = joins && last !== ''
  // It will be inserted, which moves the rest of the line to where it is now.
  if (later && insertMode) write(`\x1b[${insertedBy(core, last)}P`)
  if (last && !later) write(`${pen.cell(cell)}${last}`)
  if (!isRestored) write(charsets)
  if (insertMode) write('\x1b[4h')
  if (core.optionsService.rawOptions.convertEol) write('\x1b[20h')
  // Said in any case, because no accent may belong to what was printed for the wrap.
  write(wraparound ? '\x1b[?7h' : '\x1b[?7l')
  write(pen.current(current))
  if (later) write(last)
}

function charsetsOf({ core, charsetFlag }: SnapshotSource): string {
  const { glevel, _charsets } = core._charsetService
  const designated = DESIGNATORS.map((set, level) => {
    const flag = charsetFlag(_charsets[level])
    return flag === 'B' ? '' : `\x1b${set}${flag}`
  }).join('')
  return glevel === 0 ? designated : `${designated}${SHIFTS[glevel] ?? ''}`
}

/** Columns that printing `cluster` inserts: those of its first character. A flag's second one only overwrites. */
function insertedBy(core: XtermCore, cluster: string): number {
  return (core.unicodeService.charProperties(cluster.codePointAt(0) ?? 0, 0) >> 1) & 3
}
