import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type TestApp, testApp } from '../testing/test-app.ts'

interface Stream {
  readonly events: { readonly id: string; readonly event: string; readonly data: unknown }[]
  readonly over: boolean
  stop(): Promise<void>
}

async function listen(app: TestApp, lastId?: string): Promise<Stream> {
  const headers = lastId === undefined ? {} : { 'last-event-id': lastId }
  const response = await app.ask('/api/events', { headers })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const reader = response.body?.getReader()
  if (!reader) throw new Error('no body')
  const events: Stream['events'] = []
  let text = ''
  let over = false

  async function read(): Promise<void> {
    for (;;) {
      const { done, value } = await (reader as NonNullable<typeof reader>).read()
      if (done) break
      text += Buffer.from(value).toString()
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const [, id, event, data] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block) ?? []
        if (id && event && data) events.push({ id, event, data: JSON.parse(data) })
      }
    }
    over = true
  }
  void read()

  return {
    events,
    get over() {
      return over
    },
    stop: () => reader.cancel(),
  }
}

describe('the stream of events', () => {
  it('begins with the list and goes on with what happens', async () => {
    const app = testApp(onTestFinished)
    const stream = await listen(app)
    const { id } = await app.directory.create({ name: 'a' })
    app.directory.rename(id, 'b')
    app.runtime.last().becomes({ name: 'stalled', reason: 'disk full' })
    app.runtime.last().exits(2)
    await until(() => stream.events.length === 7)
    expect(stream.events.map(({ event }) => event)).toEqual([
      'sessions',
      'session.created',
      'session.renamed',
      'session.state',
      'session.attention',
      'session.exited',
      'session.removed',
    ])
    expect(stream.events[3]?.data).toMatchObject({
      session: { id, status: 'stalled', reason: 'disk full' },
    })
    expect(stream.events[5]?.data).toMatchObject({ id, exit: { code: 2 } })
    await stream.stop()
  })

  it('goes on after Last-Event-ID without a miss, and begins anew where that is too long ago', async () => {
    const app = testApp(onTestFinished)
    const first = await listen(app)
    await app.directory.create({})
    await until(() => first.events.length === 2)
    const seen = first.events[1]?.id
    await first.stop()
    await app.directory.create({})
    await app.directory.create({})

    const second = await listen(app, seen)
    await until(() => second.events.length === 2)
    expect(second.events.map(({ event }) => event)).toEqual(['session.created', 'session.created'])
    const third = await listen(app, 'another-server-7')
    await until(() => third.events.length === 1)
    expect(third.events[0]).toMatchObject({ event: 'sessions', data: [{}, {}, {}] })
    await second.stop()
    await third.stop()
  })

  it('tells of memory and CPU to who listens, and asks the manager for nothing otherwise', async () => {
    const app = testApp(onTestFinished)
    const unsubscribe = vi.fn()
    const real = app.manager.subscribe
    const subscribe = vi.spyOn(app.manager, 'subscribe').mockImplementation((listener) => {
      const stop = real(listener)
      return () => {
        unsubscribe()
        stop()
      }
    })
    const usage = (rssBytes: number) => {
      const event = { type: 'usage', name: 'web', usage: { rssBytes, processes: 1 } } as const
      app.manager.tell(event)
    }
    usage(1)
    expect(subscribe).not.toHaveBeenCalled()
    const response = await app.ask('/api/events')
    usage(2)
    const reader = response.body?.getReader()
    let text = ''
    await until(async () => {
      const { value } = (await reader?.read()) ?? {}
      text += Buffer.from(value ?? []).toString()
      return text.includes('process.usage')
    })
    expect(text).toContain(
      'event: process.usage\ndata: {"name":"web","usage":{"rssBytes":2,"processes":1}}\n\n',
    )
    expect(text).not.toContain('"rssBytes":1')
    await reader?.cancel()
    expect([subscribe, unsubscribe].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
  })

  it('ends with its login, and leaves no timer', async () => {
    const app = testApp(onTestFinished)
    const stream = await listen(app)
    await until(() => stream.events.length === 1)
    expect(app.connections.count).toBe(1)
    await app.ask('/api/logout', { method: 'POST' })
    await until(() => stream.over)
    expect(app.connections.count).toBe(0)
    expect(app.clock.pending).toBe(0)
  })

  it('sends a reader away that does not read, rather than keep everything for it', async () => {
    const app = testApp(onTestFinished)
    await app.ask('/api/events')
    const { id } = await app.directory.create({})
    for (let i = 0; i < 1_100; i++) app.directory.rename(id, `name ${i}`)
    expect(app.connections.count).toBe(0)
  })
})
