import type { ITheme } from '@xterm/xterm'

/** The colours of a terminal in a dark room; `--terminal-background` in tokens.css is the same one. */
const DARK: ITheme = {
  background: '#101114',
  foreground: '#d9dbe1',
  cursor: '#8ea2ff',
  cursorAccent: '#101114',
  selectionBackground: '#3d5afe59',
  black: '#2b2d34',
  red: '#f2777a',
  green: '#8bc98b',
  yellow: '#e6c06a',
  blue: '#7aa5f8',
  magenta: '#c79bf2',
  cyan: '#6cc7cf',
  white: '#cfd2da',
  brightBlack: '#767a87',
  brightRed: '#ff9a9c',
  brightGreen: '#a9dfa6',
  brightYellow: '#f4d68f',
  brightBlue: '#9dbdff',
  brightMagenta: '#dab9ff',
  brightCyan: '#8fdde4',
  brightWhite: '#ffffff',
}

/** And in a bright one. */
const LIGHT: ITheme = {
  background: '#fdfdfc',
  foreground: '#24262d',
  cursor: '#3d5afe',
  cursorAccent: '#fdfdfc',
  selectionBackground: '#3d5afe33',
  black: '#24262d',
  red: '#c4262e',
  green: '#23773a',
  yellow: '#8a6100',
  blue: '#2456d6',
  magenta: '#8b3fc4',
  cyan: '#0b7285',
  white: '#8b8f9a',
  brightBlack: '#6b6f7a',
  brightRed: '#d9434b',
  brightGreen: '#2f8f49',
  brightYellow: '#a67600',
  brightBlue: '#3f6ff0',
  brightMagenta: '#a35bdb',
  brightCyan: '#14889d',
  brightWhite: '#50535c',
}

export function terminalTheme(dark: boolean): ITheme {
  return dark ? DARK : LIGHT
}
