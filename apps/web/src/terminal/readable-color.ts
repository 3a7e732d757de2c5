import type { ITheme } from '@xterm/xterm'

/** What WCAG AA asks of text. */
const LEAST_CONTRAST = 4.5

type Rgb = readonly [number, number, number]

const NAMES = [
  ...(['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const),
  ...(['brightBlack', 'brightRed', 'brightGreen', 'brightYellow'] as const),
  ...(['brightBlue', 'brightMagenta', 'brightCyan', 'brightWhite'] as const),
]

/**
 * A colour of a program as a colour of the page: moved towards the colour of the text until it can be read
 * on the theme's background.
 *
 * @param color 0 to 255, or `#rrggbb`.
 */
export function readableColor(color: number | string, theme: ITheme): string {
  const background = parse(theme.background ?? '#000000')
  const text = parse(theme.foreground ?? '#ffffff')
  const wanted = typeof color === 'string' ? parse(color) : paletteColor(color, theme)
  for (let share = 0; share < 1; share += 0.2) {
    const mixed = mix(wanted, text, share)
    if (contrast(mixed, background) >= LEAST_CONTRAST) return css(mixed)
  }
  return css(text)
}

/** @see https://invisible-island.net/xterm/xterm.faq.html 256 colours: 16 of the theme, a cube of 6, 24 greys */
function paletteColor(index: number, theme: ITheme): Rgb {
  const name = NAMES[index]
  if (name) return parse(theme[name] ?? '#888888')
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return [grey, grey, grey]
  }
  const step = (n: number): number => (n === 0 ? 0 : 55 + 40 * n)
  const cube = index - 16
  return [step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6)]
}

function parse(color: string): Rgb {
  const bits = Number.parseInt(color.slice(1, 7), 16)
  return [(bits >> 16) & 255, (bits >> 8) & 255, bits & 255]
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const at = (index: 0 | 1 | 2): number => Math.round(a[index] * (1 - share) + b[index] * share)
  return [at(0), at(1), at(2)]
}

function css([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`
}

/** @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (value: number): number => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}
