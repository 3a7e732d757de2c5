import { PLAIN, readAnsi, type Span, type Style } from './ansi.ts'

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** One line of a log, ready to be shown. */
export interface LogLine {
  /** From 0, and never used again; lines that went at the front leave no gap behind them. */
  readonly id: number
  /** What is to be read: found in, measured and copied. */
  readonly text: string
  readonly spans: readonly Span[]
  readonly level?: Level | undefined
}

/** As pino and bunyan number them. */
const NUMBERED: readonly (readonly [number, Level])[] = [
  [60, 'fatal'],
  [50, 'error'],
  [40, 'warn'],
  [30, 'info'],
  [20, 'debug'],
  [10, 'trace'],
]

const WORDS: Readonly<Record<string, Level>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  fatal: 'fatal',
  crit: 'fatal',
  critical: 'fatal',
  panic: 'fatal',
  alert: 'fatal',
  emerg: 'fatal',
}

const WORD = new RegExp(`\\b(?:${Object.keys(WORDS).join('|').toUpperCase()})\\b`)
/** Small letters mean a level only where they are set off, as in `[info]` and `level=warn`. */
const MARKED = new RegExp(`(?:\\[|level[=:] ?"?)(${Object.keys(WORDS).join('|')})\\b`, 'i')
/** A level stands at the beginning. */
const LOOKED_AT = 80

const TIME_KEYS = ['time', 'timestamp', 'ts', '@timestamp']
const TEXT_KEYS = ['msg', 'message', 'event', 'text']
const LEVEL_KEYS = ['level', 'severity', 'lvl', 'log.level']

/** Longer JSON is shown as it is. */
const MOST_JSON = 20_000

/**
 * Reads a line as a program wrote it: JSON as time, level, words and fields, colours as they were meant.
 *
 * @param before How the line before ended.
 */
export function readLine(
  id: number,
  raw: string,
  before: Style = PLAIN,
  pretty = true,
): { readonly line: LogLine; readonly after: Style } {
  const json = pretty ? readJson(raw) : undefined
  if (json) return { line: { id, ...json }, after: before }
  const { text, spans, after } = readAnsi(raw, before)
  return { line: { id, text, spans, level: levelOf(text) }, after }
}

export function levelOf(text: string): Level | undefined {
  const begin = text.slice(0, LOOKED_AT)
  const word = MARKED.exec(begin)?.[1] ?? WORD.exec(begin)?.[0]
  return word === undefined ? undefined : WORDS[word.toLowerCase()]
}

function readJson(raw: string): Omit<LogLine, 'id'> | undefined {
  const trimmed = raw.trim()
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}') || trimmed.length > MOST_JSON)
    return undefined
  const fields = parse(trimmed)
  if (!fields) return undefined
  const rest = new Map(Object.entries(fields))
  const take = (keys: readonly string[]): unknown => {
    const key = keys.find((each) => rest.has(each))
    const value = key === undefined ? undefined : rest.get(key)
    if (key !== undefined) rest.delete(key)
    return value
  }
  const text = take(TEXT_KEYS)
  // Without words it is data, and not the line of a logger.
  if (typeof text !== 'string') return undefined
  const level = jsonLevel(take(LEVEL_KEYS))
  const time = timeOf(take(TIME_KEYS))
  const spans: Span[] = []
  const add = (words: string, style: Style): void => {
    // A field may hold what steers a terminal, too.
    const clean = readAnsi(words.replaceAll('\n', ' ⏎ ')).text
    if (clean) spans.push({ text: clean, style })
  }
  if (time) add(`${time} `, FAINT)
  if (level) add(`${level.toUpperCase().padEnd(5)} `, { ...LEVEL_STYLES[level], bold: true })
  add(text, PLAIN)
  for (const [key, value] of rest) {
    add(` ${key}=`, FAINT)
    add(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), VALUE)
  }
  return { text: spans.map((span) => span.text).join(''), spans, level }
}

const FAINT: Style = { dim: true }
const VALUE: Style = { color: '6' }

const LEVEL_STYLES: Readonly<Record<Level, Style>> = {
  trace: { dim: true },
  debug: { color: '4' },
  info: { color: '2' },
  warn: { color: '3' },
  error: { color: '1' },
  fatal: { color: '1', inverse: true },
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    // It begins with a brace, so it is an object.
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return undefined
  }
}

function jsonLevel(value: unknown): Level | undefined {
  if (typeof value === 'number') return NUMBERED.find(([least]) => value >= least)?.[1] ?? 'trace'
  return typeof value === 'string' && Object.hasOwn(WORDS, value.toLowerCase())
    ? WORDS[value.toLowerCase()]
    : undefined
}

/** The time of day, in UTC as logs have it; what is no time stands as it is. */
function timeOf(value: unknown): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined
  const seconds = typeof value === 'number' && value < 1e11
  const date = new Date(seconds ? value * 1_000 : value)
  return Number.isNaN(date.getTime()) ? String(value) : date.toISOString().slice(11, 23)
}
