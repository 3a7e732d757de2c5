import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type TestApp, testApp } from '../testing/test-app.ts'

const BYTES = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7) % 256))

async function withWeb(): Promise<TestApp> {
  const app = testApp(onTestFinished)
  await app.manager.add({ name: 'web', command: 'x' })
  return app
}

const logs = (app: TestApp, query: string, headers = {}) =>
  app.ask(`/api/processes/web/logs${query}`, { headers })

interface Follower {
  /** Where it begins, as the answer says. */
  readonly begin: string | null
  readonly bytes: Buffer
  readonly pieces: readonly { readonly id: number; readonly offset: number }[]
  readonly beats: number
  readonly over: boolean
  stop(): Promise<void>
}

async function follow(app: TestApp, query: string, headers = {}): Promise<Follower> {
  const response = await logs(app, `?follow=true${query}`, headers)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const reader = response.body?.getReader()
  if (!reader) throw new Error('no body')
  const pieces: { id: number; offset: number; bytes: Buffer }[] = []
  let text = ''
  let beats = 0
  let over = false
  void (async () => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      text += Buffer.from(value).toString()
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        if (block.startsWith(':')) beats++
        const [, id, data = ''] = /^id: (\d+)\nevent: output\ndata: (.*)$/.exec(block) ?? []
        if (!id) continue
        const piece = JSON.parse(data) as { offset: number; data: string }
        pieces.push({ ...piece, id: Number(id), bytes: Buffer.from(piece.data, 'base64') })
      }
    }
    over = true
  })()
  return {
    begin: response.headers.get('x-conductor-offset'),
    get bytes() {
      return Buffer.concat(pieces.map(({ bytes }) => bytes))
    },
    pieces,
    get beats() {
      return beats
    },
    get over() {
      return over
    },
    stop: () => reader.cancel(),
  }
}

describe('the log of a process', () => {
  it('is given from an offset on, byte for byte', async () => {
    const app = await withWeb()
    app.manager.log('web').writes(BYTES)
    const response = await logs(app, '?from=1000')
    expect(response.headers.get('x-conductor-offset')).toBe('1000')
    expect(response.headers.get('x-conductor-end')).toBe('200000')
    expect(Buffer.from(await response.arrayBuffer()).equals(BYTES.subarray(1000))).toBe(true)
  })

  it('says in its offset what rotation has dropped', async () => {
    const app = await withWeb()
    app.manager.log('web').writes('0123456789')
    app.manager.log('web').rotatesTo(4)
    const response = await logs(app, '')
    expect(response.headers.get('x-conductor-offset')).toBe('4')
    expect(await response.text()).toBe('456789')
  })

  it('is cut short, and not given with a hole, when rotation overtakes the reader', async () => {
    const app = await withWeb()
    app.manager.log('web').writes(BYTES)
    const response = await logs(app, '')
    const reader = response.body?.getReader()
    await reader?.read()
    app.manager.log('web').rotatesTo(190_000)
    await expect(
      (async () => {
        while (!(await reader?.read())?.done);
      })(),
    ).rejects.toThrow('rotated away')
  })

  it.each([
    [1, 'three\n', 8],
    [2, 'two\nthree\n', 4],
    [9, 'one\ntwo\nthree\n', 0],
    [0, '', 14],
  ])('is given from the last %i lines on', async (lines, text, offset) => {
    const app = await withWeb()
    app.manager.log('web').writes('one\ntwo\nthree\n')
    const response = await logs(app, `?tail=${lines}`)
    expect(response.headers.get('x-conductor-offset')).toBe(String(offset))
    expect(await response.text()).toBe(text)
  })

  it('that is empty, or ends before the offset, is nothing', async () => {
    const app = await withWeb()
    for (const query of ['', '?tail=5', '?from=99'])
      expect(await (await logs(app, query)).text()).toBe('')
  })

  it.each(['?from=-1', '?from=x', '?from=1.5', '?tail=all', '?from=99999999999999999'])(
    'is refused for %s',
    async (query) => {
      const response = await logs(await withWeb(), query)
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ code: 'BAD_FIELD' })
    },
  )
})

describe('following a log', () => {
  it('tells what is there and what comes, byte for byte, with the offset of what is next', async () => {
    const app = await withWeb()
    app.manager.log('web').writes(BYTES)
    const follower = await follow(app, '')
    await until(() => follower.bytes.length === BYTES.length)
    app.manager.log('web').writes(Buffer.from([0xff, 0xfe, 0x00]))
    await until(() => follower.bytes.length === BYTES.length + 3)
    expect(follower.bytes.equals(Buffer.concat([BYTES, Buffer.from([0xff, 0xfe, 0])]))).toBe(true)
    expect(follower.pieces.at(-1)).toMatchObject({ offset: 200_000, id: 200_003 })
    await follower.stop()
  })

  it('goes on after Last-Event-ID with neither a gap nor a repeat, whatever else is asked', async () => {
    const app = await withWeb()
    app.manager.log('web').writes(BYTES)
    const first = await follow(app, '&tail=3')
    await until(() => first.pieces.length > 0)
    const seen = first.pieces[0]?.id ?? 0
    await first.stop()
    const again = await follow(app, '&tail=3', { 'last-event-id': String(seen) })
    app.manager.log('web').writes('more')
    const rest = Buffer.concat([BYTES.subarray(seen), Buffer.from('more')])
    await until(() => again.bytes.equals(rest))
    await again.stop()
  })

  it('begins at the beginning of a log that is shorter than what the reader has', async () => {
    const app = await withWeb()
    app.manager.log('web').writes('anew')
    const follower = await follow(app, '', { 'last-event-id': '200000' })
    await until(() => follower.bytes.toString() === 'anew')
    expect(follower.begin).toBe('0')
    await follower.stop()
  })

  it('gives a sign of life while there is nothing, and leaves no timer and no connection', async () => {
    const app = await withWeb()
    const pending = app.clock.pending
    const follower = await follow(app, '')
    await until(() => app.clock.pending === pending + 1)
    app.clock.advance(10_000)
    await until(() => follower.beats === 1)
    expect(app.connections.count).toBe(1)
    await follower.stop()
    await until(() => app.clock.pending === pending && app.connections.count === 0)
  })

  it('ends with its login, and with the process', async () => {
    const app = await withWeb()
    const first = await follow(app, '')
    await app.manager.remove('web')
    await until(() => first.over)
    await app.manager.add({ name: 'web', command: 'x' })
    const second = await follow(app, '')
    await app.ask('/api/logout', { method: 'POST' })
    await until(() => second.over)
    expect([app.connections.count, app.clock.pending]).toEqual([0, 0])
  })
})
