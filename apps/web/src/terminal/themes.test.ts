import { describe, expect, it } from 'vitest'
import { TERMINAL_THEME_NAMES } from '../settings/theme-names.ts'
import { contrastOf, over, parseColor } from '../testing/contrast.ts'
import { terminalTheme } from './themes.ts'

const LOOKS = TERMINAL_THEME_NAMES.flatMap((name) =>
  (name === 'auto' ? [true, false] : [true]).map((dark) => [name, dark] as const),
)

describe.each(LOOKS)('%s (dark: %s)', (name, dark) => {
  const theme = terminalTheme(name, dark)
  const color = (key: 'background' | 'foreground' | 'cursor' | 'selectionBackground') =>
    parseColor(String(theme[key]))
  const background = color('background')

  it('has text that can be read, as WCAG AA asks', () => {
    expect(contrastOf(color('foreground'), background)).toBeGreaterThanOrEqual(4.5)
  })

  it('has text that can be read where it is marked', () => {
    const marked = over(color('selectionBackground'), background)
    expect(contrastOf(color('foreground'), marked)).toBeGreaterThanOrEqual(3)
  })

  it('has a cursor that can be found', () => {
    expect(contrastOf(color('cursor'), background)).toBeGreaterThanOrEqual(3)
  })
})

it('high contrast has seven to one, for text and all that stands for an error, a success or a warning', () => {
  const theme = terminalTheme('high-contrast', true)
  const background = parseColor(String(theme.background))
  for (const key of ['foreground', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan'] as const)
    expect(contrastOf(parseColor(String(theme[key])), background)).toBeGreaterThanOrEqual(7)
})
