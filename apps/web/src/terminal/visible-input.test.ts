import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describePending } from './pending-watch.ts'
import { cleanTitle } from './program-title.ts'
import { lastOf, visibleInput } from './visible-input.ts'

const encoder = new TextEncoder()
const visible = (text: string): string => visibleInput(encoder.encode(text))

/** What must never reach the page as it is: controls, and marks that turn the direction of text. */
const HOSTILE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/u

describe('typing that is shown', () => {
  it.each([
    ['ls -l\r', 'ls -l⏎'],
    ['\x03', '^C'],
    ['\x1b', '␛'],
    ['\x1b[A\x1bOB', '↑↓'],
    ['\t\x1b[Z', '⇥⇤'],
    ['a\x7f', 'a⌫'],
    ['\x1b[200~two\rlines\x1b[201~', 'two⏎lines'],
    ['\x1bx', '␛x'],
    ['<b>&amp;', '<b>&amp;'],
    ['a\u202eb', 'a·b'],
    ['\u0085', '\\x85'],
    ['日本', '日本'],
  ])('of %j is %s', (typed, shown) => {
    expect(visible(typed)).toBe(shown)
  })

  it('never carries anything that hides or turns text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(visibleInput(bytes)).not.toMatch(HOSTILE)
      }),
    )
  })

  it('counts keys, not bytes, and keeps what was typed last', () => {
    expect(describePending(encoder.encode('\x1b[A'), 3).amount).toBe('1 character')
    expect(describePending(encoder.encode('ä€'), 5).amount).toBe('2 characters')
    expect(describePending(new Uint8Array(10), 9_000).amount).toBe('9000 bytes')
    expect(lastOf('abcdef', 4)).toBe('…def')
    expect(lastOf('abcd', 4)).toBe('abcd')
  })
})

describe('a title', () => {
  it('of a program is one short line of plain text', () => {
    expect(cleanTitle(' a\n\x1b[31m\u202eb ')).toBe('a [31m b')
    expect([...cleanTitle('x'.repeat(1_000))]).toHaveLength(80)
    expect(cleanTitle('\u0000')).toBe('')
  })

  it('never carries anything that hides or turns text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (title) => {
        expect(cleanTitle(title)).not.toMatch(HOSTILE)
        expect([...cleanTitle(title)].length).toBeLessThanOrEqual(80)
      }),
    )
  })
})
