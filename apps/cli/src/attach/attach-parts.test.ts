import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beforeDetachKey } from './detach-key.ts'
import { createQueryFilter } from './query-filter.ts'
import { createScreenState } from './screen-state.ts'
import { clearStatusLine, drawStatusLine } from './status-line.ts'

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

/** What passes of these pieces, of which none may be answered. */
function pass(...pieces: Uint8Array[]): string {
  const filter = createQueryFilter()
  const passed = pieces.map((piece) => Buffer.from(filter.pass(piece, false)))
  // What was held back until it is known what becomes of it.
  passed.push(Buffer.from(filter.pass(bytes(''), true)))
  return Buffer.concat(passed).toString('latin1')
}

const QUERIES = [
  ...['\x1b[c', '\x1b[>c', '\x1b[=0c', '\x1b[6n', '\x1b[?6n', '\x1b[>q', '\x1b[?u', '\x1b[?2026$p'],
  ...[
    '\x1b[18t',
    '\x1bP$qm\x1b\\',
    '\x1bP+q544e\x1b\\',
    '\x1b]10;?\x07',
    '\x1b]4;1;?\x1b\\',
    '\x05',
  ],
]
const OTHERS = [
  ...[
    '\x1b[31m',
    '\x1b[2J',
    '\x1b[10;20H',
    '\x1b[?25l',
    '\x1b[4q',
    '\x1b[22;0t',
    '\x1b]0;name\x07',
  ],
  ...['\x1b]10;#fff\x07', '\x1bM', '\r\n', '\x1b[?1049h', '\xff\xfe'],
]

describe('queries in old output', () => {
  it.each(QUERIES)('%j are taken out, wherever they are cut', (query) => {
    for (let at = 0; at <= query.length; at++) {
      const text = `a${query}b`
      expect(pass(bytes(text.slice(0, at)), bytes(text.slice(at)))).toBe('ab')
    }
  })

  it('are taken out, and nothing else is, in any mixture and cut anywhere', () => {
    const token = fc.oneof(
      fc.constantFrom(...OTHERS).map((text) => ({ text, stays: true })),
      fc.constantFrom(...QUERIES).map((text) => ({ text, stays: false })),
      fc.stringMatching(/^[ -~]{0,9}$/).map((text) => ({ text, stays: true })),
    )
    fc.assert(
      fc.property(fc.array(token), fc.array(fc.nat(200)), (tokens, cuts) => {
        const text = tokens.map((each) => each.text).join('')
        const places = [...cuts, text.length].sort((a, b) => a - b)
        const pieces = places.map((end, i) => bytes(text.slice(places[i - 1] ?? 0, end)))
        const left = tokens.filter(({ stays }) => stays).map((each) => each.text)
        expect(pass(...pieces)).toBe(left.join(''))
      }),
    )
  })

  it('are the terminal’s to answer when they are new, byte for byte', () => {
    const filter = createQueryFilter()
    const live = bytes(`\x1b[6n${QUERIES.join('')}\xff`)
    expect(filter.pass(live, true)).toBe(live)
  })

  it('that began as old are not answered, though they end as new', () => {
    const filter = createQueryFilter()
    expect(Buffer.from(filter.pass(bytes('a\x1b['), false)).toString()).toBe('a')
    expect(Buffer.from(filter.pass(bytes('6nb\x1b[6n'), true)).toString()).toBe('b\x1b[6n')
  })
})

describe('the terminal afterwards', () => {
  it.each([
    [['\x1b[?1049h'], '\x1b[?1049l'],
    [['\x1b[?10', '49h'], '\x1b[?1049l'],
    [['\x1b[?1;47h'], '\x1b[?47l'],
  ])('leaves the other screen that %j went to', (pieces, leave) => {
    const screen = createScreenState()
    for (const piece of pieces) screen.see(bytes(piece))
    expect(screen.undo()).toContain(leave)
  })

  it('is not sent away from a screen that it is not on', () => {
    const screen = createScreenState()
    for (const piece of ['\x1b[?1049h', 'text', '\x1b[?1049l', 'more']) screen.see(bytes(piece))
    expect(screen.undo()).not.toContain('1049')
  })
})

const before = (typed: string): string | undefined => {
  const found = beforeDetachKey(bytes(typed))
  return found && Buffer.from(found).toString('latin1')
}

it.each([
  ['ab\x1dcd', 'ab'],
  ['\x1d', ''],
  ['x\x1b[93;5u', 'x'],
  ['x\x1b[27;5;93~', 'x'],
  ['ab]', undefined],
])('of %j only what stands before the detach key is typed: %j', (typed, expected) => {
  expect(before(typed)).toBe(expected)
})

it('the status line keeps to its own line, and leaves the cursor where it was', () => {
  const size = { cols: 10, rows: 5 }
  const drawn = drawStatusLine('a text that is too long', size)
  expect(drawn).toBe('\x1b7\x1b[5;1H\x1b[0;7m\x1b[2K a text t \x1b[0m\x1b8')
  expect(clearStatusLine(size)).toBe('\x1b7\x1b[5;1H\x1b[0m\x1b[2K\x1b8')
})
