import { expect, it } from 'vitest'
import { createStyle } from './style.ts'
import { renderBytes, renderDuration } from './units.ts'

it('colours are for terminals whose user has nothing against them', () => {
  expect(createStyle(true, {})('red', 'x')).toBe('\u001b[31mx\u001b[39m')
  expect(createStyle(false, {})('red', 'x')).toBe('x')
  expect(createStyle(true, { NO_COLOR: '1' })('red', 'x')).toBe('x')
  expect(createStyle(true, { TERM: 'dumb' })('red', 'x')).toBe('x')
})

it.each([
  [-1, '0s'],
  [59_999, '59s'],
  [60_000, '1m 0s'],
  [7_384_000, '2h 3m'],
  [1_047_600_000, '12d 3h'],
])('%i ms are %s', (ms, text) => {
  expect(renderDuration(ms)).toBe(text)
})

it.each([
  [512, '512 B'],
  [1_024, '1.0 KiB'],
  [45_200_000, '43.1 MiB'],
  [3 * 2 ** 40, '3.0 TiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(renderBytes(bytes)).toBe(text)
})
