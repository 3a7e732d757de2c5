import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPlainTexts } from './plain-text.ts'
import { placeOfUnit } from './utf8.ts'

function plain(raw: string | Buffer): string {
  const bytes = Buffer.from(raw as string)
  const text = createPlainTexts(bytes.length + 1).strip(bytes, 0, bytes.length)
  return text.bytes.toString(undefined, 0, text.length)
}

describe('output without its escape sequences', () => {
  it.each([
    ['colours inside of a word', 'nee\u001b[1;31mdle\u001b[0m', 'needle'],
    [
      'titles, links and images',
      '\u001b]0;title\u0007a\u001b]8;;http://x\u001b\\b\u001bPq#0\u001b\\c',
      'abc',
    ],
    ['character sets and key modes', '\u001b(Ba\u001b=b\u001b>c\u001b7d', 'abcd'],
    ['a title that nobody ended, to the end of its line', '\u001b]0;ti\ntle', '\ntle'],
    ['a sequence that was broken off', '\u001b[3\u001b[1mx\u001b[12\u0018y\u001b', 'xy'],
    ['control characters', 'a\u0000b\u0007c\u000e\u007fd\te', 'abcd\te'],
    ['line ends of every kind', 'a\nb\r\nc\r\r\nd\u000be', 'a\nb\nc\nd\ne'],
    ['states of one line', '10%\r20%\r\n\u001b[2K\u001b[1Gx', '10%\r20%\n\rx'],
    ['jumps to other lines', 'a\u001b[5;1Hb\u001b[Ac\u001bMd\u001b8e', 'a\nb\nc\nd\ne'],
    ['moves to the right', 'a\u001b[Cb\u001b[20Cc\u001b[40Gd', 'a b c d'],
    ['what was typed and wiped out again', 'lx\b \bs -äx\b\b\ba\u001b[1Db', 'ls b'],
    ['overstrikes', 'N\bNA\bA', 'NA'],
    ['wiping out no more than the line', 'a\n\b\b\bb\r\u001b[99Dc', 'a\nb\rc'],
  ])('leaves out, or turns into what they mean: %s', (_, raw, text) => {
    expect(plain(raw)).toBe(text)
  })

  it('knows where each byte came from', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'bc', 'ä', '\u001b[31m', '\b', '\r', '\n', '\u001b[3D')),
        (parts) => {
          const raw = Buffer.from(parts.join(''))
          const text = createPlainTexts(raw.length + 1).strip(raw, 0, raw.length)
          let before = -1
          for (let i = 0; i < text.length; i++) {
            const place = text.placeOf(i)
            expect(raw[place]).toBe(text.bytes[i])
            expect(place).toBeGreaterThan(before)
            before = place
          }
        },
      ),
    )
  })

  it('takes any bytes, and has no more of them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (raw) => {
        const text = createPlainTexts(300).strip(raw, 0, raw.length)
        expect(text.length).toBeLessThanOrEqual(raw.length)
      }),
    )
  })
})

describe('the place of a character in bytes', () => {
  it('is where the decoder has it, whatever the bytes are', () => {
    const byte = fc.oneof(
      fc.constantFrom(0x41, 0x80, 0xbf, 0xc3, 0xe2, 0xed, 0xa0, 0xf0, 0x9f, 0x98, 0x80, 0xf4, 0x90),
      fc.integer({ min: 0, max: 255 }),
    )
    const decode = (bytes: Uint8Array) =>
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 24 }), (list) => {
        const bytes = Uint8Array.from(list)
        const text = decode(bytes)
        for (let units = 0; units <= text.length; units++) {
          if (/[\udc00-\udfff]/.test(text[units] ?? '')) continue
          const place = placeOfUnit(bytes, 0, bytes.length, units)
          expect(decode(bytes.subarray(0, place))).toBe(text.slice(0, units))
          expect(decode(bytes.subarray(place))).toBe(text.slice(units))
        }
      }),
      { numRuns: 500 },
    )
  })
})
