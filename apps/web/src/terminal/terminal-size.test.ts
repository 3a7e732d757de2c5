import { fakeClock } from '@conductor/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeSession, type FakeSession } from '../testing/fake-session.ts'
import { createHeadlessScreen, type HeadlessScreen, parsed } from '../testing/headless-screen.ts'
import type { SizePolicy } from './terminal-size.ts'
import { createTerminalView, type TerminalView } from './terminal-view.ts'

let screen: HeadlessScreen
let session: FakeSession
let policy: SizePolicy
let view: TerminalView

beforeEach(async () => {
  screen = createHeadlessScreen()
  policy = 'typing'
  view = createTerminalView({
    screen,
    attach(options) {
      session = createFakeSession(options)
      return session
    },
    clock: fakeClock(),
    sizePolicy: () => policy,
    modify: (keys) => (keys === 'c' ? '\x03' : keys),
    onUnauthorized: () => {},
    onNotice: () => {},
    onRefusedInput: () => {},
  })
  view.fit(45, 30)
  view.open()
  session.become({ name: 'live' })
  session.emit({ type: 'size', cols: 200, rows: 50, owner: 'none' })
  await parsed(screen)
})

describe('a phone that only reads', () => {
  it('has no size to offer, and shows the grid that there is, however it is turned', async () => {
    expect(session.options.cols).toBeUndefined()
    expect([screen.cols, screen.rows]).toEqual([200, 50])
    view.fit(90, 15)
    view.fit(45, 30)
    await parsed(screen)
    expect(session.calls).toEqual([])
    expect(screen.cols).toBe(200)
    expect(view.state.follows).toBe(true)
  })

  it('offers its size before its first key, and is resized like any other from then on', async () => {
    screen.input('c')
    expect(session.calls).toEqual(['resize 45x30'])
    expect(session.typed).toBe('\x03')
    view.type('\x1b')
    view.fit(90, 15)
    expect(session.calls).toEqual(['resize 45x30', 'resize 90x15'])
    session.emit({ type: 'size', cols: 90, rows: 15, owner: 'you' })
    await parsed(screen)
    expect(screen.cols).toBe(90)
    expect(view.state.follows).toBe(false)
  })

  it('does not offer it by looking: where the pointer is, whether it has the focus', () => {
    for (const report of ['\x1b[I', '\x1b[<35;3;4M']) screen.input(report, false)
    expect(session.calls).toEqual([])
  })

  it('keeps it to itself where only a tap may say so, until that tap', () => {
    policy = 'asked'
    view.type('x')
    expect(session.calls).toEqual([])
    view.claimSize()
    expect(session.calls).toEqual(['resize 45x30 claim'])
  })
})
