import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Color, contrastOf, over, parseColor } from '../testing/contrast.ts'

const CSS = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const MODES = ['light', 'dark'] as const
type Mode = (typeof MODES)[number]

/** A colour of tokens.css, in one of its two values. */
function token(name: string, mode: Mode): Color {
  const value = new RegExp(`--${name}: ([^;]+);`).exec(CSS)?.[1] ?? ''
  const pair = /^light-dark\((.+\)?), ((?:#|rgb).+)\)$/.exec(value)
  return parseColor(pair ? String(pair[mode === 'light' ? 1 : 2]) : value)
}

/** The opaque colours that something lies on; what is chosen or pointed at is tinted. */
const SURFACES = ['surface', 'surface-side', 'surface-raised', 'terminal-background']
const TINTS = ['hover', 'selected']

type Ground = readonly [name: string, color: Color]

function plain(mode: Mode): readonly Ground[] {
  return SURFACES.map((surface) => [surface, token(surface, mode)])
}

function tinted(mode: Mode): readonly Ground[] {
  return plain(mode).flatMap(([surface, below]) =>
    TINTS.map((tint): Ground => [`${tint} on ${surface}`, over(token(tint, mode), below)]),
  )
}

/** The pairs that are told apart less well than they must be. */
function tooFaint(
  names: readonly string[],
  grounds: readonly Ground[],
  least: number,
  mode: Mode,
): readonly string[] {
  return names.flatMap((name) =>
    grounds.flatMap(([ground, below]) => {
      const ratio = contrastOf(token(name, mode), below)
      return ratio < least ? [`${name} on ${ground}: ${ratio.toFixed(2)}`] : []
    }),
  )
}

describe.each(MODES)('in the %s page', (mode) => {
  const everywhere = [...plain(mode), ...tinted(mode)]

  it('every text can be read on every ground, as WCAG AA asks', () => {
    const texts = ['text', 'text-soft', 'accent-text', 'warn', 'danger']
    expect(tooFaint(texts, everywhere, 4.5, mode)).toEqual([])
  })

  it('every sign stands out from its ground, also in a row that is chosen', () => {
    expect(tooFaint(['good', 'bell', 'idle'], everywhere, 3, mode)).toEqual([])
  })

  it('what can be operated stands out from its ground', () => {
    expect(tooFaint(['control-line', 'accent'], plain(mode), 3, mode)).toEqual([])
  })

  it.each([
    ['on-accent', 'accent'],
    ['on-accent', 'accent-hover'],
    ['on-tooltip', 'tooltip'],
  ])('%s can be read on %s', (text, ground) => {
    expect(contrastOf(token(text, mode), token(ground, mode))).toBeGreaterThanOrEqual(4.5)
  })

  it.each(['danger', 'text', 'text-soft'])(
    '%s can be read on a key and on soft grounds',
    (name) => {
      const raised = token('surface-raised', mode)
      const soft = ['danger-soft', 'warn-soft'].map((each) => over(token(each, mode), raised))
      for (const ground of [token('key', mode), ...soft])
        expect(contrastOf(token(name, mode), ground)).toBeGreaterThanOrEqual(4.5)
    },
  )
})
