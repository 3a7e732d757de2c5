import { assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PLAIN, readAnsi, type Span } from './ansi.ts'

const spans = (line: string): readonly Span[] => readAnsi(line).spans

describe('a line of a terminal program', () => {
  it('keeps its colours and looks', () => {
    expect(spans('\x1b[32mok\x1b[0m built \x1b[1;31;4mone\x1b[22;39m two')).toEqual([
      { text: 'ok', style: { color: '2' } },
      { text: ' built ', style: PLAIN },
      { text: 'one', style: { bold: true, color: '1', underline: true } },
      { text: ' two', style: { underline: true } },
    ])
    expect(spans('\x1b[94;103mx')[0]?.style).toEqual({ color: '12', background: '11' })
  })

  it.each([
    ['38;5;9', '9'],
    ['38;5;196', 'rgb(255 0 0)'],
    ['38;5;244', 'rgb(128 128 128)'],
    ['38;2;1;2;300', 'rgb(1 2 255)'],
    ['38:5:2', '2'],
    ['38', undefined],
    ['>4;31', undefined],
  ])('knows the colour %s', (code, color) => {
    expect(spans(`\x1b[${code}mx`)[0]?.style.color).toBe(color)
  })

  it('goes on in the next one as it ended, until something ends that', () => {
    const { after } = readAnsi('\x1b[31mred')
    expect(readAnsi('still\x1b[m no more', after).spans).toEqual([
      { text: 'still', style: { color: '1' } },
      { text: ' no more', style: PLAIN },
    ])
  })

  it.each([
    ['moves of the cursor', 'a\x1b[2K\x1b[10;3Hb\x1b[?25l', 'ab'],
    ['titles and links', 'a\x1b]0;title\x07b\x1b]8;;javascript:alert(1)\x1b\\c', 'abc'],
    ['what is cut off in the middle', 'ab\x1b[3', 'ab'],
    ['what is no sequence at all', 'a\x1bb\x1b', 'a'],
    ['C1 controls, backspaces and bells', 'a\x9b31mb\x08c\x07', 'a31mbc'],
  ])('loses %s', (_, line, text) => {
    expect(readAnsi(line).text).toBe(text)
  })

  it('shows what would turn its direction, or could not be seen', () => {
    expect(readAnsi('user\u202egnp.exe\u200b').text).toBe('user·gnp.exe·')
  })

  it('holds no control character, whatever was written, and its pieces are its text', () => {
    assert(
      property(string({ unit: 'binary' }), (line) => {
        const { text, spans: pieces } = readAnsi(line)
        expect(pieces.map((piece) => piece.text).join('')).toBe(text)
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(text).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
      }),
    )
  })
})
