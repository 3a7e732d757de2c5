import { systemClock } from '@conductor/machine'
import type { Terminal } from '@xterm/headless'
import { checkOptions, checkSize, type TerminalSize } from './check-options.ts'
import { createColorTable } from './emulator/colors.ts'
import { loadXterm } from './emulator/load-xterm.ts'
import { watchRedraw } from './emulator/redraw.ts'
import { coreOf, emptyCell } from './emulator/xterm-parts.ts'
import type { TerminalQuery } from './output-events.ts'
import { fixedReply, unanswered } from './replies.ts'
import { createCut, lastOpening, unfinishedCharacter } from './scanner/cut.ts'
import type { OutputPlace } from './scanner/output-scanner.ts'
import { takeSnapshot } from './snapshot/take-snapshot.ts'
import { TerminalStateError } from './terminal-state-error.ts'
import type { TerminalState, TerminalStateOptions } from './types.ts'

/** How much is parsed between two looks at the clock, in bytes: some 0.1 to 0.3 ms. */
const SLICE_BYTES = 4 * 1024
const BLINKS_BY_DEFAULT = true
/** Brings a parser to ground, whatever it was at. */
const CANCEL = Buffer.from('\x18')
/** Of xterm.js's parser. */
const GROUND = 0

/**
 * Makes an emulator. Loads it first, which takes some 100 ms once: make one when it is needed.
 *
 * @throws TerminalStateError `BAD_OPTION`; `EMULATOR` when the installed xterm is not the one we know.
 */
export async function createTerminalState(options: TerminalStateOptions): Promise<TerminalState> {
  const {
    cols,
    rows,
    scrollback,
    onReply = () => {},
    place,
    clock = systemClock,
  } = checkOptions(options)
  let ownColors = options.colors ?? {}
  let colors = createColorTable(ownColors)
  const xterm = await loadXterm()

  let offset = 0
  let exact = true
  let size: TerminalSize = { cols, rows }
  let resizes: { readonly offset: number; readonly size: TerminalSize }[] = []
  let waiting: TerminalQuery[] = []
  /** What xterm says while a query is parsed that somebody waits for; `undefined` at any other time. */
  let heard: string | undefined
  let cut = createCut()
  /** The beginning of a character, read and not parsed. */
  let held: Buffer = Buffer.alloc(0)
  let isClosed = false
  let terminal = make()
  let core = coreOf(terminal)
  const cell = emptyCell(terminal)

  function make(): Terminal {
    const made = xterm.make({ ...size, scrollback })
    const hear = (answer: string): void => {
      if (heard !== undefined) heard += answer
    }
    made.onData(hear)
    coreOf(made)._inputHandler.onColor((requests) => hear(colors.handle(requests)))
    return made
  }

  function begin(at: OutputPlace): void {
    exact = at.offset === 0
    offset = at.offset
    cut = createCut()
    held = Buffer.alloc(0)
    for (const bytes of [at.prelude, at.pending]) if (bytes.length > 0) parse(asBuffer(bytes))
    if (!exact) untilRedrawn()
  }

  function untilRedrawn(): void {
    watchRedraw(terminal, (isAll) => {
      exact = true
      if (isAll || terminal.buffer.active.type === 'normal') return
      // What the other screen held when the alternate one was entered is not known.
      const watch = terminal.buffer.onBufferChange(() => {
        watch.dispose()
        exact = false
        untilRedrawn()
      })
    })
  }

  /**
   * xterm.js 6.0.0 breaks a character that is cut behind a byte 0x80 (U+2014 and its block, cut before
   * its last byte), so it gets whole ones only.
   */
  function parse(more: Buffer): void {
    const all = held.length > 0 ? Buffer.concat([held, more]) : more
    const bytes = all.subarray(0, all.length - unfinishedCharacter(all))
    held = Buffer.from(all.subarray(bytes.length))
    if (bytes.length === 0) return
    try {
      core._inputHandler.parse(bytes)
    } catch {
      // A fault of xterm.js, which loses the rest of the slice. One is known, and guarded against: see guard-erase.ts.
      core._inputHandler.parse(CANCEL)
      if (exact) untilRedrawn()
      exact = false
    }
    cut.note(
      bytes,
      core._inputHandler._parser.currentState === GROUND ? undefined : lastOpening(bytes),
    )
  }

  /** Reads one byte on, which completes the query. */
  function answer(query: TerminalQuery, last: Buffer): void {
    heard = ''
    parse(last)
    const said = heard
    heard = undefined
    if (said) onReply({ query, bytes: Buffer.from(said) })
  }

  function feed(chunk: Uint8Array, budgetMs = Number.POSITIVE_INFINITY): number {
    guard()
    const bytes = asBuffer(chunk)
    const until = budgetMs === Number.POSITIVE_INFINITY ? budgetMs : clock.now() + budgetMs
    let at = 0
    while (at < bytes.length) {
      resizeHere()
      const [query] = waiting
      const [next] = resizes
      const isLast = query !== undefined && query.end === offset + 1
      const room = Math.min(
        SLICE_BYTES,
        bytes.length - at,
        (next?.offset ?? Number.POSITIVE_INFINITY) - offset,
        isLast ? 1 : (query?.end ?? Number.POSITIVE_INFINITY) - offset - 1,
      )
      const slice = bytes.subarray(at, at + room)
      // Before anything is told: whoever hears an answer may ask where we are.
      at += room
      offset += room
      if (isLast) {
        waiting.shift()
        answer(query, slice)
      } else parse(slice)
      if (isClosed || (until !== Number.POSITIVE_INFINITY && clock.now() >= until)) break
    }
    if (!isClosed) resizeHere()
    return at
  }

  function resizeHere(): void {
    while (resizes[0] && resizes[0].offset <= offset) {
      size = resizes[0].size
      resizes.shift()
      terminal.resize(size.cols, size.rows)
    }
  }

  function ask(query: TerminalQuery): 'answered' | 'waiting' | 'ignored' {
    guard()
    if (unanswered(query) !== undefined || query.end <= offset) return 'ignored'
    const fixed = waiting.length === 0 ? fixedReply(query) : undefined
    if (!fixed) {
      waiting.push(query)
      return 'waiting'
    }
    onReply({ query, bytes: fixed })
    return 'answered'
  }

  function guard(): void {
    if (isClosed)
      throw new TerminalStateError('CLOSED', 'this terminal state was closed: make another')
  }

  if (place) begin(place)

  return {
    get offset() {
      return offset
    },
    get size() {
      return size
    },
    get exact() {
      return exact
    },
    get waitingFor() {
      return waiting[0]?.end
    },
    feed,
    resize(from, to) {
      guard()
      checkSize(to)
      if (from < (resizes.at(-1)?.offset ?? offset))
        throw new TerminalStateError(
          'OUT_OF_ORDER',
          `resize at ${from}, and ${resizes.at(-1)?.offset ?? offset} is behind that: tell resizes in order, before the output that follows them`,
        )
      resizes.push({ offset: from, size: { cols: to.cols, rows: to.rows } })
      resizeHere()
    },
    setColors(next) {
      guard()
      colors.setDefaults(next)
      ownColors = next
    },
    ask,
    skipTo(to) {
      guard()
      if (to.offset < offset)
        throw new TerminalStateError(
          'OUT_OF_ORDER',
          `skip to ${to.offset}: ${offset} has been read`,
        )
      const passed = waiting.filter(({ end }) => end <= to.offset)
      waiting = waiting.filter(({ end }) => end > to.offset)
      size = resizes.findLast((each) => each.offset <= to.offset)?.size ?? size
      resizes = resizes.filter((each) => each.offset > to.offset)
      colors = createColorTable(ownColors)
      terminal.dispose()
      terminal = make()
      core = coreOf(terminal)
      begin(to)
      exact = false
      for (const query of passed) {
        const bytes = fixedReply(query)
        if (bytes) onReply({ query, bytes })
      }
    },
    snapshot({ scrollbackLines = 0 } = {}) {
      guard()
      const bytes = takeSnapshot({
        core,
        cell,
        ...size,
        scrollbackLines,
        blinksByDefault: BLINKS_BY_DEFAULT,
        palette: colors.prelude(),
        pending: cut.bytes(),
        charsetFlag: xterm.charsetFlag,
      })
      return { offset: offset - held.length, ...size, bytes, exact }
    },
    close() {
      if (isClosed) return
      isClosed = true
      waiting = []
      resizes = []
      terminal.dispose()
    },
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
