import type { ITheme } from '@xterm/xterm'
import type { TerminalThemeName } from '../settings/theme-names.ts'

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

/** Full brightness on black, for those who need it. */
const HIGH_CONTRAST: ITheme = {
  ...DARK,
  background: '#000000',
  foreground: '#ffffff',
  cursor: '#ffff00',
  cursorAccent: '#000000',
  selectionBackground: '#ffffff66',
  black: '#000000',
  red: '#ff6b6b',
  green: '#4dff4d',
  yellow: '#ffff33',
  blue: '#6fa8ff',
  magenta: '#ff7bff',
  cyan: '#33ffff',
  white: '#ffffff',
  brightBlack: '#b0b0b0',
}

/** @see https://ethanschoonover.com/solarized/ */
const SOLARIZED = {
  black: '#073642',
  red: '#dc322f',
  green: '#859900',
  yellow: '#b58900',
  blue: '#268bd2',
  magenta: '#d33682',
  cyan: '#2aa198',
  white: '#eee8d5',
  brightBlack: '#586e75',
  brightRed: '#cb4b16',
  brightGreen: '#859900',
  brightYellow: '#b58900',
  brightBlue: '#839496',
  brightMagenta: '#6c71c4',
  brightCyan: '#93a1a1',
  brightWhite: '#fdf6e3',
}

/** @see https://draculatheme.com/spec */
const DRACULA: ITheme = {
  background: '#282a36',
  foreground: '#f8f8f2',
  cursor: '#f8f8f2',
  cursorAccent: '#282a36',
  selectionBackground: '#44475acc',
  black: '#21222c',
  red: '#ff5555',
  green: '#50fa7b',
  yellow: '#f1fa8c',
  blue: '#bd93f9',
  magenta: '#ff79c6',
  cyan: '#8be9fd',
  white: '#f8f8f2',
  brightBlack: '#6272a4',
  brightRed: '#ff6e6e',
  brightGreen: '#69ff94',
  brightYellow: '#ffffa5',
  brightBlue: '#d6acff',
  brightMagenta: '#ff92df',
  brightCyan: '#a4ffff',
  brightWhite: '#ffffff',
}

/** @see https://www.nordtheme.com/docs/colors-and-palettes */
const NORD: ITheme = {
  background: '#2e3440',
  foreground: '#d8dee9',
  cursor: '#d8dee9',
  cursorAccent: '#2e3440',
  selectionBackground: '#4c566acc',
  black: '#3b4252',
  red: '#bf616a',
  green: '#a3be8c',
  yellow: '#ebcb8b',
  blue: '#81a1c1',
  magenta: '#b48ead',
  cyan: '#88c0d0',
  white: '#e5e9f0',
  brightBlack: '#7b88a1',
  brightRed: '#bf616a',
  brightGreen: '#a3be8c',
  brightYellow: '#ebcb8b',
  brightBlue: '#81a1c1',
  brightMagenta: '#b48ead',
  brightCyan: '#8fbcbb',
  brightWhite: '#eceff4',
}

const THEMES: Readonly<Record<Exclude<TerminalThemeName, 'auto'>, ITheme>> = {
  light: LIGHT,
  dark: DARK,
  'high-contrast': HIGH_CONTRAST,
  'solarized-light': {
    ...SOLARIZED,
    background: '#fdf6e3',
    foreground: '#586e75',
    cursor: '#586e75',
    cursorAccent: '#fdf6e3',
    selectionBackground: '#93a1a155',
  },
  'solarized-dark': {
    ...SOLARIZED,
    background: '#002b36',
    foreground: '#93a1a1',
    cursor: '#93a1a1',
    cursorAccent: '#002b36',
    selectionBackground: '#586e7588',
  },
  dracula: DRACULA,
  nord: NORD,
}

/** @param dark Whether the page is dark, for `auto`. */
export function terminalTheme(name: TerminalThemeName, dark: boolean): ITheme {
  return THEMES[name === 'auto' ? (dark ? 'dark' : 'light') : name]
}
