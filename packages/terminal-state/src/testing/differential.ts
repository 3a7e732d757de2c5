import type { Terminal } from '@xterm/headless'
import { expect } from 'vitest'
import { createTerminalState } from '../terminal-state.ts'
import { freshXterm, write } from './real-xterm.ts'
import { stateOf } from './state-of.ts'

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

/**
 * state(raw) == state(snapshot + tail), at every cut: right behind the snapshot, and at the end.
 */
export async function expectSameAtEveryCut(options: Differential): Promise<void> {
  const { cols, rows, output, scrollback = 500, epilogue = '' } = options
  const { cuts = [...output.keys(), output.length] } = options
  const end = freshXterm(cols, rows, scrollback)
  write(end, output)
  const raw = freshXterm(cols, rows, scrollback)
  const state = await createTerminalState({ cols, rows, scrollback })
  if (epilogue) write(end, epilogue)
  const atEnd = text(end, scrollback)
  for (const cut of cuts) {
    const more = output.subarray(state.offset, cut)
    write(raw, more)
    state.feed(more)
    const copy = freshXterm(cols, rows, scrollback)
    write(copy, state.snapshot({ scrollbackLines: scrollback }).bytes)
    if (text(copy, scrollback) !== text(raw, scrollback))
      expect(stateOf(copy, scrollback), `cut at ${cut}`).toEqual(stateOf(raw, scrollback))
    write(copy, output.subarray(cut))
    if (epilogue) write(copy, epilogue)
    if (text(copy, scrollback) !== atEnd)
      expect(stateOf(copy, scrollback), `cut at ${cut}, and gone on`).toEqual(
        stateOf(end, scrollback),
      )
    copy.dispose()
  }
  for (const each of [end, raw]) each.dispose()
  state.close()
}

const text = (terminal: Terminal, lines: number): string => JSON.stringify(stateOf(terminal, lines))
