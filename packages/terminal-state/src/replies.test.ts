import { describe, expect, it } from 'vitest'
import type { TerminalQuery } from './output-events.ts'
import { fixedReply, unanswered } from './replies.ts'
import { createOutputScanner } from './scanner/output-scanner.ts'
import { createTerminalState } from './terminal-state.ts'
import { answersOfXterm, answersTo, REPLY_SIZE } from './testing/answers.ts'

/** States that answers depend on. */
const STATES: readonly (readonly [what: string, output: string])[] = [
  ['a fresh terminal', ''],
  ['text and a cursor', 'abc\r\ndef\x1b[4;9H'],
  ['a wrap that is due', 'x'.repeat(REPLY_SIZE.cols)],
  ['a scroll region in origin mode', '\x1b[2;5r\x1b[?6h'],
  [
    'many modes',
    '\x1b[?1h\x1b[?7l\x1b[?25l\x1b[?1003h\x1b[?1006h\x1b[?2004h\x1b[?2026h\x1b[4h\x1b[20h',
  ],
  ['the alternate screen', '\x1b[?1049h\x1b[?12l\x1b[6 q'],
  ['protected characters', '\x1b[1"q\x1b[31m'],
]

const MODES = [
  1, 3, 6, 7, 8, 9, 12, 25, 45, 47, 66, 67, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1048,
  1049, 2004, 2026, 2027,
]
const QUERIES: readonly string[] = [
  '\x1b[c',
  '\x1b[>c',
  '\x1b[5n',
  '\x1b[6n',
  '\x1b[?6n',
  ...[2, 4, 12, 20, 99].map((mode) => `\x1b[${mode}$p`),
  ...MODES.map((mode) => `\x1b[?${mode}$p`),
  ...['m', 'r', ' q', '"q', '"p', 'x'].map((setting) => `\x1bP$q${setting}\x1b\\`),
]

function queryIn(output: string): TerminalQuery {
  let query: TerminalQuery | undefined
  createOutputScanner({
    onEvent: (event) => {
      if (event.type === 'query') query = event
    },
  }).scan(Buffer.from(output))
  if (!query) throw new Error(`no query in ${JSON.stringify(output)}`)
  return query
}

describe('answers', () => {
  it.each(STATES)("are xterm.js's own, once each and in order: %s", async (_, before) => {
    const output = before + QUERIES.join('and ')
    const expected = answersOfXterm(output)
    expect(expected).toHaveLength(QUERIES.length)
    expect(await answersTo(output)).toEqual(expected)
    expect(await answersTo(output, 1)).toEqual(expected)
    expect(await answersTo(output, 100_000)).toEqual(expected)
  })

  it('tell where the cursor was when it was asked, not where it is', async () => {
    expect(await answersTo('\x1b[6nab\x1b[6n\r\n\x1b[6n')).toEqual([
      '\x1b[1;1R',
      '\x1b[1;3R',
      '\x1b[2;1R',
    ])
  })

  it('tell the colours that were chosen, that the program set, and that it put back', async () => {
    const ask = '\x1b]10;?;?;?\x07\x1b]4;1;?;20;?\x1b\\'
    const defaults =
      '\x1b]10;rgb:ffff/ffff/ffff\x1b\\\x1b]11;rgb:0000/0000/0000\x1b\\\x1b]12;rgb:ffff/ffff/ffff\x1b\\'
    const palette = '\x1b]4;1;rgb:cccc/0000/0000\x1b\\\x1b]4;20;rgb:0000/0000/d7d7\x1b\\'
    const set = '\x1b]11;#123456\x07\x1b]4;1;rgb:f/0/f\x07'
    const reset = '\x1b]111\x07\x1b]104;1\x07'
    expect(await answersTo(ask + set + ask + reset + ask)).toEqual([
      defaults,
      palette,
      defaults.replace('0000/0000/0000', '1212/3434/5656'),
      palette.replace('cccc/0000/0000', 'ffff/0000/ffff'),
      defaults,
      palette,
    ])
  })

  it('tell the colours that a viewer has now, also after output was passed over', async () => {
    const said: string[] = []
    const state = await createTerminalState({
      ...REPLY_SIZE,
      onReply: ({ bytes }) => said.push(Buffer.from(bytes).toString()),
    })
    const output = Buffer.from('\x1b]11;?\x07')
    const scanner = createOutputScanner({
      onEvent: (event) => event.type === 'query' && state.ask(event),
    })
    state.setColors({ background: '#fdf6e3' })
    scanner.scan(output)
    state.feed(output)
    scanner.scan(Buffer.from('passed over'))
    state.skipTo(scanner.place())
    scanner.scan(output)
    state.feed(output)
    expect(said).toEqual(Array(2).fill('\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\'))
    expect(() => state.setColors({ background: 'white' })).toThrow('write it as #rrggbb')
  })

  it('follow the colours that are chosen later, but not over those of the program', async () => {
    const said: string[] = []
    const state = await createTerminalState({
      ...REPLY_SIZE,
      onReply: ({ bytes }) => said.push(Buffer.from(bytes).toString()),
    })
    const output = Buffer.from('\x1b]10;#010101\x07\x1b]10;?;?\x07')
    createOutputScanner({
      onEvent: (event) => event.type === 'query' && state.ask(event),
    }).scan(output)
    state.setColors({ foreground: '#ffffff', background: '#fdfdfc' })
    state.feed(output)
    expect(said).toEqual(['\x1b]10;rgb:0101/0101/0101\x1b\\\x1b]11;rgb:fdfd/fdfd/fcfc\x1b\\'])
    state.close()
  })

  it('say nothing of what came from the output, the clipboard or the screen', async () => {
    const asked =
      '\x1b]2;; rm -rf ~\x07secret\x1b[20t\x1b[21t\x1b]52;c;?\x07\x1b[1;1;1;1;2;2*y\x1bP+q544e\x1b\\\x1b[14t\x1b[18t'
    expect(await answersTo(asked)).toEqual([])
  })

  it.each([
    '\x1b[=c',
    '\x1b[>q',
    '\x1b[?996n',
    '\x1b[?u',
    '\x1bP+q544e\x1b\\',
    '\x1b[14t',
    '\x1b[21t',
    '\x1b]52;c;?\x07',
    '\x1b[1;1;1;1;2;2*y',
    '\x1b]17;?\x07',
    '\x1b[x',
  ])('are not given to %j, for a reason, and not by xterm.js either', (output) => {
    expect(unanswered(queryIn(output))).toMatch(/^\w.+/)
    expect(answersOfXterm(output)).toEqual([])
  })

  it('that are always the same are known without an emulator', () => {
    for (const output of ['\x1b[c', '\x1b[>c', '\x1b[5n'])
      expect([Buffer.from(fixedReply(queryIn(output)) ?? []).toString()]).toEqual(
        answersOfXterm(output),
      )
    for (const output of ['\x1b[=c', '\x1b[6n', '\x1b]11;?\x07', '\x1b[?u'])
      expect(fixedReply(queryIn(output))).toBeUndefined()
  })

  it('wait for those before them', async () => {
    const said: string[] = []
    const state = await createTerminalState({
      ...REPLY_SIZE,
      onReply: ({ query, bytes }) => said.push(`${query.end} ${Buffer.from(bytes).toString()}`),
    })
    const output = Buffer.from('\x1b[cab\x1b[6n\x1b[c')
    const asked: string[] = []
    createOutputScanner({
      onEvent: (event) => event.type === 'query' && asked.push(state.ask(event)),
    }).scan(output)
    expect(asked).toEqual(['answered', 'waiting', 'waiting'])
    expect(said).toEqual(['3 \x1b[?1;2c'])
    expect(state.waitingFor).toBe(9)
    state.feed(output)
    expect(said.slice(1)).toEqual(['9 \x1b[1;3R', '12 \x1b[?1;2c'])
    expect(state.ask(queryIn('\x1b[6n'))).toBe('ignored')
    state.close()
  })
})
