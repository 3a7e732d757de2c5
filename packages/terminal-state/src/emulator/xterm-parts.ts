import type { IBufferCell, Terminal } from '@xterm/headless'
import { TerminalStateError } from '../terminal-state-error.ts'

// What xterm.js has no public name for: half of a terminal's state. Read through here and nowhere else, never
// written, and known for exactly the version that package.json names.

/** How cells are drawn: colours and flags in two words, underlines and links in a third. */
export interface XtermAttributes {
  readonly fg: number
  readonly bg: number
  readonly extended: { readonly _ext: number; readonly urlId: number }
}

export interface XtermCell extends XtermAttributes {
  readonly content: number
  getChars(): string
  getWidth(): number
}

export interface XtermLine {
  readonly isWrapped: boolean
  loadCell(x: number, cell: XtermCell): XtermCell
}

/** A designated character set, known by identity; `undefined` is ASCII. */
export type XtermCharset = object | undefined

export interface XtermBuffer {
  readonly lines: { readonly length: number; get(index: number): XtermLine | undefined }
  readonly ybase: number
  readonly x: number
  readonly y: number
  readonly scrollTop: number
  readonly scrollBottom: number
  readonly tabs: Readonly<Record<number, boolean | undefined>>
  readonly savedX: number
  readonly savedY: number
  readonly savedCurAttrData: XtermAttributes
  readonly savedCharset: XtermCharset
}

/** Colours that a sequence sets, asks for or puts back: 0 to 255, then foreground, background, cursor. */
export interface XtermColorRequest {
  /** 0 asks, 1 sets, 2 puts back. */
  readonly type: number
  readonly index?: number | undefined
  readonly color?: readonly [number, number, number] | undefined
}

/** The numbers of a sequence. */
export interface XtermParams {
  readonly params: readonly number[]
}

export interface XtermCore {
  readonly _inputHandler: {
    readonly _parser: { readonly currentState: number; readonly precedingJoinState: number }
    readonly _curAttrData: XtermAttributes
    readonly _windowTitle: string
    /** Returns a promise only where a handler does, and none of ours does. */
    parse(bytes: Uint8Array): unknown
    eraseInLine(params: XtermParams, respectProtect: boolean): boolean
    cursorForwardTab(params: XtermParams): boolean
    cursorBackwardTab(params: XtermParams): boolean
    insertLines(params: XtermParams): boolean
    deleteLines(params: XtermParams): boolean
    scrollUp(params: XtermParams): boolean
    scrollDown(params: XtermParams): boolean
    repeatPrecedingCharacter(params: XtermParams): boolean
    _resetBufferLine(y: number, respectProtect: boolean): void
    readonly onColor: (listener: (requests: readonly XtermColorRequest[]) => void) => unknown
  }
  readonly _bufferService: {
    readonly buffers: {
      readonly normal: XtermBuffer
      readonly alt: XtermBuffer
      readonly active: XtermBuffer
    }
  }
  readonly coreService: {
    readonly isCursorHidden: boolean
    readonly modes: { readonly insertMode: boolean }
    readonly decPrivateModes: {
      readonly applicationCursorKeys: boolean
      readonly applicationKeypad: boolean
      readonly bracketedPasteMode: boolean
      readonly cursorBlink: boolean | undefined
      readonly cursorStyle: 'block' | 'underline' | 'bar' | undefined
      readonly origin: boolean
      readonly reverseWraparound: boolean
      readonly sendFocus: boolean
      readonly synchronizedOutput: boolean
      readonly wraparound: boolean
    }
  }
  readonly coreMouseService: { readonly activeProtocol: string; readonly activeEncoding: string }
  readonly _charsetService: {
    readonly charset: XtermCharset
    readonly glevel: number
    readonly _charsets: readonly XtermCharset[]
  }
  readonly optionsService: {
    readonly rawOptions: { readonly convertEol: boolean; readonly cursorBlink: boolean }
  }
  readonly _oscLinkService: {
    getLinkData(id: number): { readonly id?: string | undefined; readonly uri: string } | undefined
  }
  readonly unicodeService: { charProperties(codePoint: number, preceding: number): number }
}

export function coreOf(terminal: Terminal): XtermCore {
  // The field is private, so there is no type to ask; the look below stands in for one.
  const core = (terminal as unknown as { _core?: Partial<XtermCore> })._core
  const has =
    typeof core?._inputHandler?.parse === 'function' &&
    typeof core._inputHandler.eraseInLine === 'function' &&
    typeof core._inputHandler._resetBufferLine === 'function' &&
    typeof core._inputHandler._parser?.currentState === 'number' &&
    typeof core._inputHandler._parser.precedingJoinState === 'number' &&
    typeof core._inputHandler._curAttrData?.extended?._ext === 'number' &&
    typeof core._inputHandler.onColor === 'function' &&
    typeof core._bufferService?.buffers?.alt?.savedX === 'number' &&
    typeof core.coreService?.decPrivateModes?.wraparound === 'boolean' &&
    typeof core.coreMouseService?.activeEncoding === 'string' &&
    typeof core._charsetService?.glevel === 'number' &&
    typeof core.optionsService?.rawOptions?.convertEol === 'boolean' &&
    typeof core.unicodeService?.charProperties === 'function' &&
    typeof core._oscLinkService?.getLinkData === 'function'
  if (!has)
    throw new TerminalStateError(
      'EMULATOR',
      'the installed @xterm/headless is not 6.0.0 inside: install the version that package.json names',
    )
  return core as XtermCore
}

/** A cell to load others into. The public one is the same object with fewer names. */
export function emptyCell(terminal: Terminal): XtermCell {
  return terminal.buffer.active.getNullCell() as IBufferCell & XtermCell
}
