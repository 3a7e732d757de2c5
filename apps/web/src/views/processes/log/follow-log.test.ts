import { fakeClock } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import type { EventStream } from '../../../api/server-events.ts'
import { followLog } from './follow-log.ts'

/** A stream that the test writes into. */
class FakeStream extends EventTarget implements EventStream {
  readyState = 0
  readonly url: string
  constructor(url: string) {
    super()
    this.url = url
  }
  tell(type: string, data?: unknown): void {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }))
  }
  output(offset: number, text: string): void {
    this.tell('output', { offset, data: btoa(text) })
  }
  close(): void {
    this.readyState = 2
  }
}

function follow() {
  const clock = fakeClock()
  const streams: FakeStream[] = []
  const log = followLog({
    api: { url: (path, query) => new URL(`${path}?${JSON.stringify(query)}`, 'http://h/b/') },
    name: 'web@2',
    tail: 50,
    pretty: true,
    clock,
    open(url) {
      const stream = new FakeStream(decodeURIComponent(url))
      streams.push(stream)
      return stream
    },
  })
  const last = (): FakeStream => streams.at(-1) as FakeStream
  return { clock, streams, log, last }
}

describe('following a log', () => {
  it('begins some lines before the end, and draws what comes together together', () => {
    const { clock, log, last } = follow()
    expect(last().url).toBe('http://h/b/api/processes/web@2/logs?{"follow":true,"tail":50}')
    last().tell('open')
    last().output(0, 'one\n')
    last().output(4, 'two\n')
    expect([log.connection.value, log.lines.value.length]).toEqual(['live', 0])
    clock.advance(100)
    expect(log.lines.value.map(({ text }) => text)).toEqual(['one', 'two'])
  })

  it('leaves it to the browser to come back, and comes back itself when that has given up', () => {
    const { clock, streams, log, last } = follow()
    last().output(0, 'one\n')
    last().tell('error')
    expect([log.connection.value, streams.length]).toEqual(['waiting', 1])
    last().close()
    last().tell('error')
    clock.advance(3_000)
    expect(streams).toHaveLength(2)
    expect(last().url).toContain('{"follow":true,"from":4}')
    last().output(4, 'two\n')
    clock.advance(100)
    expect(log.lines.value).toHaveLength(2)
  })

  it('leaves no timer and no stream, and hears nothing late', () => {
    const { clock, streams, log, last } = follow()
    last().output(0, 'one\n')
    log.close()
    last().tell('error')
    expect([clock.pending, last().readyState, streams.length]).toEqual([0, 2, 1])
  })
})
