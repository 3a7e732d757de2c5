import { type FakeClock, fakeClock } from '@conductor/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeSession, type FakeSession } from '../testing/fake-session.ts'
import {
  createHeadlessScreen,
  type HeadlessScreen,
  parsed,
  textOf,
} from '../testing/headless-screen.ts'
import { createTerminalView, type TerminalView } from './terminal-view.ts'

const ASK_CURSOR = '\x1b[6n'
const ASK_DEVICE = '\x1b[c'

let clock: FakeClock
let screen: HeadlessScreen
let sessions: FakeSession[]
let told: string[]
let view: TerminalView

beforeEach(() => {
  clock = fakeClock()
  screen = createHeadlessScreen()
  sessions = []
  told = []
  view = createTerminalView({
    screen,
    attach: (options) => {
      const made = createFakeSession(options)
      sessions.push(made)
      return made
    },
    clock,
    onUnauthorized: () => told.push('unauthorized'),
    onNotice: (code, text) => told.push(`${code}: ${text}`),
    onRefusedInput: (reason, sizeBytes) => told.push(`${reason} ${sizeBytes}`),
    onSign: (sign) => told.push(sign),
    onClipboardWrite: (text) => told.push(`copy ${text}`),
  })
})

function session(): FakeSession {
  const last = sessions.at(-1)
  if (!last) throw new Error('nothing was attached')
  return last
}

/** Attached, nothing to restore, and this viewer decides the size. */
async function live(): Promise<void> {
  view.fit(100, 30)
  view.open()
  session().become({ name: 'live' })
  session().emit({ type: 'size', cols: 100, rows: 30, owner: 'you' })
  await parsed(screen)
}

describe('output', () => {
  it('is shown, and acknowledged only when it was parsed', async () => {
    await live()
    session().output('hello')
    expect(session().acknowledged).toBe(0)
    await parsed(screen)
    expect(session().acknowledged).toBe(1)
    expect(textOf(screen)).toEqual(['hello'])
  })

  it('tells how much of the old one is restored', async () => {
    view.open()
    session().become({ name: 'replaying', end: 10 })
    expect(view.state.restored).toBe(0)
    session().output('12345', { replay: true })
    await parsed(screen)
    expect(view.state.restored).toBe(0.5)
    session().become({ name: 'live' })
    expect(view.state.restored).toBeUndefined()
  })

  it('says how much of it is gone, and does not lean on what was cut', async () => {
    await live()
    session().output('before\x1b[31')
    session().emit({ type: 'gap', from: 9, to: 4_105 })
    session().output('after')
    await parsed(screen)
    expect(textOf(screen)).toEqual([
      'before',
      '[4096 bytes of history are no longer kept]',
      'after',
    ])
  })

  it('begins afresh for another program', async () => {
    await live()
    session().output('old')
    session().emit({ type: 'reset' })
    session().output('new')
    await parsed(screen)
    expect(textOf(screen)).toEqual(['new'])
  })

  it('ends with the exit code, below the last line', async () => {
    await live()
    session().output('bye')
    session().emit({ type: 'exit', code: 3, signal: undefined, complete: true })
    await parsed(screen)
    expect(textOf(screen)).toEqual(['bye', '[Process exited with code 3]'])
  })

  it('names the signal, and owns up to output that did not arrive', async () => {
    await live()
    session().emit({ type: 'exit', code: undefined, signal: 'SIGKILL', complete: false })
    await parsed(screen)
    expect(textOf(screen)).toEqual([
      '[Process ended by SIGKILL]',
      '[The end of its output did not arrive]',
    ])
  })
})

describe('a snapshot', () => {
  it('stands in the place of all that was shown, and is acknowledged when it was parsed', async () => {
    await live()
    session().output(`${'old\r\n'.repeat(100)}\x1b[31`)
    session().snapshot('\x1b[?2004hthe end', 5_000, { cols: 100, rows: 30 })
    session().output(' and more')
    expect(session().acknowledged).toBe(0)
    await parsed(screen)
    expect(textOf(screen)).toEqual(['the end and more'])
    expect(screen.modes.bracketedPasteMode).toBe(true)
    expect(session().acknowledged).toBe(3)
    expect(view.state.passedOver).toBe(5_000)
  })

  it('is read at its own size, and the screen has this viewer’s afterwards', async () => {
    await live()
    session().snapshot(`${'x'.repeat(60)}\x1b[3;5Hhere`, 5_000, { cols: 40, rows: 10 })
    await parsed(screen)
    expect([screen.cols, screen.rows]).toEqual([100, 30])
    expect(textOf(screen)[0]).toBe('x'.repeat(60))
  })

  it('rings no bell and types nothing', async () => {
    await live()
    session().snapshot(`\x07\x1b[?1004h${ASK_CURSOR}`, 5_000)
    await parsed(screen)
    expect(session().typed).toBe('')
  })

  it('is forgotten with its program', async () => {
    await live()
    session().snapshot('old', 5_000)
    await parsed(screen)
    session().emit({ type: 'reset' })
    expect(view.state.passedOver).toBeUndefined()
  })
})

describe('queries', () => {
  it('are left to the session where that answers them, and typing is not', async () => {
    await live()
    const size = { cols: 100, rows: 30 }
    const whose = { epoch: 'e', name: 'n', mode: 'driver', answers: 'session' } as const
    session().emit({ type: 'attached', ...size, ...whose })
    session().output(ASK_CURSOR + ASK_DEVICE)
    screen.input('x')
    await parsed(screen)
    screen.input('y')
    expect(session().typed).toBe('xy')
  })

  it('are answered when they are live and this viewer decides the size', async () => {
    await live()
    session().output(ASK_CURSOR + ASK_DEVICE)
    await parsed(screen)
    expect(session().typed).toBe('\x1b[1;1R\x1b[?1;2c')
  })

  it('are not answered in a replay, though parsing is later than the end of the replay', async () => {
    await live()
    session().become({ name: 'replaying', end: 100 })
    session().output(`old${ASK_CURSOR}`, { replay: true })
    session().become({ name: 'live' })
    session().output(`new${ASK_DEVICE}`)
    await parsed(screen)
    expect(session().typed).toBe('\x1b[?1;2c')
  })

  it('are left to the viewer that decides the size', async () => {
    await live()
    session().emit({ type: 'size', cols: 80, rows: 24, owner: 'other' })
    session().output(ASK_CURSOR)
    await parsed(screen)
    expect(session().typed).toBe('')
  })
})

describe('typing', () => {
  it('goes out in UTF-8', async () => {
    await live()
    screen.input('ä€')
    expect(session().typedBytes).toEqual([0xc3, 0xa4, 0xe2, 0x82, 0xac])
  })

  it('waits for the connection while it is coming back', async () => {
    await live()
    session().become({ name: 'reconnecting', attempt: 1, attempts: 20, retryAtMs: 0 })
    screen.input('ls\r')
    expect(session().typed).toBe('ls\r')
  })

  it('asks for the connection when that is lost for good, and is not sent', async () => {
    await live()
    session().become({ name: 'stopped' })
    screen.input('x')
    expect(session().typed).toBe('')
    expect(session().calls).toContain('reconnect')
  })

  it('is not what the pointer and the focus do while there is no connection', async () => {
    await live()
    session().become({ name: 'reconnecting', attempt: 1, attempts: 20, retryAtMs: 0 })
    screen.input('\x1b[I')
    screen.input('\x1b[<0;5;5M')
    expect(session().typed).toBe('')
  })

  it('is not what the focus does where another viewer decides the size', async () => {
    await live()
    session().emit({ type: 'size', cols: 80, rows: 24, owner: 'other' })
    await parsed(screen)
    screen.input('\x1b[I')
    screen.input('\x1b[<35;5;5M')
    expect(session().typed).toBe('')
    screen.input('\x1b[<0;5;5M')
    expect(session().typed).toBe('\x1b[<0;5;5M')
  })

  it('shows after 150 ms what has not arrived, until it has', async () => {
    await live()
    screen.input('ab\r')
    session().pend(3)
    clock.advance(149)
    expect(view.state.pending).toBeUndefined()
    clock.advance(1)
    expect(view.state.pending).toEqual({ amount: '3 characters', text: 'ab⏎' })
    session().pend(0)
    expect(view.state.pending).toBeUndefined()
  })

  it('that waited too long is sent or discarded by a person', async () => {
    await live()
    screen.input('rm x')
    session().pend(4, 4)
    session().emit({ type: 'staleInput', reason: 'waited', sizeBytes: 4 })
    expect(view.state.held).toEqual({ amount: '4 characters', text: 'rm x', reason: 'waited' })
    view.discardHeld()
    expect(session().calls).toContain('discardHeld')
    session().pend(0)
    expect(view.state.held).toBeUndefined()
  })

  it('tells what was not taken', async () => {
    await live()
    session().emit({ type: 'inputRefused', reason: 'full', sizeBytes: 9 })
    session().emit({ type: 'notice', code: 'LINE_TOO_LONG', text: 'too long' })
    expect(told).toEqual(['full 9', 'LINE_TOO_LONG: too long'])
  })
})

describe('the size', () => {
  it('is told when attaching and whenever it changes, and only then', () => {
    view.fit(100, 30)
    view.open()
    expect(session().options).toMatchObject({ cols: 100, rows: 30 })
    view.fit(100, 30)
    view.fit(101, 30)
    expect(session().calls).toEqual(['resize 101x30'])
    expect([screen.cols, screen.rows]).toEqual([101, 30])
  })

  it('is that of another viewer while that one decides, behind the output that came before', async () => {
    await live()
    session().output('x'.repeat(90))
    session().emit({ type: 'size', cols: 120, rows: 40, owner: 'other' })
    expect(screen.cols).toBe(100)
    await parsed(screen)
    expect([screen.cols, screen.rows]).toEqual([120, 40])
    view.fit(50, 20)
    expect([screen.cols, screen.rows]).toEqual([120, 40])
    view.claimSize()
    expect(session().calls).toEqual(['resize 50x20', 'resize 50x20 claim'])
    session().emit({ type: 'size', cols: 50, rows: 20, owner: 'you' })
    await parsed(screen)
    expect([screen.cols, screen.rows]).toEqual([50, 20])
  })
})

describe('coming and going', () => {
  it('goes on where it stopped', async () => {
    await live()
    session().output('12345')
    view.rest()
    expect(session().calls).toContain('close')
    view.open()
    expect(session().options.resume).toEqual({ epoch: 'an epoch', offset: 5 })
    expect(sessions).toHaveLength(2)
  })

  it('stays until everything typed has arrived', async () => {
    await live()
    screen.input('x')
    session().pend(1)
    view.rest()
    expect(session().calls).not.toContain('close')
    session().pend(0)
    expect(session().calls).toContain('close')
  })

  it('does not attach again to what has ended', async () => {
    await live()
    session().become({ name: 'ended', exit: { code: 0, signal: undefined, complete: true } })
    view.rest()
    view.open()
    expect(sessions).toHaveLength(1)
    expect(view.state.status.name).toBe('ended')
  })

  it('goes to the login when the server asks for it', async () => {
    await live()
    session().become({ name: 'refused', code: 4401, reason: 'logged out' })
    expect(told).toEqual(['unauthorized'])
  })

  it('asks no more for a session that is not there', async () => {
    await live()
    session().become({ name: 'refused', code: 4404, reason: '' })
    view.reconnect()
    expect(session().calls).not.toContain('reconnect')
  })
})

it('cleans the titles that programs set', async () => {
  await live()
  session().output('\x1b]2;vim \u202e~/x\x07')
  await parsed(screen)
  expect(view.state.title).toBe('vim ~/x')
})

describe('signs', () => {
  const LOUD = `\x07\x1b]52;c;${btoa('secret')}\x07`

  it('are given by what a program says now', async () => {
    await live()
    session().output(LOUD)
    await parsed(screen)
    expect(told).toEqual(['output', 'bell', 'copy secret'])
  })

  it('are not given by what it said long ago', async () => {
    await live()
    session().output(LOUD, { replay: true })
    await parsed(screen)
    expect(told).toEqual([])
  })

  it('never tell a program what the clipboard holds', async () => {
    await live()
    session().output('\x1b]52;c;?\x07')
    await parsed(screen)
    expect(session().typed).toBe('')
    expect(told).toEqual(['output'])
  })
})
