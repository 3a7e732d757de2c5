import type { Terminal } from '@xterm/headless'
import { coreOf, emptyCell, type XtermBuffer } from '../emulator/xterm-parts.ts'
import { createTerminalState } from '../terminal-state.ts'
import { freshXterm, write } from './real-xterm.ts'
import { stateOf, type VisibleState } from './state-of.ts'

const EXTENDED = 0x10000000

export interface Differential {
  readonly cols: number
  readonly rows: number
  readonly output: Buffer
  /** Lines of scrollback in every terminal (default: 500). */
  readonly scrollback?: number
  /** Where to cut, ascending (default: before and behind every byte). */
  readonly cuts?: readonly number[]
  /** What follows the output, so that what cannot be seen shows. */
  readonly epilogue?: string
}

export interface Difference {
  readonly at: string
  readonly copy: VisibleState
  readonly original: VisibleState
}

/**
 * state(raw) == state(snapshot + tail), at every cut: right behind the snapshot, and at the end.
 */
export async function findDifference(options: Differential): Promise<Difference | undefined> {
  const { cols, rows, output, scrollback = 500, epilogue = '' } = options
  const { cuts = [...output.keys(), output.length] } = options
  const end = freshXterm(cols, rows, scrollback)
  write(end, output)
  const raw = freshXterm(cols, rows, scrollback)
  const state = await createTerminalState({ cols, rows, scrollback })
  write(end, epilogue)
  let read = 0
  const atEnd = text(end, scrollback)
  const states = [end, raw]
  try {
    for (const cut of cuts) {
      state.feed(output.subarray(state.offset, cut))
      const snapshot = state.snapshot({ scrollbackLines: scrollback })
      write(raw, output.subarray(read, snapshot.offset))
      read = snapshot.offset
      if (isBeyondWords(raw)) continue
      const copy = freshXterm(cols, rows, scrollback)
      states.push(copy)
      write(copy, snapshot.bytes)
      if (text(copy, scrollback) !== text(raw, scrollback))
        return {
          at: `cut at ${cut}`,
          copy: stateOf(copy, scrollback),
          original: stateOf(raw, scrollback),
        }
      write(copy, output.subarray(snapshot.offset))
      write(copy, epilogue)
      if (text(copy, scrollback) !== atEnd)
        return {
          at: `cut at ${cut}, and gone on`,
          copy: stateOf(copy, scrollback),
          original: stateOf(end, scrollback),
        }
      copy.dispose()
    }
    return undefined
  } finally {
    for (const each of states) each.dispose()
    state.close()
  }
}

const text = (terminal: Terminal, lines: number): string => JSON.stringify(stateOf(terminal, lines))

/** The states of the README's limits: those that no output leads to but the one that did. */
export function isBeyondWords(terminal: Terminal): boolean {
  const core = coreOf(terminal)
  const { active, alt, normal } = core._bufferService.buffers
  const { bg, extended } = core._inputHandler._curAttrData
  if (extended.urlId !== 0 && (bg & EXTENDED) === 0) return true
  const { wraparound } = core.coreService.decPrivateModes
  if (!wraparound && active.x >= terminal.cols - 1) return true
  if ([normal, alt].some((buffer) => hasHalves(terminal, buffer))) return true
  const line = active.lines.get(active.ybase + active.y)
  if (active !== alt || active.x < terminal.cols || !line) return false
  return line.loadCell(terminal.cols - 1, emptyCell(terminal)).getChars() === ''
}

/** Whether there is half a wide character: one that takes two columns and has one, or the rest of one. */
function hasHalves(terminal: Terminal, buffer: XtermBuffer): boolean {
  const cell = emptyCell(terminal)
  for (let y = 0; y < buffer.lines.length; y++) {
    let wanted = false
    for (let x = 0; x < terminal.cols; x++) {
      const width = buffer.lines.get(y)?.loadCell(x, cell).getWidth()
      if (wanted !== (width === 0)) return true
      wanted = width === 2
    }
    if (wanted) return true
  }
  return false
}
