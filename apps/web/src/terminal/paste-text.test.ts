import { describe, expect, it } from 'vitest'
import { clipboardText } from './clipboard-text.ts'
import { isRiskyPaste, previewPaste, quotePath } from './paste-text.ts'

describe('a paste', () => {
  it.each([
    ['ls', false, false],
    // The line end that comes with a line is what was copied, and not a second line.
    ['ls\n', false, false],
    ['ls\nrm -rf x', false, true],
    ['ls\rrm', false, true],
    ['ls\nrm', true, false],
  ])('of %j is risky with bracketed paste %s: %s', (text, bracketed, risky) => {
    expect(isRiskyPaste(text, bracketed)).toBe(risky)
  })

  it('is shown with everything that would not be seen', () => {
    expect(previewPaste('a\x1b[31m\r\nb\x7f\n')).toEqual({
      lines: 2,
      text: 'a^[[31m\r\nb^?\n',
      controls: true,
    })
    expect(previewPaste('x'.repeat(10_000)).text).toHaveLength(4_001)
  })
})

it.each([
  ['/tmp/a-b_1.png', '/tmp/a-b_1.png'],
  ['/tmp/a b.png', "'/tmp/a b.png'"],
  ["/tmp/it's", "'/tmp/it'\\''s'"],
  ['/tmp/$(x)', "'/tmp/$(x)'"],
  ['', "''"],
])('the path %s is typed as %s', (path, typed) => {
  expect(quotePath(path)).toBe(typed)
})

it.each([
  [`c;${btoa('hello')}`, 'hello'],
  [`;${btoa('\xc3\xa9')}`, 'é'],
  ['c;?', undefined],
  ['c;', undefined],
  ['c', undefined],
  ['c;%%%', undefined],
  [`c;${btoa('\xff')}`, undefined],
])('OSC 52 with %s puts %s into the clipboard', (data, text) => {
  expect(clipboardText(data)).toBe(text)
})
