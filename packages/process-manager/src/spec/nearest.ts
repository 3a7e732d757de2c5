/**
 * What was probably meant by `word`: the end of a sentence, as `did you mean "command"?`.
 *
 * Falls back to naming the first few of `known`, because a person without a guess needs the list.
 */
export function hint(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  if (near !== undefined) return `did you mean "${near}"?`
  if (known.length === 0) return 'there is none'
  const shown = known.slice(0, MOST_SHOWN).join(', ')
  return `use one of ${shown}${known.length > MOST_SHOWN ? ', …' : ''}`
}

const MOST_SHOWN = 12

/** The closest of `known`, if at most a third of `word` would have to be typed again. */
function nearest(word: string, known: readonly string[]): string | undefined {
  const wanted = plain(word)
  const [best] = known
    .map((each) => ({ each, typos: distance(wanted, plain(each)) }))
    .filter(({ each, typos }) => typos <= Math.max(1, Math.min(word.length, each.length) / 3))
    .sort((a, b) => a.typos - b.typos)
  return best?.each
}

/** `depends_on` and `dependsOn` are one word, and nobody's name is longer than this. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, '').slice(0, 64)
}

/** Letters to add, remove, change, or swap with their neighbour. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity
  for (let row = 1; row <= a.length; row++) {
    rows[row] = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      rows[row]?.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (same ? 0 : 1),
          swapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      )
    }
  }
  return at(a.length, b.length)
}
