import type { Terminal } from '@xterm/headless'
import { coreOf } from './xterm-parts.ts'

const ABOVE = 1

/**
 * Keeps xterm.js 6.0.0 from failing over ED 1 in the last cell of a screen without scrollback: it looks for
 * the line below, which is not there, throws, and parses nothing any more. Here the same is erased without.
 */
export function guardErase(terminal: Terminal): void {
  const core = coreOf(terminal)
  const handler = core._inputHandler

  function erase(what: unknown, respectProtect: boolean): boolean {
    const { active } = core._bufferService.buffers
    const isLast = active.x + 1 >= terminal.cols && !active.lines.get(active.y + 1)
    if (what !== ABOVE || !isLast) return false
    handler.eraseInLine({ params: [ABOVE] }, respectProtect)
    for (let y = active.y - 1; y >= 0; y--) handler._resetBufferLine(y, respectProtect)
    return true
  }

  terminal.parser.registerCsiHandler({ final: 'J' }, ([what]) => erase(what, false))
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'J' }, ([what]) => erase(what, true))
}
