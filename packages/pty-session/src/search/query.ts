import { PtySessionError } from '../pty-session-error.ts'

export interface SearchQuery {
  /** 1 to 1,000 characters of one line. */
  readonly text: string
  /** `text` is a JavaScript regular expression (default: it stands for itself). */
  readonly isRegex?: boolean | undefined
  /** Default: `A` is found as `a`. */
  readonly matchCase?: boolean | undefined
}

/** A query, ready to be asked. */
export interface Matcher {
  /** `false` only where no line of these bytes matches; cheap, and asked first. */
  mayMatch(bytes: Buffer, length: number): boolean
  /** Where in a line it matches, as pairs of UTF-16 places, at most `most`. */
  matches(line: string, most: number): readonly (readonly [number, number])[]
}

const LONGEST_QUERY = 1_000

/**
 * The longest text that a regular expression is tried on at once, in UTF-16 units: its effort may
 * grow with the square of that, also where nothing is wrong with it.
 */
const PIECE_UNITS = 4_096
/** What two pieces of one line have in common. */
const OVERLAP_UNITS = 512

/** @throws PtySessionError `BAD_OPTION` saying what is wrong with it. */
export function compileQuery({ text, isRegex = false, matchCase = false }: SearchQuery): Matcher {
  if (text === '' || text.length > LONGEST_QUERY)
    throw bad(`a query has 1 to ${LONGEST_QUERY} characters, not ${text.length}`)
  if (isRegex) return regexMatcher(compile(text, matchCase ? 'g' : 'gi'))
  if (/[\r\n]/.test(text)) throw bad('a query is part of one line')
  const pattern = compile(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), matchCase ? 'g' : 'gi')
  // The replacement character stands for bytes that are not its own.
  const needle = matchCase && !text.includes('\ufffd') ? Buffer.from(text) : undefined
  return {
    mayMatch(bytes, length) {
      if (needle) return bytes.subarray(0, length).includes(needle)
      pattern.lastIndex = 0
      return pattern.test(bytes.toString('utf8', 0, length))
    },
    matches: (line, most) => matchesOf(pattern, line, 0, line.length, most),
  }
}

function regexMatcher(pattern: RegExp): Matcher {
  return {
    mayMatch: () => true,
    matches(line, most) {
      if (line.length <= PIECE_UNITS) return matchesOf(pattern, line, 0, line.length, most)
      const found: (readonly [number, number])[] = []
      const step = PIECE_UNITS - OVERLAP_UNITS
      for (let from = 0; from < line.length && found.length < most; from += step) {
        const last = from + PIECE_UNITS >= line.length
        const piece = line.slice(from, from + PIECE_UNITS)
        const seen = found.at(-1)?.[1] ?? 0
        for (const [start, end] of matchesOf(pattern, piece, 0, last ? piece.length : step, most))
          if (from + start >= seen && found.length < most) found.push([from + start, from + end])
        if (last) break
      }
      return found
    },
  }
}

/** The matches that begin from `from` on and before `until`. One of no width is none. */
function matchesOf(
  pattern: RegExp,
  text: string,
  from: number,
  until: number,
  most: number,
): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = []
  pattern.lastIndex = from
  while (found.length < most) {
    const match = pattern.exec(text)
    if (!match || match.index >= until) break
    // Behind the whole character: from its half the engine would go back.
    if (match[0] === '')
      pattern.lastIndex += (text.codePointAt(pattern.lastIndex) ?? 0) > 0xffff ? 2 : 1
    else found.push([match.index, pattern.lastIndex])
  }
  return found.length > 0 ? found : NONE
}

const NONE: readonly (readonly [number, number])[] = []

/** With `u`, where that is possible: `.` is then a character. Older patterns are still understood. */
function compile(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `${flags}u`)
  } catch {
    try {
      return new RegExp(source, flags)
    } catch (error) {
      throw bad(error instanceof Error ? error.message : String(error))
    }
  }
}

function bad(text: string): PtySessionError {
  return new PtySessionError('BAD_OPTION', `query: ${text}`)
}
