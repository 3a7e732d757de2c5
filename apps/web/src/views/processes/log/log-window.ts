import type { LogLine } from './log-line.ts'

/** So many lines are drawn, or left out, together. */
export const BLOCK_LINES = 50

/** Takes two columns in a terminal's font: Chinese, Japanese, Korean, most emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu

const ASCII = /^[\x20-\x7e]*$/

/** How many columns a text takes. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length
  const tabs = text.split('\t').length - 1
  return [...text].length + (text.match(WIDE)?.length ?? 0) + tabs * 7
}

/** How many rows a line takes where so many columns fit; `Infinity` columns: no line wraps. */
export function rowsOf(text: string, columns: number): number {
  return Math.max(1, Math.ceil(columnsOf(text) / columns))
}

/** Which lines are to be drawn, and how much room those before and after them take, in rows. */
export interface LogWindow {
  readonly first: number
  /** Exclusive. */
  readonly last: number
  readonly rowsBefore: number
  readonly rowsAfter: number
}

/** Knows how high every block of lines is. It is asked at every scroll, so it must be quick. */
export interface LogGeometry {
  readonly rows: number
  /** The row that a line begins in. */
  rowOf(index: number): number
  /** What is seen between two rows, and some more on either side. */
  windowOf(fromRow: number, toRow: number): LogWindow
}

/**
 * @param before Of the same list when it was shorter: what has not changed is not measured again.
 */
export function measureLog(
  lines: readonly LogLine[],
  columns: number,
  before?: MeasuredLog,
): MeasuredLog {
  const blocks: Block[] = []
  const known =
    before && before.columns === columns && before.firstId === lines[0]?.id ? before.blocks : []
  let row = 0
  for (let at = 0; at < lines.length; at += BLOCK_LINES) {
    const old = known[at / BLOCK_LINES]
    const end = Math.min(at + BLOCK_LINES, lines.length)
    // A line that has grown is a new object.
    const isKnown = old?.last === lines[end - 1] && old?.count === end - at
    const rows = isKnown && old ? old.rows : countRows(lines, at, end, columns)
    blocks.push({ row, rows, count: end - at, last: lines[end - 1] })
    row += rows
  }
  return { columns, firstId: lines[0]?.id, blocks, ...geometryOf(lines, columns, blocks, row) }
}

export interface MeasuredLog extends LogGeometry {
  readonly columns: number
  readonly firstId: number | undefined
  readonly blocks: readonly Block[]
}

interface Block {
  readonly row: number
  readonly rows: number
  readonly count: number
  readonly last: LogLine | undefined
}

function countRows(lines: readonly LogLine[], from: number, to: number, columns: number): number {
  let rows = 0
  for (let at = from; at < to; at++) rows += rowsOf(lines[at]?.text ?? '', columns)
  return rows
}

function geometryOf(
  lines: readonly LogLine[],
  columns: number,
  blocks: readonly Block[],
  rows: number,
): LogGeometry {
  /** The block that holds a row. */
  function blockAt(row: number): number {
    let low = 0
    let high = blocks.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((blocks[middle]?.row ?? 0) <= row) low = middle
      else high = middle - 1
    }
    return Math.max(low, 0)
  }
  return {
    rows,
    rowOf(index) {
      const block = Math.floor(index / BLOCK_LINES)
      const from = block * BLOCK_LINES
      return (blocks[block]?.row ?? 0) + countRows(lines, from, index, columns)
    },
    windowOf(fromRow, toRow) {
      const spare = toRow - fromRow
      const first = blockAt(Math.max(fromRow - spare, 0))
      const last = blockAt(Math.min(toRow + spare, rows))
      const end = blocks[last]
      const rowsBefore = blocks[first]?.row ?? 0
      return {
        first: first * BLOCK_LINES,
        last: Math.min((last + 1) * BLOCK_LINES, lines.length),
        rowsBefore,
        rowsAfter: rows - (end ? end.row + end.rows : 0),
      }
    },
  }
}
