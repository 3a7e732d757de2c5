import { guardCounts, guardErase, unfinishedCharacter } from '@conductor/terminal-state'
import type { Terminal } from '@xterm/xterm'
import type { TerminalScreen } from './screen.ts'

/**
 * Three faults of xterm.js 6.0.0, kept away: one erase of a screen without scrollback freezes it for good, and so
 * does a count of two thousand million; a character of U+2000 to U+203F (dashes and quotes) breaks where a
 * piece of output ends before its last byte.
 */
export function mendScreen(terminal: Terminal): TerminalScreen {
  /** The beginning of a character whose end is still to come. */
  let held = new Uint8Array()
  guardErase(terminal)
  guardCounts(terminal)
  return {
    get cols() {
      return terminal.cols
    },
    get rows() {
      return terminal.rows
    },
    get parser() {
      return terminal.parser
    },
    write(data, callback) {
      if (typeof data === 'string') {
        // Of our own making: what was begun before ends here.
        held = new Uint8Array()
        terminal.write(data, callback)
        return
      }
      const all = held.length === 0 ? data : joined(held, data)
      const whole = all.length - unfinishedCharacter(all)
      held = all.slice(whole)
      terminal.write(all.subarray(0, whole), callback)
    },
    resize: (cols, rows) => terminal.resize(cols, rows),
    onData: (listener) => terminal.onData(listener),
    onBinary: (listener) => terminal.onBinary(listener),
    onBell: (listener) => terminal.onBell(listener),
    onTitleChange: (listener) => terminal.onTitleChange(listener),
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  return all
}
