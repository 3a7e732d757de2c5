import { visibleText } from '../terminal/visible-text.ts'
import type { SearchHit } from './search-run.ts'

/** A part of a hit's line, and whether it is what was looked for. */
export interface HitPart {
  readonly text: string
  readonly isMatch: boolean
}

/** Shown before the first match, in characters: a match has to be seen. */
const BEFORE = 60
const MOST = 400

/** The line in pieces, with nothing in it that hides or turns text. */
export function hitParts({
  text,
  ranges,
  isCut,
}: Pick<SearchHit, 'text' | 'ranges' | 'isCut'>): readonly HitPart[] {
  const first = ranges[0]?.[0] ?? 0
  const from = Math.max(first - BEFORE, 0)
  const to = Math.min(from + MOST, text.length)
  const parts: HitPart[] = []
  let at = from
  const add = (end: number, isMatch: boolean): void => {
    if (end > at) parts.push({ text: visibleText(text.slice(at, end)), isMatch })
    at = Math.max(at, end)
  }
  for (const [begin, end] of ranges) {
    if (begin >= to) break
    add(Math.min(begin, to), false)
    add(Math.min(end, to), true)
  }
  add(to, false)
  if (from > 0) parts.unshift({ text: '…', isMatch: false })
  if (to < text.length || isCut) parts.push({ text: '…', isMatch: false })
  return parts
}

/** What the first match reads: what a terminal is searched for. */
export function matchOf({ text, ranges }: Pick<SearchHit, 'text' | 'ranges'>): string {
  const [from, to] = ranges[0] ?? [0, 0]
  return text.slice(from, Math.min(to, from + 200))
}
