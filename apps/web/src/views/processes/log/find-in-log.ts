import type { LogLine } from './log-line.ts'

/** Beyond that nobody counts, and a page would. */
export const MOST_FOUND = 10_000

/** The lines that hold `words`, capital letters or not, as indexes. */
export function findInLog(lines: readonly LogLine[], words: string): readonly number[] {
  if (words === '') return []
  const pattern = patternOf(words)
  const found: number[] = []
  for (let at = 0; at < lines.length && found.length < MOST_FOUND; at++)
    if (pattern.test(lines[at]?.text ?? '')) found.push(at)
  return found
}

export interface Marked {
  readonly text: string
  readonly found: boolean
}

/** A piece of a line, with what was looked for set off. */
export function markFound(text: string, words: string): readonly Marked[] {
  if (words === '') return [{ text, found: false }]
  return text
    .split(new RegExp(`(${escaped(words)})`, 'gi'))
    .map((part, at) => ({ text: part, found: at % 2 === 1 }))
    .filter((part) => part.text !== '')
}

function patternOf(words: string): RegExp {
  return new RegExp(escaped(words), 'i')
}

function escaped(words: string): string {
  return words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
