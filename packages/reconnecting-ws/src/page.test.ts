import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { setup } from './testing/setup.ts'

const ping = { everyMs: 10_000, silenceMs: 25_000, make: () => 'ping' }
const DOWN = { schedule: () => 30_000 }

describe('a wait', () => {
  it.each([
    ['the page is seen again', 'visibilitychange', {}],
    ['the page comes out of the back-forward cache', 'pageshow', { persisted: true }],
    ['the page thaws', 'resume', {}],
    ['the network is back', 'online', {}],
  ])('is cut short when %s', async (_, type, fields) => {
    const { page, last, state, settle, sockets } = await setup(DOWN)
    last().drops()
    page.fire(type, fields)
    expect(state('connecting').attempt).toBe(1)
    await settle()
    expect(sockets).toHaveLength(2)
  })

  it.each([
    ['the page has been loaded', 'pageshow', { persisted: false }],
    ['the page is frozen', 'freeze', {}],
    ['the network is gone', 'offline', {}],
  ])('is not cut short when %s', async (_, type, fields) => {
    const { page, last, state } = await setup(DOWN)
    last().drops()
    page.fire(type, fields)
    state('waiting')
  })

  it('is not cut short when the page is hidden', async () => {
    const { page, last, state } = await setup(DOWN)
    last().drops()
    page.hide()
    state('waiting')
  })

  it('does not make more tries than one, however many signals a return gives', async () => {
    const { page, last, settle, sockets } = await setup(DOWN)
    last().drops()
    for (const type of ['resume', 'pageshow', 'visibilitychange', 'online']) {
      page.fire(type, { persisted: true })
      await settle()
    }
    expect(sockets).toHaveLength(2)
  })

  it('that was frozen ends at once on thawing', async () => {
    const { clock, last, state, settle, sockets } = await setup(DOWN)
    last().drops()
    clock.freeze(3_600_000)
    clock.advance(0)
    await settle()
    state('connecting')
    expect(sockets).toHaveLength(2)
  })
})

describe('a try', () => {
  it('is begun again after a return, with more time, and costs nothing', async () => {
    const { page, pass, state, settle, sockets } = await setup(DOWN)
    await pass(1_000)
    page.fire('resume')
    await settle()
    expect(sockets.map((socket) => socket.alive)).toEqual([false, true])
    await pass(7_999)
    expect(state('connecting').attempt).toBe(0)
    await pass(1)
    expect(state('waiting').attempt).toBe(1)
  })
})

describe('an open socket', () => {
  it('has to prove that it lives after a return, within connectWithinMs', async () => {
    const { page, last, opens, pass, state } = await setup({ ping })
    await opens()
    last().says('just now')
    await pass(1)
    page.hide()
    expect(last().sent).toEqual([])
    page.show()
    expect(last().sent).toEqual(['ping'])
    await pass(4_999)
    state('open')
    await pass(1)
    state('waiting')
  })

  it('stays when it answers', async () => {
    const { page, last, opens, pass, state, sockets } = await setup({ ping })
    await opens()
    page.fire('online')
    last().says('pong')
    await pass(9_000)
    state('open')
    expect(sockets).toHaveLength(1)
  })

  it('is trusted where nobody can be asked', async () => {
    const { page, opens, pass, state } = await setup()
    await opens()
    page.show()
    await pass(60_000)
    state('open')
  })
})

describe('a hidden page', () => {
  it('tries no more when the connection has been down for longer than the grace', async () => {
    const { ws, page, last, pass, state, sockets, clock } = await setup({
      schedule: () => 10_000,
      hiddenGraceMs: 25_000,
    })
    page.hide()
    for (let i = 0; i < 3; i++) {
      last().drops()
      await pass(10_000)
    }
    expect(sockets).toHaveLength(3)
    expect(state('waiting').deadlineMs).toBeUndefined()
    expect(ws.nextRetryAt).toBeUndefined()
    expect(clock.pending).toBe(0)
    await pass(3_600_000)
    expect(sockets).toHaveLength(3)
    page.show()
    await pass(1)
    expect(sockets).toHaveLength(4)
    expect(state('connecting').attempt).toBe(3)
  })

  it('gets over a short interruption, however long it has been hidden', async () => {
    const { page, last, opens, pass, state } = await setup()
    await opens()
    page.hide()
    await pass(600_000)
    last().drops(1001)
    await pass(1_000)
    await opens()
    state('open')
  })
})

describe('without a network', () => {
  it('tries do not count, and come every five seconds at most', async () => {
    const { page, last, pass, state, settle, sockets } = await setup()
    page.unplug()
    for (let i = 0; i < 100; i++) {
      last().drops()
      expect(state('waiting').attempt).toBe(1)
      await pass(4_950)
      state('waiting')
      await pass(50)
    }
    expect(sockets).toHaveLength(101)
    page.plugIn()
    await settle()
    last().drops()
    expect(state('waiting').attempt).toBe(2)
  })

  it('a server on this machine is still found', async () => {
    const { page, last, opens, pass, state } = await setup()
    await opens()
    page.unplug()
    last().drops()
    await pass(5_000)
    await opens()
    state('open')
  })
})

describe('after close()', () => {
  it('the page is not listened to any more', async () => {
    const { ws, page, settle, sockets, state } = await setup()
    const listeners = () =>
      ['visibilitychange', 'pageshow', 'resume', 'online'].flatMap((type) =>
        getEventListeners(page.target, type),
      )
    expect(listeners()).toHaveLength(4)
    ws.close()
    expect(listeners()).toEqual([])
    page.hide()
    page.show()
    page.plugIn()
    await settle()
    state('closed')
    expect(sockets).toHaveLength(1)
  })
})

describe('by default', () => {
  it('watches the global scope, and finds in Node that it is no page', async () => {
    const { opens, state } = await setup({ page: undefined })
    await opens()
    state('open')
  })
})
