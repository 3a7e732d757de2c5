import type { Terminal } from '@xterm/headless'
import {
  coreOf,
  emptyCell,
  type XtermAttributes,
  type XtermBuffer,
  type XtermCore,
} from '../emulator/xterm-parts.ts'

const UNDERLINE = 0x10000000
const EXTENDED = 0x10000000
const COLOR = 0x3ffffff
const RGB = 0x3000000

/** What is compared: everything of a terminal that anybody could see, now or later. */
export interface VisibleState {
  readonly [part: string]: unknown
}

/**
 * All that a terminal is, as plain data.
 *
 * @param scrollbackLines How many lines above the screen count.
 */
export function stateOf(terminal: Terminal, scrollbackLines: number): VisibleState {
  const core = coreOf(terminal)
  const { normal, alt, active } = core._bufferService.buffers
  const { _parser, _curAttrData, _windowTitle } = core._inputHandler
  const { decPrivateModes, modes, isCursorHidden } = core.coreService
  const { charset, glevel, _charsets } = core._charsetService
  const { convertEol, cursorBlink } = core.optionsService.rawOptions
  return {
    screen: active === alt ? 'alternate' : 'normal',
    normal: bufferOf(terminal, core, normal, scrollbackLines),
    alternate: active === alt ? bufferOf(terminal, core, alt, 0) : savedOf(core, alt, terminal),
    cursor: [active.x, active.y],
    pen: attributes(core, _curAttrData, true),
    modes: { ...decPrivateModes, ...modes, isCursorHidden, convertEol, cursorBlink },
    mouse: [core.coreMouseService.activeProtocol, core.coreMouseService.activeEncoding],
    charsets: [charset, glevel, ...[0, 1, 2, 3].map((level) => _charsets[level])].map((each) =>
      JSON.stringify(each ?? null),
    ),
    title: _windowTitle,
    parser: _parser.currentState,
    joins: joinsOf(_parser.precedingJoinState),
  }
}

function bufferOf(
  terminal: Terminal,
  core: XtermCore,
  buffer: XtermBuffer,
  scrollbackLines: number,
): unknown {
  const { rows, cols } = terminal
  const first = Math.max(buffer.ybase - scrollbackLines, 0)
  const lines: unknown[] = []
  const cell = emptyCell(terminal)
  for (let y = first; y < buffer.ybase + rows; y++) {
    const line = buffer.lines.get(y)
    let text = y > first && line?.isWrapped ? '+ ' : '- '
    let before = ''
    for (let x = 0; line && x < cols; x++) {
      line.loadCell(x, cell)
      const look = attributes(core, cell, false)
      if (look !== before) text += `{${look}}`
      before = look
      const chars = cell.getChars()
      text += chars === '' ? (cell.getWidth() === 1 ? '·' : '') : chars
      if (cell.getWidth() !== 1) text += `<${cell.getWidth()}>`
    }
    lines.push(text)
  }
  return {
    lines,
    region: [buffer.scrollTop, buffer.scrollBottom],
    tabs: [...Array(cols).keys()].filter((x) => buffer.tabs[x]),
    saved: savedOf(core, buffer, terminal),
  }
}

/** What DECRC would bring back. */
function savedOf(core: XtermCore, buffer: XtermBuffer, { cols, rows }: Terminal): unknown {
  const { savedX, savedY, ybase, savedCharset, savedCurAttrData } = buffer
  return [
    Math.min(savedX, cols - 1),
    Math.min(Math.max(savedY - ybase, 0), rows - 1),
    JSON.stringify(savedCharset ?? null),
    attributes(core, savedCurAttrData, false),
  ]
}

function attributes(core: XtermCore, of: XtermAttributes, isCurrent: boolean): string {
  const { fg, bg, extended } = of
  if (fg === 0 && bg === 0 && !isCurrent) return ''
  const has = isCurrent || (bg & EXTENDED) !== 0
  const style = fg & UNDERLINE ? (has && (extended._ext >> 26) & 7) || 1 : 0
  const link = bg & EXTENDED ? core._oscLinkService.getLinkData(extended.urlId) : undefined
  // The colour of an underline that a cell does not have is nobody's.
  const line = isCurrent || (has && style) ? extended._ext & COLOR : 0
  const words = [plain(fg), plain(bg & ~EXTENDED), style, plain(line)]
  const look = words.map((each) => each.toString(16)).join(',')
  if (link) return `${look} ${link.id ?? ''} ${link.uri}`
  return look === '0,0,0,0' ? '' : look
}

/** Of a palette's colour 8 bits count; xterm leaves what was in the others. */
function plain(word: number): number {
  const isPalette = [0x1000000, 0x2000000].includes(word & RGB)
  return (isPalette ? word & ~0xffff00 : word) >>> 0
}

/** Of the state of the cluster the kind of the last character counts, and its width. */
function joinsOf(state: number): readonly number[] {
  return state === 0 ? [] : [(state >> 3) & 0xf, (state >> 1) & 3]
}
