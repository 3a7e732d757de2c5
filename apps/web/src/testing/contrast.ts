/** Red, green and blue from 0 to 255, and how much of it covers what is below. */
export interface Color {
  readonly rgb: readonly [number, number, number]
  readonly alpha: number
}

/** Reads `#rrggbb`, `#rrggbbaa` and `rgb(r g b / a%)`. @throws for anything else. */
export function parseColor(text: string): Color {
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})([\da-f]{2})?$/i.exec(text)
  if (hex) {
    const [red = 0, green = 0, blue = 0, alpha = 255] = hex
      .slice(1)
      .flatMap((part) => (part === undefined ? [] : [Number.parseInt(part, 16)]))
    return { rgb: [red, green, blue], alpha: alpha / 255 }
  }
  const parts = /^rgb\((\d+) (\d+) (\d+)(?: \/ ([\d.]+)%)?\)$/.exec(text)
  if (!parts) throw new Error(`no colour that this reads: ${text}`)
  const [red = 0, green = 0, blue = 0] = parts.slice(1, 4).map(Number)
  return { rgb: [red, green, blue], alpha: parts[4] === undefined ? 1 : Number(parts[4]) / 100 }
}

/** What is seen where a colour lies over an opaque one. */
export function over({ rgb, alpha }: Color, below: Color): Color {
  const at = (index: 0 | 1 | 2): number => rgb[index] * alpha + below.rgb[index] * (1 - alpha)
  return { rgb: [at(0), at(1), at(2)], alpha: 1 }
}

/** From 1 to 21. @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
export function contrastOf(a: Color, b: Color): number {
  const lights = [luminance(a), luminance(b)]
  return (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05)
}

function luminance({ rgb: [red, green, blue] }: Color): number {
  const linear = (value: number): number => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}
