import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutputEvent } from './output-events.ts'
import { createOutputScanner } from './scanner/output-scanner.ts'
import { createTerminalState } from './terminal-state.ts'
import { answersOfXterm, answersTo } from './testing/answers.ts'
import { freshXterm, write } from './testing/real-xterm.ts'
import { stateOf } from './testing/state-of.ts'

const MEBIBYTE = 1024 * 1024
const SIZE = { cols: 20, rows: 4 }

/** The last two are no strings, so they are read byte by byte. */
const BEGINNINGS: readonly (readonly [what: string, opening: string, mebibytes: number])[] = [
  ['a title', '\x1b]2;', 10],
  ['a link', '\x1b]8;;http://', 10],
  ['a copy to the clipboard', '\x1b]52;c;', 10],
  ['an unknown OSC', '\x1b]1337;File=', 10],
  ['a DCS', '\x1bPq', 10],
  ['a status request', '\x1bP$q', 10],
  ['an APC', '\x1b_G', 10],
  ['a control sequence', '\x1b[', 2],
  ['intermediates', '\x1b(', 2],
]

describe('a string without end', () => {
  it.each(BEGINNINGS)('costs no more than its cap: %s', async (_, opening, mebibytes) => {
    const events: OutputEvent[] = []
    const scanner = createOutputScanner({ onEvent: (event) => events.push(event) })
    const filling = opening === '\x1b(' ? '(' : '1'
    const chunk = Buffer.alloc(MEBIBYTE, filling)
    scanner.scan(Buffer.from(opening))
    const before = process.memoryUsage().arrayBuffers
    for (let count = 0; count < mebibytes; count++) scanner.scan(chunk)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MEBIBYTE)
    const { pending, offset } = scanner.place()
    expect(offset).toBe(opening.length + mebibytes * MEBIBYTE)
    expect(pending.length).toBeLessThan(1_000)
    expect(events).toEqual([])
    scanner.scan(Buffer.from('\x07\x18\x1b[c'))
    expect(events.at(-1)).toMatchObject({ type: 'query', start: offset + 2 })
    for (const event of events) expect(JSON.stringify(event).length).toBeLessThan(2_000)
  })

  it('is weighed, if it goes to the clipboard', () => {
    const sizes: unknown[] = []
    const scanner = createOutputScanner({
      onEvent: (event) => event.type === 'clipboard-write' && sizes.push(event.sizeBytes),
    })
    scanner.scan(Buffer.from('\x1b]52;c;'))
    scanner.scan(Buffer.alloc(4 * MEBIBYTE, 'A'))
    scanner.scan(Buffer.from('\x07'))
    expect(sizes).toEqual([3 * MEBIBYTE])
  })

  it('leaves a snapshot small, and what follows it in order', async () => {
    const state = await createTerminalState(SIZE)
    const terminal = freshXterm(SIZE.cols, SIZE.rows)
    const begin = Buffer.concat([Buffer.from('text\x1bPq'), Buffer.alloc(2 * MEBIBYTE, '#')])
    state.feed(begin)
    const { bytes } = state.snapshot()
    expect(bytes.length).toBeLessThan(1_000)
    const end = '###\x1b\\more'
    write(terminal, begin)
    write(terminal, end)
    const copy = freshXterm(SIZE.cols, SIZE.rows)
    write(copy, bytes)
    write(copy, end)
    expect(stateOf(copy, 0)).toEqual(stateOf(terminal, 0))
    for (const each of [state.close, () => copy.dispose(), () => terminal.dispose()]) each()
  })
})

/** Bytes that mean something, so that chance finds what is between them. */
const hostile: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc
        .constantFrom(
          ...[
            '\x1b',
            '\x1b[',
            '\x1b]',
            '\x1bP$q',
            '\x1b\\',
            '\x07',
            '\x18',
            '\x1a',
            '6',
            'n',
            ';',
            '?',
          ],
          ...[
            '$',
            'p',
            'r',
            '"q',
            '\x7f',
            '\u009b',
            '\u009c',
            '\u009d',
            '\u0090',
            '\u0098',
            '\u0085',
          ],
          ...['10;?', '4;1;?', '>c', '\x1b_', ':', ' ', '\n', 'é', '—', '漢', '😀', '5n', '2026$p'],
        )
        .map((each) => Buffer.from(each)),
      fc.integer({ min: 0x80, max: 0xff }).map((each) => Buffer.from([each])),
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.concat(parts))

describe('anything at all', () => {
  it.each(['\x1b[1J', '\x1b[?1J'])('does not stop it, as it stops xterm.js: %j', async (erase) => {
    const state = await createTerminalState(SIZE)
    state.feed(Buffer.from(`one\r\ntwo\x1b[4;17Hlast\x1b[31m${erase}\x1b[Hgoes on`))
    const text = Buffer.from(state.snapshot().bytes).toString()
    expect(text).toContain('goes on')
    expect(text).not.toMatch(/one|two|last/)
    expect(state.exact).toBe(true)
    state.close()
  })

  it('is answered as xterm.js answers it, where it sees a query and nowhere else', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (output) => {
        const expected = answersOfXterm(output).filter((each) => !each.includes(']'))
        const answers = await answersTo(output, 5)
        expect(answers.filter((each) => !each.includes(']'))).toEqual(expected)
      }),
      { numRuns: 400 },
    )
  })

  it('neither throws nor brings the scanner out of step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (output) => {
        const scanner = createOutputScanner({ onEvent: () => {} })
        const state = await createTerminalState(SIZE)
        scanner.scan(output)
        state.feed(output)
        state.snapshot({ scrollbackLines: 50 })
        state.skipTo(
          scanner.place().offset < state.offset
            ? { ...scanner.place(), offset: state.offset }
            : scanner.place(),
        )
        state.feed(output)
        state.snapshot({ scrollbackLines: 50 })
        state.close()
      }),
      { numRuns: 200 },
    )
  })
})
