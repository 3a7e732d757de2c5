/** The colours a terminal can have. `auto` is `light` or `dark`, as the page is. */
export const TERMINAL_THEME_NAMES = [
  'auto',
  'light',
  'dark',
  'high-contrast',
  'solarized-light',
  'solarized-dark',
  'dracula',
  'nord',
] as const

export type TerminalThemeName = (typeof TERMINAL_THEME_NAMES)[number]

export const TERMINAL_THEME_TITLES: Readonly<Record<TerminalThemeName, string>> = {
  auto: 'Like the page',
  light: 'Light',
  dark: 'Dark',
  'high-contrast': 'High contrast',
  'solarized-light': 'Solarized light',
  'solarized-dark': 'Solarized dark',
  dracula: 'Dracula',
  nord: 'Nord',
}
