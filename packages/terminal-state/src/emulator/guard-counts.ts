import type { Terminal } from '@xterm/headless'
import { coreOf } from './xterm-parts.ts'

/**
 * Keeps ten bytes of output from stopping xterm.js 6.0.0 for good: it scrolls, inserts, tabs and repeats as often as
 * it is told, up to two thousand million times, one by one. Nothing that can be seen changes after as
 * many times as the screen has lines, columns, or cells.
 */
export function guardCounts(terminal: Terminal): void {
  const handler = coreOf(terminal)._inputHandler
  const guard = (
    final: string,
    most: () => number,
    act: (count: { readonly params: readonly number[] }) => boolean,
  ): void => {
    terminal.parser.registerCsiHandler({ final }, ([count]) => {
      if (typeof count !== 'number' || count <= most()) return false
      return act({ params: [most()] })
    })
  }
  const lines = (): number => terminal.rows
  const columns = (): number => terminal.cols
  const cells = (): number => terminal.cols * terminal.rows

  guard('I', columns, (count) => handler.cursorForwardTab(count))
  guard('Z', columns, (count) => handler.cursorBackwardTab(count))
  guard('L', lines, (count) => handler.insertLines(count))
  guard('M', lines, (count) => handler.deleteLines(count))
  guard('S', lines, (count) => handler.scrollUp(count))
  guard('T', lines, (count) => handler.scrollDown(count))
  guard('b', cells, (count) => handler.repeatPrecedingCharacter(count))
}
