import type { TerminalColors } from '@conductor/session-client'
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

/** What a program is told that asks: xterm's own where the theme says nothing. */
export function lookColors({ settings, dark }: TerminalLook): TerminalColors {
  const {
    foreground = '#ffffff',
    background = '#000000',
    cursor = foreground,
  } = terminalTheme(settings.terminalTheme, dark)
  return { foreground, background, cursor }
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
