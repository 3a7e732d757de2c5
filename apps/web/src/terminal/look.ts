import type { ITerminalOptions } from '@xterm/xterm'
import type { Settings } from '../settings/schema.ts'
import { terminalTheme } from './themes.ts'

const FONTS = [
  'ui-monospace',
  '"SF Mono"',
  '"JetBrains Mono"',
  '"Cascadia Code"',
  'Menlo',
  'Consolas',
  '"DejaVu Sans Mono"',
  '"Liberation Mono"',
  'monospace',
].join(', ')

/** How a terminal looks and behaves: settings, and whether the page is dark. */
export interface TerminalLook {
  readonly settings: Settings
  readonly dark: boolean
}

/** The options of xterm that settings decide; `lineHeight` is the renderer's. */
export function lookOptions({ settings, dark }: TerminalLook): Partial<ITerminalOptions> {
  const { fontFamily, fontSize, cursorStyle, cursorBlink, screenReader, scrollbackLines } = settings
  return {
    cursorBlink,
    cursorStyle,
    fontFamily: fontFamily.trim() ? `${fontFamily.trim()}, ${FONTS}` : FONTS,
    fontSize,
    screenReaderMode: screenReader,
    scrollback: scrollbackLines,
    theme: terminalTheme(settings.terminalTheme, dark),
  }
}
