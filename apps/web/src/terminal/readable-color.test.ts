import { expect, it } from 'vitest'
import { readableColor } from './readable-color.ts'

const DARK = { background: '#101114', foreground: '#d9dbe1', red: '#f2777a' }
const LIGHT = { background: '#fdfdfc', foreground: '#24262d', brightWhite: '#50535c' }

it.each([
  [1, DARK, 'rgb(242 119 122)'],
  ['#ffffff', DARK, 'rgb(255 255 255)'],
  [15, LIGHT, 'rgb(80 83 92)'],
  [231, DARK, 'rgb(255 255 255)'],
  [250, DARK, 'rgb(188 188 188)'],
])('%s is the colour that the theme or the palette says', (color, theme, shown) => {
  expect(readableColor(color, theme)).toBe(shown)
})

it.each([
  ['#000000', DARK],
  ['#ffffff', LIGHT],
  ['#ffff00', LIGHT],
  [16, DARK],
])('%s, which could not be read, is moved towards the text', (color, theme) => {
  const [red = 0, green = 0, blue = 0] = (readableColor(color, theme).match(/\d+/g) ?? []).map(
    Number,
  )
  const bright = (red + green + blue) / 3
  expect(theme === DARK ? bright > 110 : bright < 150).toBe(true)
})
