import { type FakeClock, fakeClock } from '@conductor/testing'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '../api/api-error.ts'
import { createServerEvents, type ServerEvents } from '../api/server-events.ts'
import { readSessionEvent } from '../api/session-events.ts'
import { readSessions, type SessionInfo } from '../api/session-info.ts'
import { createSessionList, type SessionList } from './session-list.ts'

const [one, two] = readSessions([{ id: '1' }, { id: '2' }]) as [SessionInfo, SessionInfo]

let answer: () => Promise<readonly SessionInfo[]>
let clock: FakeClock
let streams: FakeStream[]
let events: ServerEvents
let list: SessionList

beforeEach(() => {
  answer = async () => [one]
  streams = []
  clock = fakeClock()
  events = createServerEvents({
    url: new URL('http://host/api/events'),
    clock,
    open() {
      const stream = new FakeStream()
      streams.push(stream)
      return stream
    },
  })
  list = createSessionList({ api: { listSessions: () => answer() }, events })
})

class FakeStream extends EventTarget {
  readyState = 1
  close(): void {
    this.readyState = 2
  }
  say(name: string, value: unknown): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(value) }))
  }
  end(): void {
    this.close()
    this.dispatchEvent(new Event('error'))
  }
}

const ids = (): unknown =>
  list.state.value.name === 'ready' ? list.state.value.sessions.map(({ id }) => id) : undefined

it('is loading, then there', async () => {
  expect(list.state.value.name).toBe('loading')
  await list.refresh()
  expect(list.state.value).toEqual({ name: 'ready', sessions: [one] })
})

it('follows what happens', async () => {
  await list.refresh()
  list.apply({ type: 'changed', session: two })
  list.apply({ type: 'changed', session: { ...one, name: 'new name' } })
  expect(list.find('1')?.name).toBe('new name')
  expect(ids()).toEqual(['1', '2'])
  list.apply({ type: 'removed', id: '1' })
  expect(ids()).toEqual(['2'])
  list.apply({ type: 'list', sessions: [] })
  expect(ids()).toEqual([])
})

it('does not go back to an answer that is older than an event', async () => {
  let reply = (_: readonly SessionInfo[]): void => {}
  answer = () => new Promise((resolve) => (reply = resolve))
  const refreshed = list.refresh()
  list.apply({ type: 'list', sessions: [one, two] })
  reply([one])
  await refreshed
  expect(ids()).toEqual(['1', '2'])
})

it('says why there is nothing, and keeps what there was', async () => {
  answer = () => Promise.reject(new ApiError('the server cannot be reached', { status: 0 }))
  await list.refresh()
  expect(list.state.value).toEqual({ name: 'failed', text: 'The server cannot be reached' })
  list.apply({ type: 'list', sessions: [one] })
  await list.refresh()
  expect(ids()).toEqual(['1'])
})

it('listens again when the browser has given up, and asks for what it missed', async () => {
  streams[0]?.end()
  clock.advance(5_000)
  expect(streams).toHaveLength(2)
  await vi.waitFor(() => expect(ids()).toEqual(['1']))
  streams[1]?.say('session.created', { session: { id: '2' } })
  expect(ids()).toEqual(['1', '2'])
})

it('hears nothing more once it is closed', async () => {
  await list.refresh()
  list.close()
  streams[0]?.say('session.removed', { id: '1' })
  expect(ids()).toEqual(['1'])
})

describe('events of the server', () => {
  it.each([
    ['sessions', '[{"id":"1"}]', { type: 'list', sessions: [one] }],
    ['session.created', '{"session":{"id":"1"}}', { type: 'changed', session: one }],
    ['session.removed', '{"id":"1","reason":"exited"}', { type: 'removed', id: '1' }],
    ['session.exited', '{"id":"1"}', undefined],
    ['session.created', '{"session":7}', undefined],
    ['sessions', '{}', undefined],
    ['session.removed', '7', undefined],
  ])('%s %s', (name, data, event) => {
    expect(readSessionEvent(name, JSON.parse(data))).toEqual(event)
  })
})
