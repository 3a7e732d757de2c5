import type { IFunctionIdentifier } from '@xterm/xterm'
import type { TerminalScreen } from './screen.ts'

/** Queries in the form CSI … that a terminal answers with input, whatever their parameters are. */
const CSI_QUERIES: readonly IFunctionIdentifier[] = [
  { final: 'n' }, // DSR: status, cursor position
  { prefix: '?', final: 'n' }, // DECDSR: cursor position, colour scheme, …
  { final: 'c' }, // DA1
  { prefix: '>', final: 'c' }, // DA2
  { prefix: '=', final: 'c' }, // DA3
  { prefix: '>', final: 'q' }, // XTVERSION
  { prefix: '?', final: 'u' }, // kitty's keyboard flags
  { prefix: '?', intermediates: '$', final: 'p' }, // DECRQM
  { intermediates: '$', final: 'p' }, // DECRQM for ANSI modes
]

/** DECRQSS and XTGETTCAP. */
const DCS_QUERIES: readonly IFunctionIdentifier[] = [
  { intermediates: '$', final: 'q' },
  { intermediates: '+', final: 'q' },
]

/** Colours: palette, special, text, background, cursor, pointer, highlight. With `?` they ask, else they set. */
const OSC_COLORS: readonly number[] = [4, 5, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]

/** The operations of XTWINOPS that report: the others iconify, push titles and so on. */
const WINDOW_REPORTS: ReadonlySet<unknown> = new Set([11, 13, 14, 15, 16, 18, 19, 20, 21])

const FOCUS_MODE = 1004

/** Keeps the terminal from answering queries that are not its own to answer. */
export interface ReplyGate {
  /** Whether `data`, which the terminal wants to send just now, is an answer that nobody wants. */
  swallows(data: string): boolean
  /** A chunk was parsed: what it provoked has been sent by now. */
  parsed(): void
}

export interface ReplyGateOptions {
  /** Asked while a query is parsed: whether it is live, and this viewer the one to answer. */
  readonly mayAnswer: () => boolean
  /** The same for what a mode tells of the window as soon as it is set: nobody but a viewer knows that. */
  readonly mayReport: () => boolean
}

/**
 * A program's query is output like any other, so it comes again with a replay, and to every viewer.
 * Whoever types an answer to that types rubbish into the shell.
 */
export function createReplyGate(
  parser: TerminalScreen['parser'],
  { mayAnswer, mayReport }: ReplyGateOptions,
): ReplyGate {
  /** Answers that the chunk being parsed will still provoke: those cannot be stopped, only dropped. */
  let unwanted = 0

  const drop = (isWanted: boolean, count: number): false => {
    if (!isWanted) unwanted += count
    return false
  }

  for (const id of CSI_QUERIES) parser.registerCsiHandler(id, () => !mayAnswer())
  for (const id of DCS_QUERIES) parser.registerDcsHandler(id, () => !mayAnswer())
  // One OSC may set some colours and ask for others, so the terminal has to see it.
  for (const id of OSC_COLORS)
    parser.registerOscHandler(id, (data) =>
      drop(mayAnswer(), data.split(';').filter((p) => p === '?').length),
    )
  parser.registerCsiHandler(
    { final: 't' },
    ([operation]) => WINDOW_REPORTS.has(operation) && !mayAnswer(),
  )
  // Turning focus reports on is answered with one at once.
  parser.registerCsiHandler({ prefix: '?', final: 'h' }, (modes) =>
    drop(mayReport(), modes.filter((mode) => mode === FOCUS_MODE).length),
  )

  return {
    swallows() {
      if (unwanted === 0) return false
      unwanted--
      return true
    },
    parsed() {
      unwanted = 0
    },
  }
}
