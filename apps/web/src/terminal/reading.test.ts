import { expect, it } from 'vitest'
import { createHeadlessScreen, type HeadlessScreen, parsed } from '../testing/headless-screen.ts'
import { createReader, type Reader, type Reading, splitLinks } from './reading.ts'

function reading(cols = 20, rows = 5): { screen: HeadlessScreen; reader: Reader } {
  const screen = createHeadlessScreen(cols, rows)
  return { screen, reader: createReader(screen) }
}

async function says(screen: HeadlessScreen, text: string): Promise<void> {
  screen.write(text.replaceAll('\n', '\r\n'))
  await parsed(screen)
}

function textOf({ blocks, screen }: Reading): readonly string[] {
  return [...blocks.flat(), ...screen].map(({ runs, rule }) =>
    rule ? '---' : runs.map(({ text }) => text).join(''),
  )
}

it('makes one line of the rows that a long one took, however wide the screen was', async () => {
  const { screen, reader } = reading()
  await says(screen, 'a long line that is wrapped twice by twenty columns\nshort')
  expect(textOf(reader.read(100))).toEqual([
    'a long line that is wrapped twice by twenty columns',
    'short',
  ])
})

it('reads on where it stopped: what has left the screen stays the same object', async () => {
  const { screen, reader } = reading()
  for (let n = 0; n < 200; n++) await says(screen, `line ${n}\n`)
  const before = reader.read(1_000)
  expect(textOf(before)).toHaveLength(200)
  await says(screen, 'one more\n')
  const after = reader.read(1_000)
  expect(textOf(after).at(-1)).toBe('one more')
  expect(after.blocks[0]).toBe(before.blocks[0])
  expect(after.blocks[1]).toBe(before.blocks[1])
  expect(textOf(after)).toHaveLength(201)
})

it('says each line once while old ones are dropped from the history', async () => {
  const { screen, reader } = reading()
  screen.options.scrollback = 50
  for (let n = 0; n < 40; n++) await says(screen, `line ${n}\n`)
  reader.read(1_000)
  for (let n = 40; n < 90; n++) {
    await says(screen, `line ${n}\n`)
    if (n % 7 === 0) reader.read(1_000)
  }
  expect(textOf(reader.read(1_000))).toEqual(Array.from({ length: 90 }, (_, n) => `line ${n}`))
})

it('begins again after the screen was resized, cleared, or more was asked for', async () => {
  const { screen, reader } = reading()
  for (let n = 0; n < 30; n++) await says(screen, `line ${n}\n`)
  const some = reader.read(10)
  expect(some.more).toBe(true)
  expect(textOf(some)[0]).toBe('line 16')
  expect(textOf(reader.read(1_000))[0]).toBe('line 0')
  screen.resize(40, 5)
  expect(textOf(reader.read(1_000))).toHaveLength(30)
  await says(screen, '\x1bc\x1b[3Jafresh')
  expect(textOf(reader.read(1_000))).toEqual(['afresh'])
  for (let n = 0; n < 90; n++) await says(screen, n === 0 ? '\x1bc' : `other ${n}\n`)
  expect(textOf(reader.read(1_000))[0]).toBe('other 1')
  await says(screen, `\x1bc${'x\n'.repeat(200)}`)
  expect(textOf(reader.read(1_000))).toEqual(Array.from({ length: 200 }, () => 'x'))
})

it('of a full-screen program reads the screen, and afterwards the lines again', async () => {
  const { screen, reader } = reading()
  await says(screen, 'before\n\x1b[?1049h\x1b[Hfull')
  expect(textOf(reader.read(100)).filter(Boolean)).toEqual(['full'])
  await says(screen, '\x1b[?1049l')
  expect(textOf(reader.read(100))).toEqual(['before'])
})

it('takes boxes from around text, and makes one rule of any ruled line', async () => {
  const { screen, reader } = reading(24, 8)
  await says(screen, '╭──────────────╮\n│ > do it      │\n╰──────────────╯\na | b |\n╰────╯\n\n')
  expect(textOf(reader.read(100))).toEqual(['---', '> do it', '---', 'a | b |', '---'])
})

it('keeps colours and weights, and wide characters whole', async () => {
  const { screen, reader } = reading()
  await says(screen, '\x1b[1;31mred\x1b[0m \x1b[38;2;1;2;3m漢字\x1b[0m')
  expect(reader.read(10).screen[0]?.runs).toEqual([
    { text: 'red', color: 1, bold: true },
    { text: ' ' },
    { text: '漢字', color: '#010203' },
  ])
})

it('finds addresses, without what ends a sentence', () => {
  expect(splitLinks('see https://a.test/b?c=1, or (http://d.test).')).toEqual([
    { text: 'see ', isLink: false },
    { text: 'https://a.test/b?c=1', isLink: true },
    { text: ', or (', isLink: false },
    { text: 'http://d.test', isLink: true },
    { text: ').', isLink: false },
  ])
})
