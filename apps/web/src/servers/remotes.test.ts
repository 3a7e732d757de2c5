import type { RemoteJson } from '@conductor/api-types'
import { fakeClock, until } from '@conductor/testing'
import { signal } from '@preact/signals'
import { describe, expect, it } from 'vitest'
import type { EventStream } from '../api/server-events.ts'
import { createRemotes } from './remotes.ts'
import type { Server, Servers } from './server.ts'

class FakeStream extends EventTarget implements EventStream {
  readyState = 1
  close(): void {
    this.readyState = 2
  }
  /** As a browser does for an answer that it does not take. */
  fail(): void {
    this.close()
    this.dispatchEvent(new Event('error'))
  }
}

function setup(first: readonly Pick<RemoteJson, 'id' | 'status'>[]) {
  const clock = fakeClock()
  const streams: FakeStream[] = []
  const back: string[] = []
  let answer: unknown = named(first)
  let asked = 0
  let onServers: (data: unknown) => void = () => {}
  let isSeen = true
  const here = {
    id: 'here',
    base: new URL('http://here/'),
    api: {
      ask: async () => {
        asked++
        if (answer instanceof Error) throw answer
        return answer
      },
    },
    events: {
      on(_: string, listener: (data: unknown) => void) {
        onServers = listener
        return () => {}
      },
    },
  } as unknown as Server
  const all = signal<readonly Server[]>([here])
  const servers: Servers = {
    all,
    here,
    find: (id) => all.value.find((each) => each.id === id),
    add: (server) => {
      all.value = [...all.value, server]
    },
    remove(id) {
      servers.find(id)?.close()
      all.value = all.value.filter((each) => each.id !== id)
    },
  }
  const remotes = createRemotes({
    ...{ servers, clock, onUnauthorized: () => {} },
    isSeen: () => isSeen,
    onBack: (id) => void back.push(id),
    open() {
      const stream = new FakeStream()
      streams.push(stream)
      return stream
    },
  })
  return {
    ...{ remotes, servers, streams, back, clock },
    get asked() {
      return asked
    },
    open: () => streams.filter(({ readyState }) => readyState === 1).length,
    answers(next: readonly Pick<RemoteJson, 'id' | 'status'>[] | Error) {
      answer = next instanceof Error ? next : named(next)
    },
    tells: (next: readonly Pick<RemoteJson, 'id' | 'status'>[]) => onServers(named(next)),
    sees(next: boolean) {
      isSeen = next
    },
  }
}

const named = (list: readonly Pick<RemoteJson, 'id' | 'status'>[]): readonly RemoteJson[] =>
  list.map((each) => ({ ...each, name: each.id.toUpperCase(), url: `http://${each.id}/` }))

describe('the other servers', () => {
  it('are listened to only while they are there, and no more than three', async () => {
    const ids = ['a', 'b', 'c', 'd', 'e']
    const world = setup(ids.map((id) => ({ id, status: id === 'a' ? 'unreachable' : 'ok' })))
    await world.remotes.refresh()
    expect(world.servers.all.value.map(({ name }) => name).slice(1)).toEqual(
      ids.map((id) => id.toUpperCase()),
    )
    // B and C: the first three have the streams.
    expect(world.open()).toBe(2)
    world.tells(ids.map((id) => ({ id, status: 'ok' })))
    expect(world.open()).toBe(3)
    expect(world.back).toEqual(['a'])
    world.tells([
      { id: 'b', status: 'ok' },
      { id: 'c', status: 'login-needed' },
    ])
    expect(world.servers.all.value.map(({ id }) => id)).toEqual(['here', 'b', 'c'])
    expect(world.open()).toBe(1)
    expect(world.servers.find('c')?.reachable).toBe(false)
  })

  it('that has let go of its stream is asked about at once, and heard again after a while', async () => {
    const world = setup([{ id: 'a', status: 'ok' }])
    await world.remotes.refresh()
    const before = world.asked
    world.streams[0]?.fail()
    await until(() => world.asked > before)
    expect(world.open()).toBe(0)
    world.clock.advance(5_000)
    expect(world.open()).toBe(1)
    world.answers([{ id: 'a', status: 'unreachable' }])
    world.streams[1]?.fail()
    await until(() => world.servers.find('a')?.reachable === false)
    world.clock.advance(60_000)
    expect(world.open()).toBe(0)
  })

  it('are asked about every ten seconds, while somebody can see the page', async () => {
    const world = setup([])
    world.clock.advance(9_999)
    expect(world.asked).toBe(0)
    world.clock.advance(1)
    expect(world.asked).toBe(1)
    world.sees(false)
    world.clock.advance(300_000)
    expect(world.asked).toBe(1)
    world.remotes.close()
    world.sees(true)
    world.clock.advance(300_000)
    expect(world.asked).toBe(1)
  })

  it('stay as they are known while our own server does not answer', async () => {
    const world = setup([{ id: 'a', status: 'ok' }])
    await world.remotes.refresh()
    world.answers(new Error('away'))
    await world.remotes.refresh()
    expect(world.remotes.list.value).toHaveLength(1)
    await expect(world.remotes.login('a', 'x')).rejects.toThrow('away')
  })
})
