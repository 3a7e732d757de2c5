/** How well a text fits what was typed, and which characters of it do. */
export interface FuzzyMatch {
  /** More is better. Comparable only for the same query. */
  readonly score: number
  /** Indexes into the text, ascending. */
  readonly at: readonly number[]
}

const AT_WORD = 8
const IN_A_ROW = 5
const ONE = 1
/** The longer the text, the less of it was meant. */
const PER_CHARACTER = 0.02

/**
 * Whether the characters of `query` stand in `text` in this order, and how well: beginnings of words and
 * characters in a row count most, so that `sr` finds "Split right" before "Restart".
 */
export function fuzzyMatch(query: string, text: string): FuzzyMatch | undefined {
  const wanted = [...query.toLowerCase()].filter((char) => char !== ' ')
  if (wanted.length === 0) return { score: 0, at: [] }
  const lower = text.toLowerCase()
  const whole = lower.indexOf(query.toLowerCase().trim())
  if (whole >= 0) {
    const at = Array.from({ length: query.trim().length }, (_, index) => whole + index)
    return { score: scoreOf(at, text), at }
  }
  const greedy = matchFrom(wanted, lower, text, true) ?? matchFrom(wanted, lower, text, false)
  return greedy && { score: scoreOf(greedy, text), at: greedy }
}

/** @param jump Whether to pass over a character for one that begins a word. */
function matchFrom(
  wanted: readonly string[],
  lower: string,
  text: string,
  jump: boolean,
): readonly number[] | undefined {
  const at: number[] = []
  let from = 0
  for (const char of wanted) {
    const nearest = lower.indexOf(char, from)
    if (nearest < 0) return undefined
    const isNext = at.length > 0 && nearest === from
    const start = jump && !isNext ? wordStart(char, lower, text, from) : -1
    const found = start >= 0 ? start : nearest
    at.push(found)
    from = found + 1
  }
  return at
}

function wordStart(char: string, lower: string, text: string, from: number): number {
  for (let at = lower.indexOf(char, from); at >= 0; at = lower.indexOf(char, at + 1))
    if (beginsWord(text, at)) return at
  return -1
}

function beginsWord(text: string, at: number): boolean {
  const before = text[at - 1]
  return before === undefined || /[\s\-_./:·]/.test(before)
}

function scoreOf(at: readonly number[], text: string): number {
  return at.reduce((sum, index, n) => {
    const row = n > 0 && at[n - 1] === index - 1 ? IN_A_ROW : 0
    return sum + ONE + row + (beginsWord(text, index) ? AT_WORD : 0)
  }, -text.length * PER_CHARACTER)
}

/** What fits, best first; as it came where nothing was typed, and where two fit alike. */
export function fuzzySort<T>(
  query: string,
  items: readonly T[],
  textOf: (item: T) => string,
): readonly { readonly item: T; readonly at: readonly number[] }[] {
  return items
    .flatMap((item) => {
      const match = fuzzyMatch(query, textOf(item))
      return match ? [{ item, ...match }] : []
    })
    .sort((a, b) => b.score - a.score)
}
