import type { IBuffer, IBufferCell, IBufferLine, IMarker } from '@xterm/xterm'

/** Some characters that look the same. Colours are xterm's: 0 to 255, or `#rrggbb`. */
export interface ReadRun {
  readonly text: string
  readonly color?: number | string | undefined
  readonly bold?: true | undefined
  readonly faint?: true | undefined
  readonly italic?: true | undefined
  readonly underline?: true | undefined
}

/** What a program wrote as one line, however many rows of the screen it took. */
export interface ReadLine {
  readonly runs: readonly ReadRun[]
  /** Nothing but a ruled line, as programs draw them around things. */
  readonly rule: boolean
}

/** The part of xterm's terminal that is read. */
export interface ReadTerminal {
  readonly cols: number
  readonly buffer: { readonly active: IBuffer }
  registerMarker(offset: number): IMarker | undefined
}

export interface Reading {
  /** Lines that will never change, in blocks: a block is the same object for as long as it says the same. */
  readonly blocks: readonly (readonly ReadLine[])[]
  /** What is on the screen, which may still change. */
  readonly screen: readonly ReadLine[]
  /** Whether there is more before the first block. */
  readonly more: boolean
}

/** Reads what a terminal shows and has shown as lines of text, which can be set in any width. */
export interface Reader {
  /** @param rows How far back at least, in rows of the terminal. Asking for more reads everything again. */
  read(rows: number): Reading
  dispose(): void
}

/** Few enough to be drawn at once, many enough to be few. */
const BLOCK_LINES = 64

export function createReader(terminal: ReadTerminal): Reader {
  let blocks: (readonly ReadLine[])[] = []
  /** Of the last block, while it is not full. */
  let open: ReadLine[] = []
  /** The first row that was not read for good. It moves with the rows when old ones are dropped. */
  let mark: IMarker | undefined
  /** What stands in the row before it: a screen that was cleared has something else there. */
  let before: string | undefined
  let read = { rows: 0, cols: 0, more: false }

  function forget(): void {
    mark?.dispose()
    mark = undefined
    blocks = []
    open = []
  }

  function isAtMark(buffer: IBuffer): boolean {
    if (!mark || mark.line < 0 || mark.line > buffer.baseY) return false
    // At the very top: everything before was dropped, or nothing was there.
    if (mark.line === 0) return buffer.baseY > 0 || blocks.length + open.length === 0
    return buffer.getLine(mark.line - 1)?.translateToString() === before
  }

  function keep(line: ReadLine): void {
    open = [...open, line]
    if (open.length < BLOCK_LINES) return
    blocks = [...blocks, open]
    open = []
  }

  return {
    read(rows) {
      const { active } = terminal.buffer
      // A full-screen program has no lines but those on its screen.
      if (active.type === 'alternate')
        return { blocks: [], screen: [...lines(active, 0, active.length)].map(lineOf), more: false }
      const { baseY } = active
      if (!isAtMark(active) || rows > read.rows || terminal.cols !== read.cols) {
        forget()
        const first = firstOf(active, Math.max(baseY - rows, 0))
        read = { rows, cols: terminal.cols, more: first > 0 }
        setMark(first)
      }
      const screen: ReadLine[] = []
      let settledTo = mark?.line ?? 0
      for (const rowsOfLine of lines(active, settledTo, active.length)) {
        const line = lineOf(rowsOfLine)
        // What has wholly left the screen is past.
        if (rowsOfLine.end <= baseY) {
          keep(line)
          settledTo = rowsOfLine.end
        } else screen.push(line)
      }
      if (settledTo !== mark?.line) setMark(settledTo)
      while (isBlank(screen.at(-1))) screen.pop()
      return { blocks: open.length > 0 ? [...blocks, open] : blocks, screen, more: read.more }
    },
    dispose: forget,
  }

  function setMark(row: number): void {
    const { active } = terminal.buffer
    mark?.dispose()
    mark = terminal.registerMarker(row - active.baseY - active.cursorY)
    before = active.getLine(row - 1)?.translateToString()
  }
}

interface LineRows {
  readonly rows: readonly IBufferLine[]
  /** The row after it. */
  readonly end: number
}

/** A row that is wrapped goes on with the line of the one before. */
function firstOf(buffer: IBuffer, row: number): number {
  let first = row
  while (first > 0 && buffer.getLine(first)?.isWrapped) first--
  return first
}

function* lines(buffer: IBuffer, from: number, to: number): Generator<LineRows> {
  let rows: IBufferLine[] = []
  for (let row = from; row < to; row++) {
    const line = buffer.getLine(row)
    if (!line) continue
    if (!line.isWrapped && rows.length > 0) {
      yield { rows, end: row }
      rows = []
    }
    rows.push(line)
  }
  if (rows.length > 0) yield { rows, end: to }
}

/** Lines and corners of boxes, and what stands between two of them. */
const RULE = /^[\s\u2500-\u257f\u2580\u2584\u2594_=-]*$/
const DRAWN = /[\u2500-\u257f\u2580\u2584\u2594]{3}|[_=-]{8}/
/** The sides of a box, which stand for nothing where the lines between them are set anew. */
const LEFT_SIDE = /^\s*[│┃║|] ?(?=.*[│┃║|]\s*$)/
const RIGHT_SIDE = /\s*[│┃║|]\s*$/

function lineOf({ rows }: LineRows): ReadLine {
  const runs = rows.flatMap((row) => runsOf(row))
  const text = runs.map((each) => each.text).join('')
  if (RULE.test(text) && DRAWN.test(text)) return { runs: [], rule: true }
  const left = LEFT_SIDE.exec(text)?.[0].length ?? 0
  const right = left > 0 ? (RIGHT_SIDE.exec(text)?.[0].length ?? 0) : 0
  return { runs: cut(runs, left, text.slice(0, text.length - right).trimEnd().length), rule: false }
}

function isBlank(line: ReadLine | undefined): boolean {
  return line !== undefined && !line.rule && line.runs.length === 0
}

/** The characters from `from` to `to`. */
function cut(runs: readonly ReadRun[], from: number, to: number): readonly ReadRun[] {
  let at = 0
  return merged(
    runs.flatMap((run) => {
      const start = at
      at += run.text.length
      const text = run.text.slice(Math.max(from - start, 0), Math.max(to - start, 0))
      return text ? [{ ...run, text }] : []
    }),
  )
}

function merged(runs: readonly ReadRun[]): readonly ReadRun[] {
  const all: ReadRun[] = []
  for (const run of runs) {
    const last = all.at(-1)
    if (last && looksOf(last) === looksOf(run))
      all[all.length - 1] = { ...last, text: last.text + run.text }
    else all.push(run)
  }
  return all
}

function looksOf({ color, bold, faint, italic, underline }: ReadRun): string {
  return `${color ?? ''} ${bold ?? ''} ${faint ?? ''} ${italic ?? ''} ${underline ?? ''}`
}

function runsOf(row: IBufferLine): readonly ReadRun[] {
  const runs: ReadRun[] = []
  let cell: IBufferCell | undefined
  for (let column = 0; column < row.length; column++) {
    cell = row.getCell(column, cell)
    // The second half of a wide character.
    if (!cell || cell.getWidth() === 0) continue
    runs.push({ text: cell.isInvisible() ? ' ' : cell.getChars() || ' ', ...looks(cell) })
  }
  return merged(runs)
}

function looks(cell: IBufferCell): Omit<ReadRun, 'text'> {
  if (cell.isAttributeDefault()) return {}
  return {
    ...(!cell.isFgDefault() && { color: colorOf(cell) }),
    ...(cell.isBold() && { bold: true as const }),
    ...(cell.isDim() && { faint: true as const }),
    ...(cell.isItalic() && { italic: true as const }),
    ...(cell.isUnderline() && { underline: true as const }),
  }
}

function colorOf(cell: IBufferCell): number | string {
  const color = cell.getFgColor()
  return cell.isFgRGB() ? `#${color.toString(16).padStart(6, '0')}` : color
}

const LINK = /https?:\/\/[^\s<>"'`│┃║]*[^\s<>"'`│┃║.,:;!?)\]}]/g

/** Text, and the addresses in it, in order. */
export function splitLinks(
  text: string,
): readonly { readonly text: string; readonly isLink: boolean }[] {
  const parts: { text: string; isLink: boolean }[] = []
  let at = 0
  for (const { 0: found, index } of text.matchAll(LINK)) {
    if (index > at) parts.push({ text: text.slice(at, index), isLink: false })
    parts.push({ text: found, isLink: true })
    at = index + found.length
  }
  if (at < text.length) parts.push({ text: text.slice(at), isLink: false })
  return parts
}
