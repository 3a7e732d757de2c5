import type { XtermBuffer, XtermCell, XtermLine } from '../emulator/xterm-parts.ts'
import { joinsNothing } from './joins.ts'
import type { Pen } from './pen.ts'

/** Colours of an empty cell; anything else in its attributes it can only have got from a wide character. */
const COLOR = 0x3ffffff
/** Two columns in every version of Unicode. */
const WIDE = '一'

export interface Canvas {
  readonly cols: number
  readonly pen: Pen
  /** Any cell of xterm's: cells are loaded into it. */
  readonly cell: XtermCell
  write(text: string): void
}

/**
 * Draws lines `from` to `to` of a buffer into a terminal whose cursor is at the beginning of an empty
 * line, with nothing set but the pen, so that every cell and every wrap comes out as it is.
 *
 * A cell that was never written is not a space. Such cells are stepped over, or erased in their colour.
 */
export function drawLines(canvas: Canvas, buffer: XtermBuffer, from: number, to: number): void {
  const { pen, write } = canvas
  for (let y = from; y < to; y++) {
    const line = buffer.lines.get(y)
    const next = y + 1 < to ? buffer.lines.get(y + 1) : undefined
    if (line) drawLine(canvas, line, next?.isWrapped ?? false)
    if (next?.isWrapped) wrap(canvas, line)
    else if (y + 1 < to) write(`${pen.blank()}\r\n`)
  }
}

function drawLine(canvas: Canvas, line: XtermLine, isWrappedOn: boolean): void {
  const { cols, pen, cell, write } = canvas
  let end = cols
  while (end > 0 && isBlank(line.loadCell(end - 1, cell))) end--
  if (end === 0) return
  line.loadCell(cols - 1, cell)
  if (end === cols && isEmpty(cell)) {
    if (isWrappedOn) end--
    else if (isTainted(cell)) {
      end--
      taintLast(canvas)
    }
  }
  let skip = 0
  let joined = true
  for (let x = 0; x < end; ) {
    line.loadCell(x, cell)
    const width = Math.max(cell.getWidth(), 1)
    if (isEmpty(cell) && !isTainted(cell)) {
      const { bg } = cell
      const first = x
      while (x < end && isSameBlank(line.loadCell(x, cell), bg)) x++
      skip += x - first
      if (bg !== 0) {
        write(`${move(skip - (x - first))}${pen.blank(bg)}\x1b[${x - first}X`)
        skip = x - first
      }
      joined = true
      continue
    }
    const text = cell.getChars()
    if (!isEmpty(cell) && (text === '' || x + width > cols)) {
      // Half a wide character, left over from an insertion or a narrower window.
      skip += width
      x += width
      continue
    }
    write(move(skip))
    skip = 0
    if (isEmpty(cell)) {
      taint(canvas, x)
      joined = true
    } else {
      const isPlain = joinsNothing(text)
      const anchor = isPlain && joined ? '' : `\x1b[${x + 1}G`
      write(`${pen.cell(cell)}${anchor}${text}`)
      joined = isPlain
    }
    x += width
  }
}

/** To the next line, which this one is continued on. The cursor is at its beginning then. */
function wrap(canvas: Canvas, line: XtermLine | undefined): void {
  const { cols, pen, cell, write } = canvas
  if (line && !isEmpty(line.loadCell(cols - 1, cell))) write(`${pen.blank()} \r\x1b[X`)
  // A wide character that has no room in the last column leaves it empty, in its own attributes.
  else write(`\x1b[${cols}G${line ? pen.cell(cell) : ''}${WIDE}\r${pen.blank()}\x1b[${cols}X`)
}

/** An empty cell with attributes, at `x`: a wide character, of which the second half is overwritten. */
function taint({ pen, cell, write }: Canvas, x: number): void {
  const second = `\x1b[${x + 2}G`
  write(`${pen.cell(cell)}${WIDE}${second} ${second}${pen.blank()}\x1b[X`)
}

/** The same in the last column: it is the second half, and the first is overwritten. At the line's beginning then. */
function taintLast({ cols, pen, cell, write }: Canvas): void {
  write(`${pen.cell(cell)}\x1b[${cols - 1}G${WIDE}\x1b[${cols - 1}G \r${pen.blank()}`)
  write(`\x1b[${cols - 1}X`)
}

const move = (columns: number): string =>
  columns === 0 ? '' : columns === 1 ? '\x1b[C' : `\x1b[${columns}C`

export const isEmpty = (cell: XtermCell): boolean =>
  (cell.content & 0x3fffff) === 0 && cell.getWidth() !== 0

const isTainted = (cell: XtermCell): boolean => cell.fg !== 0 || (cell.bg & ~COLOR) !== 0

const isBlank = (cell: XtermCell): boolean => isEmpty(cell) && cell.fg === 0 && cell.bg === 0

const isSameBlank = (cell: XtermCell, bg: number): boolean =>
  isEmpty(cell) && cell.fg === 0 && cell.bg === bg
