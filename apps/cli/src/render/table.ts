/** A cell, and how it looks once its width is known. */
export interface Cell {
  readonly text: string
  readonly paint?: ((text: string) => string) | undefined
}

/** Columns under headings, two spaces between them, nothing after the last: a line each. */
export function renderTable(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
): string {
  const all = [headings.map((text): Cell => ({ text })), ...rows]
  const widths = headings.map((_, column) =>
    Math.max(...all.map((row) => (row[column]?.text ?? '').length)),
  )
  return all
    .map((row) => {
      const cells = row.map(({ text, paint = (same) => same }, column) => {
        const isLast = column === row.length - 1
        // Padded outside of the paint, or a colour would run on.
        return paint(text) + (isLast ? '' : ' '.repeat((widths[column] ?? 0) - text.length))
      })
      return `${cells.join('  ').trimEnd()}\n`
    })
    .join('')
}
