import { readdirSync, readFileSync } from 'node:fs'
import { seeded } from '@conductor/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OutputEvent } from '../output-events.ts'
import { isTerminalStateError } from '../terminal-state-error.ts'
import { vtOutput } from '../testing/vt-output.ts'
import { createOutputScanner } from './output-scanner.ts'

type Bytes = string | Uint8Array

const bytesOf = (output: Bytes): Buffer => Buffer.from(output as string)

function eventsOf(output: Bytes, splits: readonly number[] = []): OutputEvent[] {
  const events: OutputEvent[] = []
  const scanner = createOutputScanner({ onEvent: (event) => events.push(event) })
  const bytes = bytesOf(output)
  let from = 0
  for (const split of [...splits, bytes.length]) {
    // A copy, so that whoever kept a borrowed one would be found out.
    const chunk = Buffer.from(bytes.subarray(from, split))
    scanner.scan(chunk)
    chunk.fill(0)
    from = split
  }
  expect(scanner.offset).toBe(bytes.length)
  return events
}

const everySplit = (output: Bytes): number[] => [...bytesOf(output).keys()].slice(1)

/** Without their places. */
const found = (output: Bytes): unknown[] =>
  eventsOf(output).map(({ start, end, ...event }) => event)

const QUERIES: readonly (readonly [output: string, query: object])[] = [
  ['\x1b[c', { kind: 'device-attributes', level: 1 }],
  ['\x1b[0c', { kind: 'device-attributes', level: 1 }],
  ['\x1b[>c', { kind: 'device-attributes', level: 2 }],
  ['\x1b[=c', { kind: 'device-attributes', level: 3 }],
  ['\x1b[>0q', { kind: 'version' }],
  ['\x1b[5n', { kind: 'status' }],
  ['\x1b[6n', { kind: 'cursor-position', isPrivate: false }],
  ['\x1b[?6n', { kind: 'cursor-position', isPrivate: true }],
  ['\x1b[?996n', { kind: 'private-status', code: 996 }],
  ['\x1b[4$p', { kind: 'mode', isPrivate: false, mode: 4 }],
  ['\x1b[?2026$p', { kind: 'mode', isPrivate: true, mode: 2026 }],
  ['\x1b[?u', { kind: 'keyboard-flags' }],
  ['\x1b[14t', { kind: 'window', operation: 14 }],
  ['\x1b[18t', { kind: 'window', operation: 18 }],
  ['\x1b[21t', { kind: 'window', operation: 21 }],
  ['\x1b[1;1;1;1;9;9*y', { kind: 'checksum' }],
  ['\x1bP$qr\x1b\\', { kind: 'setting', setting: 'r' }],
  ['\x1bP$q q\x1b\\', { kind: 'setting', setting: ' q' }],
  ['\x1bP+q544e;436f\x1b\\', { kind: 'termcap', names: '544e;436f' }],
  ['\x1b]4;7;?;9;#ffffff;300;?;8;?\x07', { kind: 'color', colors: [7, 8] }],
  ['\x1b]10;?\x07', { kind: 'color', colors: ['foreground'] }],
  ['\x1b]11;?\x1b\\', { kind: 'color', colors: ['background'] }],
  ['\x1b]10;?;#ffffff;?\x07', { kind: 'color', colors: ['foreground', 'cursor'] }],
  ['\x1b]12;?\u009c', { kind: 'color', colors: ['cursor'] }],
  ['\x1b]52;c;?\x07', { kind: 'clipboard' }],
  ['\x1b]17;?\x07', { kind: 'other', name: 'OSC 17' }],
  ['\u009b6n', { kind: 'cursor-position', isPrivate: false }],
]

describe('the scanner', () => {
  it.each(QUERIES)('sees a query in %j, and where it ends', (output, query) => {
    const all = `héllo ${output} there`
    const start = Buffer.byteLength('héllo ')
    // A string that ends with ESC \\ is complete at the ESC.
    const end = start + Buffer.byteLength(output) - (output.endsWith('\x1b\\') ? 1 : 0)
    expect(eventsOf(all)).toEqual([{ type: 'query', start, end, ...query }])
    expect(eventsOf(all, everySplit(all))).toEqual([{ type: 'query', start, end, ...query }])
  })

  it.each([
    ['an answer', '\x1b[1;1R\x1b[?1;2c\x1b[0n'],
    ['another parameter', '\x1b[1c\x1b[7n\x1b[22t'],
    ['a colour that is set', '\x1b]11;#123456\x07\x1b]4;1;rgb:0/0/0\x07'],
    ['a cancelled sequence', '\x1b[6\x18n \x1b]11;?\x1a'],
    ['one that another interrupts', '\x1b[6\x1b[31mn'],
    ['one in the wrong order', '\x1b[6?n \x1b[ 6n \x1b[$6p \x1b[4?$p'],
    ['one inside of a string', '\x1bPz[6n\x1b\\ \x1b_[6n\x1b\\ \x1bX\x1b\\'],
    ['a byte that is no character', Buffer.from([0x9b, 0x36, 0x6e])],
    ['a character in the middle', '\x1b[6én'],
    ['a C1 control in the middle', '\x1b[6\u0085n'],
  ])('sees no query in %s', (_, output) => {
    expect(eventsOf(output)).toEqual([])
  })

  it('sees the query that a control, a delete or an invalid byte only interrupts', () => {
    const output = Buffer.from('\x1b[\n6\x7f#n', 'latin1')
    output[5] = 0xff
    expect(found(output)).toEqual([{ type: 'query', kind: 'cursor-position', isPrivate: false }])
  })

  it.each([
    ['a bell', 'a\x07b', { type: 'bell' }],
    ['a bell inside of a sequence', '\x1b[3\x071m', { type: 'bell' }],
    ['a title', '\x1b]2;größe\x07', { type: 'title', text: 'größe' }],
    ['a title with an icon', '\x1b]0;both\x1b\\', { type: 'title', text: 'both' }],
    ['a notification', '\x1b]9;done\x07', { type: 'notification', title: '', body: 'done' }],
    [
      'one with a title',
      '\x1b]777;notify;Build;ok; all\x07',
      { type: 'notification', title: 'Build', body: 'ok; all' },
    ],
    ['one of kitty', '\x1b]99;;hello\x1b\\', { type: 'notification', title: 'hello', body: '' }],
    [
      'one in chunks',
      '\x1b]99;i=1:d=0;Hel\x1b\\\x1b]99;i=2:d=0;no\x1b\\\x1b]99;i=1:d=0;lo\x1b\\\x1b]99;i=1:p=body:e=1;d29ybGQ=\x1b\\',
      { type: 'notification', title: 'Hello', body: 'world' },
    ],
    ['progress', '\x1b]9;4;1;40\x07', { type: 'progress', state: 'normal', percent: 40 }],
    [
      'the end of progress',
      '\x1b]9;4;0;\x07',
      { type: 'progress', state: 'none', percent: undefined },
    ],
    [
      'progress without end',
      '\x1b]9;4;3\x07',
      { type: 'progress', state: 'indeterminate', percent: undefined },
    ],
    [
      'a folder',
      '\x1b]7;file://host/a%20b/%C3%A4\x1b\\',
      { type: 'cwd', host: 'host', path: '/a b/ä' },
    ],
    [
      'a prompt',
      '\x1b]133;A;k=s\x07',
      { type: 'prompt-mark', mark: 'prompt', exitCode: undefined },
    ],
    ['output', '\x1b]133;C\x07', { type: 'prompt-mark', mark: 'output', exitCode: undefined }],
    ['an exit code', '\x1b]133;D;127\x07', { type: 'prompt-mark', mark: 'done', exitCode: 127 }],
    ['no exit code', '\x1b]133;D\x07', { type: 'prompt-mark', mark: 'done', exitCode: undefined }],
    [
      'the clipboard',
      '\x1b]52;c;aGVsbG8h\x07',
      { type: 'clipboard-write', selection: 'c', sizeBytes: 6 },
    ],
  ])('tells of %s, and nothing of the text', (_, output, event) => {
    const before = 'some text'
    const [first, ...rest] = eventsOf(before + output)
    expect(rest).toEqual([])
    expect(first).toMatchObject(event)
    expect(first?.start).toBeGreaterThanOrEqual(before.length)
  })

  it.each([
    ['direction', 'a\u202egpj.exe', 'agpj.exe'],
    ['marks without width', 'a\u200bb\ufeffc\u2066d', 'abcd'],
    ['controls and broken characters', Buffer.from([0x61, 0x01, 0xff, 0xc3, 0x62, 0x7f]), 'ab'],
    ['lines', 'one\r\n\ttwo', 'onetwo'],
    ['too much', 'x'.repeat(5_000), `${'x'.repeat(1_023)}…`],
  ])('takes out of a text for people: %s', (_, text, clean) => {
    const output = Buffer.concat([Buffer.from('\x1b]2;'), bytesOf(text), Buffer.from('\x07')])
    expect(found(output)).toEqual([{ type: 'title', text: clean }])
  })

  it('takes a folder only if it is one', () => {
    for (const url of [
      'http://a/b',
      'file:b',
      '/plain',
      'file:///a%0Ab',
      'file:///%zz',
      'file:///a%E2%80%AEb',
    ])
      expect(eventsOf(`\x1b]7;${url}\x07`)).toEqual([])
  })

  it('finds the same in any split', () => {
    fc.assert(
      fc.property(vtOutput, fc.array(fc.nat(), { maxLength: 12 }), (output, places) => {
        const splits = places.map((each) => each % (output.length + 1)).sort((a, b) => a - b)
        expect(eventsOf(output, splits)).toEqual(eventsOf(output))
        expect(eventsOf(output, everySplit(output))).toEqual(eventsOf(output))
      }),
      { numRuns: 300 },
    )
  })

  it('finds the same in any split of anything at all', () => {
    const hostile = fc.constantFrom(
      0x1b,
      0x5b,
      0x5d,
      0x50,
      0x5c,
      0x07,
      0x18,
      0x36,
      0x6e,
      0x3b,
      0x3f,
      0x24,
      0x71,
      0xc2,
      0x9b,
      0x9c,
      0x9d,
      0x90,
      0xe2,
      0x80,
      0x41,
      0x30,
    )
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 80 }), (codes) => {
        const output = Uint8Array.from(codes)
        expect(eventsOf(output, everySplit(output))).toEqual(eventsOf(output))
      }),
      { numRuns: 2_000 },
    )
  })

  it('finds the same in any split of real programs', () => {
    const folder = new URL('../testing/recordings/', import.meta.url)
    const random = seeded(3)
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.vt'))) {
      const output = readFileSync(new URL(name, folder))
      const splits = Array.from({ length: 500 }, () => Math.floor(random() * output.length))
      splits.sort((a, b) => a - b)
      expect(eventsOf(output, splits), name).toEqual(eventsOf(output))
      expect(eventsOf(output, everySplit(output)), name).toEqual(eventsOf(output))
    }
  })

  it('gives a place at the beginning of a character, and of no sequence', () => {
    const scanner = createOutputScanner({ onEvent: () => {}, offset: 100 })
    const at = (bytes: Bytes): unknown => {
      scanner.scan(bytesOf(bytes))
      const { offset, pending } = scanner.place()
      return [scanner.offset, scanner.isGround, offset, Buffer.from(pending).toString()]
    }
    expect(at('ab')).toEqual([102, true, 102, ''])
    expect(at(Buffer.from('—').subarray(0, 2))).toEqual([104, false, 102, ''])
    expect(at(Buffer.from('—').subarray(2))).toEqual([105, true, 105, ''])
    expect(at('\x1b[3')).toEqual([108, false, 108, '\x1b[3'])
    expect(at('1mx')).toEqual([111, true, 111, ''])
    expect(at(Buffer.from('\x1b]2;—').subarray(0, 6))).toEqual([117, false, 115, '\x1b]2;'])
  })

  it('refuses an offset that is none', () => {
    const make = (): unknown => createOutputScanner({ onEvent: () => {}, offset: -1 })
    expect(make).toThrow('[terminal-state/BAD_OPTION] offset -1')
    try {
      make()
    } catch (error) {
      expect(isTerminalStateError(error, 'BAD_OPTION')).toBe(true)
      expect(isTerminalStateError(error, 'CLOSED')).toBe(false)
    }
  })
})
