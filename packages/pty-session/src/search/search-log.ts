import type { LogReader } from '../types.ts'
import { createPlainTexts, type PlainText, type PlainTexts } from './plain-text.ts'
import type { Matcher } from './query.ts'
import { isContinuation, placeOfUnit } from './utf8.ts'

/** In bytes. */
export interface SearchSizes {
  /** Looked at in one go: some milliseconds. */
  readonly windowBytes: number
  /** A longer line is searched in pieces. */
  readonly longestLineBytes: number
  /** What two pieces of one line have in common: room for a match and the sequences in it. */
  readonly overlapBytes: number
}

const SIZES: SearchSizes = {
  windowBytes: 256 * 1024,
  longestLineBytes: 1024 * 1024,
  overlapBytes: 8 * 1024,
}

/** Shown of a line, in UTF-16 units, and of that before its first match. */
const LONGEST_TEXT = 400
const TEXT_BEFORE = 120
const MOST_RANGES = 20

const LF = 0x0a
const CR = 0x0d
const ESC = 0x1b

/** A line that matches. Of one that a program wrote over and over, the last state that matches. */
export interface LineHit {
  /** Where in the log the first match begins. */
  readonly offset: number
  /** Where the line ended that stood before: all before it is still to be searched. */
  readonly before: number
  /** Without escape sequences; of a long line, what stands around the first match. */
  readonly text: string
  /** The matches in `text`, in UTF-16 units: `[from, to]` each, at most 20. */
  readonly ranges: readonly (readonly [number, number])[]
  /** Whether `text` is only a part of the line. */
  readonly isCut: boolean
}

export type LogSearchStep =
  | { readonly type: 'hit'; readonly hit: LineHit }
  /** All from `from` on has been searched, `bytes` of it since the last step. */
  | { readonly type: 'searched'; readonly from: number; readonly bytes: number }
  /** These bytes are not kept. */
  | { readonly type: 'gap'; readonly from: number; readonly to: number }

/** Memory that searches share: it is free whenever one of them says `searched`. */
export interface SearchBuffers {
  readonly sizes: SearchSizes
  readonly raw: Buffer
  readonly texts: PlainTexts
}

/** @param sizes For tests: small ones show every border. */
export function createSearchBuffers(sizes: SearchSizes = SIZES): SearchBuffers {
  const mostBytes = sizes.longestLineBytes + sizes.overlapBytes
  return { sizes, raw: Buffer.allocUnsafeSlow(mostBytes), texts: createPlainTexts(mostBytes) }
}

export interface LogSearchOptions {
  readonly log: LogReader
  /** Searched backwards from here. */
  readonly to: number
  readonly matcher: Matcher
  readonly buffers: SearchBuffers
}

/**
 * The lines of a log that match, the latest first. Looks at each byte once, a window at a time, in
 * memory of a fixed size. Matches lie within one line as the program meant it: see `PlainTexts`.
 *
 * @throws PtySessionError `LOG_UNREADABLE`, `LOG_CORRUPT`
 */
export function* searchBackwards(options: LogSearchOptions): Generator<LogSearchStep, void> {
  const { log, matcher, buffers } = options
  let start = log.start
  let end = Math.min(options.to, log.end)
  /** Behind `end`, of a line that had to be cut there. */
  let overlap = 0
  while (end > start) {
    const window = readWindow(log, start, end, overlap, buffers)
    if (window.kind === 'gap') {
      yield { type: 'gap', from: start, to: Math.min(window.to, end) }
      start = window.to
      continue
    }
    const { first, begin, isCut } = window
    const text = buffers.texts.strip(buffers.raw, begin, end + overlap - first)
    if (matcher.mayMatch(text.bytes, text.length)) {
      for (const hit of hitsOf(text, matcher, first, end))
        yield { type: 'hit', hit: { ...hit, before: hit.before ?? first + begin } }
    }
    const from = first + begin
    yield { type: 'searched', from, bytes: end - from }
    overlap = isCut ? Math.min(buffers.sizes.overlapBytes, end + overlap - from) : 0
    end = from
  }
}

type Window =
  /** `raw` holds the log from `first` on; whole lines, or what is left of one, begin at `begin`. */
  | {
      readonly kind: 'lines'
      readonly first: number
      readonly begin: number
      readonly isCut: boolean
    }
  | { readonly kind: 'gap'; readonly to: number }

/** Reads back from `end` until a line begins. */
function readWindow(
  log: LogReader,
  start: number,
  end: number,
  overlap: number,
  { raw, sizes }: SearchBuffers,
): Window {
  for (let size = sizes.windowBytes; ; size = Math.min(size * 2, sizes.longestLineBytes)) {
    const first = Math.max(start, end - size)
    const gap = copy(log, first, end + overlap, raw)
    if (gap !== undefined) return { kind: 'gap', to: gap }
    if (first === start) return { kind: 'lines', first, begin: 0, isCut: false }
    const begin = raw.indexOf(LF) + 1
    if (begin > 0 && begin < end - first) return { kind: 'lines', first, begin, isCut: false }
    if (size >= sizes.longestLineBytes)
      return { kind: 'lines', first, begin: placeToCut(raw, sizes.overlapBytes), isCut: true }
  }
}

/** Where something new begins; at least between two characters. */
function placeToCut(raw: Buffer, withinBytes: number): number {
  for (let at = 0; at < withinBytes; at++) if (raw[at] === ESC || raw[at] === CR) return at
  let at = 0
  while (at < 3 && isContinuation(raw[at] ?? 0)) at++
  return at
}

/** Returns where the log goes on when bytes from `from` on are gone. */
function copy(log: LogReader, from: number, to: number, raw: Buffer): number | undefined {
  for (let at = from; at < to; ) {
    const read = log.read(at)
    if (read.kind === 'gap') return read.to
    // It ended there, or further on, when we began.
    if (read.kind === 'end') return to
    const length = Math.min(read.end - read.start, to - at)
    read.buffer.copy(raw, at - from, read.start, read.start + length)
    read.release()
    at += length
  }
  return undefined
}

type FoundLine = Omit<LineHit, 'before'> & { readonly before: number | undefined }

/** The lines that match, from the last to the first. Matches that begin at `end` or behind are not ours. */
function* hitsOf(
  text: PlainText,
  matcher: Matcher,
  first: number,
  end: number,
): Generator<FoundLine> {
  const { bytes } = text
  for (let lineEnd = text.length; lineEnd > 0; ) {
    const before = bytes.lastIndexOf(LF, lineEnd - 1)
    for (let stateEnd = lineEnd; stateEnd > before + 1; ) {
      let stateStart = stateEnd
      while (stateStart > before + 1 && bytes[stateStart - 1] !== CR) stateStart--
      const found = lineHit(text, matcher, stateStart, stateEnd, first, end)
      if (found) {
        yield { ...found, before: before < 0 ? undefined : first + text.placeOf(before) }
        break
      }
      stateEnd = stateStart - 1
    }
    lineEnd = before
  }
}

function lineHit(
  { bytes, placeOf }: PlainText,
  matcher: Matcher,
  start: number,
  end: number,
  first: number,
  ownedEnd: number,
): Omit<LineHit, 'before'> | undefined {
  if (start >= end) return undefined
  const line = bytes.toString('utf8', start, end)
  const matches = matcher.matches(line, MOST_RANGES)
  const [match] = matches
  if (!match) return undefined
  const isPlain = line.length === end - start
  const at = isPlain ? start + match[0] : placeOfUnit(bytes, start, end, match[0])
  const offset = first + placeOf(at)
  if (offset >= ownedEnd) return undefined
  return { offset, ...shown(line, matches) }
}

/** The part of a line that is worth showing, with its matches. */
function shown(
  line: string,
  matches: readonly (readonly [number, number])[],
): Pick<LineHit, 'text' | 'ranges' | 'isCut'> {
  if (line.length <= LONGEST_TEXT) return { text: line, ranges: matches, isCut: false }
  const from = betweenCharacters(line, Math.max(0, (matches[0]?.[0] ?? 0) - TEXT_BEFORE))
  const to = betweenCharacters(line, Math.min(line.length, from + LONGEST_TEXT))
  const ranges = matches
    .filter(([start]) => start < to)
    .map(([start, end]) => [start - from, Math.min(end, to) - from] as const)
  return { text: line.slice(from, to), ranges, isCut: true }
}

function betweenCharacters(line: string, at: number): number {
  return /[\udc00-\udfff]/.test(line[at] ?? '') ? at + 1 : at
}
