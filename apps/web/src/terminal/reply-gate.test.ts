import { beforeEach, describe, expect, it } from 'vitest'
import { createHeadlessScreen, type HeadlessScreen, parsed } from '../testing/headless-screen.ts'
import { createReplyGate, type ReplyGate } from './reply-gate.ts'
import type { TerminalScreen } from './screen.ts'

const QUERIES: Readonly<Record<string, string>> = {
  'device status': '\x1b[5n',
  'cursor position': '\x1b[6n',
  'cursor position, DEC': '\x1b[?6n',
  'colour scheme': '\x1b[?996n',
  'primary attributes': '\x1b[c',
  'primary attributes, with 0': '\x1b[0c',
  'secondary attributes': '\x1b[>c',
  'tertiary attributes': '\x1b[=c',
  'a private mode': '\x1b[?2026$p',
  'an ANSI mode': '\x1b[4$p',
  version: '\x1b[>q',
  'keyboard flags': '\x1b[?u',
  'a setting': '\x1bP$qm\x1b\\',
  'a termcap entry': '\x1bP+q544e\x1b\\',
  'size in cells': '\x1b[18t',
  'size in pixels': '\x1b[14t',
  'the title': '\x1b[21t',
}

let screen: HeadlessScreen
let mayReply: boolean
let mayReport: boolean
let sent: string[]
let gate: ReplyGate

beforeEach(() => {
  screen = createHeadlessScreen()
  mayReply = false
  mayReport = false
  sent = []
  gate = createReplyGate(screen.parser, {
    mayAnswer: () => mayReply,
    mayReport: () => mayReport,
  })
  screen.onData((data) => {
    if (!gate.swallows(data)) sent.push(data)
  })
})

describe('a query', () => {
  it.each(Object.entries(QUERIES))('for %s is not answered', async (_, query) => {
    screen.write(query)
    await parsed(screen)
    expect(sent).toEqual([])
  })

  it.each([
    '\x1b[5n',
    '\x1b[6n',
    '\x1b[?6n',
    '\x1b[c',
    '\x1b[>c',
    '\x1b[?2026$p',
    '\x1bP$qm\x1b\\',
  ])('is answered by the one who should: %j', async (query) => {
    mayReply = true
    screen.write(query)
    await parsed(screen)
    expect(sent).toHaveLength(1)
  })

  it('leaves what stands around it as it is', async () => {
    screen.write('a\x1b[6nb\x1b[?2004hc')
    await parsed(screen)
    expect(screen.buffer.active.getLine(0)?.translateToString(true)).toBe('abc')
    expect(screen.modes.bracketedPasteMode).toBe(true)
  })
})

/** A browser's terminal answers these and a headless one does not, so the test answers for it. */
describe('what sets something and is answered as well', () => {
  const colors = new Map<number, (data: string) => boolean | Promise<boolean>>()
  let modes: ((params: (number | number[])[]) => boolean | Promise<boolean>) | undefined

  beforeEach(() => {
    const nothing = { dispose: () => {} }
    const parser: TerminalScreen['parser'] = {
      registerCsiHandler({ prefix, final }, callback) {
        if (prefix === '?' && final === 'h') modes = callback
        return nothing
      },
      registerDcsHandler: () => nothing,
      registerOscHandler(id, callback) {
        colors.set(id, callback)
        return nothing
      },
    }
    gate = createReplyGate(parser, { mayAnswer: () => mayReply, mayReport: () => mayReport })
  })

  it('sets it all the same, and each answer is dropped', () => {
    expect(colors.get(4)?.('1;?;2;#ffffff;3;?')).toBe(false)
    expect([gate.swallows('1'), gate.swallows('3'), gate.swallows('typed')]).toEqual([
      true,
      true,
      false,
    ])
  })

  it('is answered by the one who should', () => {
    mayReply = true
    expect(colors.get(11)?.('?')).toBe(false)
    expect(gate.swallows('rgb:0000/0000/0000')).toBe(false)
  })

  it('drops nothing for a colour that is only set', () => {
    expect(colors.get(10)?.('#ffffff')).toBe(false)
    expect(gate.swallows('typed')).toBe(false)
  })

  it('drops the focus that turning its reports on reports', () => {
    expect(modes?.([1004, 2004])).toBe(false)
    expect(gate.swallows('\x1b[O')).toBe(true)
    expect(gate.swallows('typed')).toBe(false)
  })

  it('keeps that for a viewer who may report, though another answers', () => {
    mayReport = true
    modes?.([1004])
    expect(gate.swallows('\x1b[O')).toBe(false)
    expect(colors.get(11)?.('?')).toBe(false)
    expect(gate.swallows('rgb:0000/0000/0000')).toBe(true)
  })

  it('drops nothing of what is typed after the chunk, when an answer did not come', () => {
    modes?.([1004])
    gate.parsed()
    expect(gate.swallows('typed')).toBe(false)
  })
})
