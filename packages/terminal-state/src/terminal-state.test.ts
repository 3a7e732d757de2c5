import { fakeClock } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createOutputScanner, type OutputPlace } from './scanner/output-scanner.ts'
import { createTerminalState } from './terminal-state.ts'
import { isTerminalStateError } from './terminal-state-error.ts'
import { freshXterm, write } from './testing/real-xterm.ts'
import { stateOf } from './testing/state-of.ts'
import type { TerminalState, TerminalStateOptions } from './types.ts'

const SIZE = { cols: 20, rows: 4 }

async function made(options: Partial<TerminalStateOptions> = {}): Promise<TerminalState> {
  const state = await createTerminalState({ ...SIZE, ...options })
  onTestFinished(() => state.close())
  return state
}

/** What a fresh terminal shows once it has read a snapshot. */
function shown(state: TerminalState, scrollbackLines = 100): unknown {
  const { cols, rows, bytes } = state.snapshot({ scrollbackLines })
  const terminal = freshXterm(cols, rows)
  onTestFinished(() => terminal.dispose())
  write(terminal, bytes)
  return stateOf(terminal, 100)
}

function placeBehind(output: string): OutputPlace {
  const scanner = createOutputScanner({ onEvent: () => {} })
  scanner.scan(Buffer.from(output))
  return scanner.place()
}

const wrong = (code: string): unknown => expect.objectContaining({ code })

describe('reading', () => {
  it('stops when its budget is used up, and goes on where it was', async () => {
    const clock = fakeClock()
    const now = clock.now.bind(clock)
    let looks = 0
    const state = await made({ clock: { ...clock, now: () => now() + looks++ } })
    const output = Buffer.from('all the same, line by line\r\n'.repeat(2_000))
    const read = state.feed(output, 3)
    expect(read).toBe(3 * 4_096)
    expect(state.offset).toBe(read)
    let rest = read
    while (rest < output.length) rest += state.feed(output.subarray(rest), 0)
    expect(state.offset).toBe(output.length)
    const whole = await made()
    whole.feed(output)
    expect(shown(state)).toEqual(shown(whole))
  })

  it('changes size between the bytes where the size was changed', async () => {
    const text = 'a line that is longer than some. '
    const output = Buffer.from(text.repeat(3))
    const state = await made()
    state.resize(40, { cols: 30, rows: 5 })
    state.resize(70, { cols: 10, rows: 3 })
    state.feed(output)
    const terminal = freshXterm(20, 4)
    write(terminal, output.subarray(0, 40))
    terminal.resize(30, 5)
    write(terminal, output.subarray(40, 70))
    terminal.resize(10, 3)
    write(terminal, output.subarray(70))
    expect(state.size).toEqual({ cols: 10, rows: 3 })
    expect(shown(state)).toEqual(stateOf(terminal, 100))
    terminal.dispose()
  })

  it('changes size at once where it stands', async () => {
    const state = await made()
    state.feed(Buffer.from('abc'))
    state.resize(3, { cols: 7, rows: 2 })
    expect(state.snapshot()).toMatchObject({ cols: 7, rows: 2, offset: 3, exact: true })
  })

  it('keeps nothing of what it was lent', async () => {
    const state = await made()
    const lent = Buffer.from('abc\x1b]2;a title')
    state.feed(lent)
    lent.fill('x')
    const { bytes } = state.snapshot()
    expect(Buffer.from(bytes).toString()).toContain('abc')
    expect(Buffer.from(bytes).toString().endsWith('\x1b]2;a title')).toBe(true)
  })

  it('gives back a snapshot from the beginning of a character', async () => {
    const state = await made()
    state.feed(Buffer.from('ab—').subarray(0, 4))
    expect(state.offset).toBe(4)
    expect(state.snapshot().offset).toBe(2)
  })

  it('keeps what a program clears, in the scrollback, as the web client does', async () => {
    const state = await made()
    state.feed(Buffer.from('before\x1b[2J\x1b[Hafter'))
    expect(Buffer.from(state.snapshot({ scrollbackLines: 10 }).bytes).toString()).toContain(
      'before',
    )
    expect(Buffer.from(state.snapshot().bytes).toString()).not.toContain('before')
  })

  it('draws as many lines above the screen as are wanted', async () => {
    const state = await made({ scrollback: 50 })
    state.feed(Buffer.from(Array.from({ length: 90 }, (_, at) => `line ${at}`).join('\r\n')))
    const linesOf = (lines: number): number =>
      Buffer.from(state.snapshot({ scrollbackLines: lines }).bytes)
        .toString()
        .split('\r\n').length
    expect([0, 10, 50, 1_000].map(linesOf)).toEqual([4, 14, 54, 54])
  })
})

describe('output that is skipped', () => {
  it('leaves an empty screen in the modes that the program is in', async () => {
    const state = await made()
    const modes =
      '\x1b[?1h\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[?25l\x1b[5 q\x1b=\x1b)0\x1b[2;3r\x1b[?6h\x1b]2;the title\x07\x1b[4h\x1b[?1004h\x1b[?2026h\x1b[?7l\x1b[?12l\x1b~'
    state.feed(Buffer.from('before'))
    state.skipTo(placeBehind(`before${modes}`))
    const whole = await made()
    whole.feed(Buffer.from(`${modes}\x1b[H`))
    expect(shown(state)).toEqual(shown(whole))
    expect(state).toMatchObject({ offset: modes.length + 6, exact: false })
  })

  it('goes on in the alternate screen, in the middle of a sequence', async () => {
    const state = await made()
    state.skipTo(placeBehind('text\x1b[?1049hmore\x1b[3'))
    state.feed(Buffer.from('1mred'))
    const whole = await made()
    whole.feed(Buffer.from('\x1b[?1049h\x1b[31mred'))
    expect(shown(state)).toEqual(shown(whole))
  })

  it.each([
    ['a reset', '\x1bc', true],
    ['colours, a clear screen and a place', '\x1b[m\x1b[2J\x1b[H', true],
    ['the same from the top', '\x1b[0;1m\x1b[H\x1b[J\x1b[1;1H', true],
    ['the alternate screen', '\x1b[m\x1b[?1049h\x1b[H', true],
    ['text alone', 'hello\r\n', false],
    ['no colours', '\x1b[2J\x1b[H', false],
    ['no place', '\x1b[m\x1b[2J', false],
    ['half a screen', '\x1b[m\x1b[3;1H\x1b[J\x1b[H', false],
    ['the other order', '\x1b[H\x1b[2J\x1b[m', false],
  ])('is made good by %s: %j %s', async (_, output, exact) => {
    const state = await made()
    state.skipTo(placeBehind('x'.repeat(100)))
    expect(state.exact).toBe(false)
    state.feed(Buffer.from(output))
    expect(state.exact).toBe(exact)
    expect(state.snapshot().exact).toBe(exact)
  })

  it('is missed again when the program leaves the alternate screen', async () => {
    const state = await made({ place: placeBehind('x'.repeat(100)) })
    state.feed(Buffer.from('\x1b[m\x1b[?1049h\x1b[H'))
    expect(state.exact).toBe(true)
    state.feed(Buffer.from('\x1b[?1049l'))
    expect(state.exact).toBe(false)
    state.feed(Buffer.from('\x1b[m\x1b[2J\x1b[H'))
    expect(state.exact).toBe(true)
  })

  it('takes the queries with it that nobody can be waiting for, and the sizes', async () => {
    const said: string[] = []
    const state = await made({ onReply: ({ bytes }) => said.push(Buffer.from(bytes).toString()) })
    const output = '\x1b[6n\x1b[c\x1b[2;3H'
    createOutputScanner({
      onEvent: (event) => event.type === 'query' && state.ask(event),
    }).scan(Buffer.from(`${output}\x1b[6n`))
    state.resize(5, { cols: 50, rows: 6 })
    state.skipTo(placeBehind(output))
    expect(said).toEqual(['\x1b[?1;2c'])
    expect(state.size).toEqual({ cols: 50, rows: 6 })
    state.feed(Buffer.from('\x1b[6n'))
    expect(said).toHaveLength(2)
  })
})

describe('misuse', () => {
  it.each([
    [{ cols: 1 }, 'cols 1'],
    [{ rows: 0 }, 'rows 0'],
    [{ rows: 2.5 }, 'rows 2.5'],
    [{ scrollback: -1 }, 'scrollback -1'],
    [{ colors: { foreground: 'red' } }, 'colors.foreground is "red"'],
    [{ colors: { ansi: Array.from({ length: 17 }, () => '#000000') } }, 'colors.ansi has 17'],
  ])('is refused at once: %j', async (options, text) => {
    await expect(createTerminalState({ ...SIZE, ...options })).rejects.toThrow(
      `[terminal-state/BAD_OPTION] ${text}`,
    )
  })

  it('of order is refused', async () => {
    const state = await made()
    state.feed(Buffer.from('12345'))
    expect(() => state.resize(4, SIZE)).toThrow('[terminal-state/OUT_OF_ORDER] resize at 4')
    state.resize(9, SIZE)
    expect(() => state.resize(8, SIZE)).toThrow(wrong('OUT_OF_ORDER') as Error)
    expect(() => state.skipTo(placeBehind('1234'))).toThrow(wrong('OUT_OF_ORDER') as Error)
  })

  it('after the end is refused; a second end is not', async () => {
    const state = await made()
    state.close()
    state.close()
    for (const use of [() => state.feed(Buffer.from('x')), () => state.snapshot()])
      try {
        use()
        expect.unreachable()
      } catch (error) {
        expect(isTerminalStateError(error, 'CLOSED')).toBe(true)
      }
  })

  it('closing from within an answer ends the reading', async () => {
    const state: TerminalState = await made({ onReply: () => state.close() })
    const output = Buffer.from('\x1b[6nmore')
    createOutputScanner({
      onEvent: (event) => event.type === 'query' && state.ask(event),
    }).scan(output)
    expect(state.feed(output)).toBe(4)
  })
})
