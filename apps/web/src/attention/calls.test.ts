import { signal } from '@preact/signals'
import { beforeEach, expect, it } from 'vitest'
import { readSession, type SessionInfo } from '../api/session-info.ts'
import { type Calls, createCalls } from './calls.ts'

let kept: Map<string, string>
const list = signal<readonly SessionInfo[]>([])

function session(id: string, state: string, since = '2026-01-01T00:00:00.000Z'): SessionInfo {
  const info = readSession({ id, attention: { state, since, source: 'hook', text: `text ${id}` } })
  if (!info) throw new Error('no session')
  return info
}

function create(): Calls {
  return createCalls({
    sessions: () => list.value.map((info) => ({ ref: { server: 'here', id: info.id }, info })),
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
    },
  })
}

const here = (id: string) => ({ server: 'here', id })
const ids = (calls: readonly { readonly ref: { readonly id: string } }[]) =>
  calls.map(({ ref }) => ref.id)

beforeEach(() => {
  kept = new Map()
  list.value = [
    session('idle', 'none'),
    session('busy', 'working'),
    session('done', 'done'),
    session('late', 'waiting', '2026-01-01T00:05:00.000Z'),
    session('early', 'waiting'),
    session('failed', 'failed'),
  ]
})

it('lists who waits before who failed or is done, the longest first', () => {
  expect(ids(create().all.value)).toEqual(['early', 'late', 'failed', 'done'])
})

it('marks what is seen no more, also after a reload, until it calls anew', () => {
  create().see('here/early')
  const calls = create()
  expect(ids(calls.unseen.value)).toEqual(['late', 'failed', 'done'])
  expect(ids(calls.all.value)).toEqual(['late', 'failed', 'done', 'early'])
  expect(calls.of(here('early'))).toBeUndefined()
  list.value = [session('early', 'waiting', '2026-01-01T01:00:00.000Z')]
  expect(calls.of(here('early'))?.text).toBe('text early')
})

it('takes what is over for seen when it is looked at, and what waits not', () => {
  const calls = create()
  calls.look(here('done'))
  calls.look(here('early'))
  expect(ids(calls.unseen.value)).toEqual(['early', 'late', 'failed'])
})

it('leads from one to the next, and round again', () => {
  const calls = create()
  expect(calls.next(undefined)?.id).toBe('early')
  expect(calls.next('here/early')?.id).toBe('late')
  expect(calls.next('here/done')?.id).toBe('early')
  list.value = []
  expect(calls.next('here/early')).toBeUndefined()
})

it('forgets what was seen of sessions that call no more, and survives a spoilt storage', () => {
  const calls = create()
  calls.see('here/done')
  list.value = [session('early', 'waiting')]
  calls.see('here/early')
  expect(Object.keys(JSON.parse(kept.get('conductor.seen') ?? ''))).toEqual(['here/early'])
  kept.set('conductor.seen', 'nonsense')
  expect(ids(create().unseen.value)).toEqual(['early'])
})
