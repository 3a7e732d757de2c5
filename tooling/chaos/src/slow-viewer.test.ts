import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { encodeClientFrame, SUBPROTOCOL } from '@conductor/protocol'
import { until } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { ownMemoryBytes } from './proc.ts'
import { openJson } from './raw-client.ts'
import { rawCatSession } from './sessions.ts'
import { createWorld, type World } from './world.ts'

const STALL_MS = 20_000
const MEBIBYTE = 1024 * 1024

/** A client of our protocol that attaches and then reads and acknowledges nothing. */
async function attachAndStall({ server, api }: World, session: string): Promise<WebSocket> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws/${session}`, SUBPROTOCOL, {
    headers: { 'x-session-token': api.token },
  })
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  const attach = { session: '', epoch: '', have: 0, cols: 80, rows: 24, mode: 'viewer' } as const
  socket.send(encodeClientFrame({ type: 'hello', version: 1, clientId: 'stalled' }))
  socket.send(encodeClientFrame({ type: 'attach', channel: 1, ...attach }))
  await once(socket, 'message')
  socket.pause()
  return socket
}

/** Types single keys and waits for each: round trips in milliseconds, sorted. */
async function echoTimes(world: World, id: string, count: number): Promise<number[]> {
  let arrived = () => {}
  const viewer = world.view(id, { onOutput: () => arrived() })
  await until(() => viewer.session.offset >= 5)
  const times: number[] = []
  for (let key = 0; key < count; key++) {
    const echoed = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const startMs = performance.now()
    viewer.session.type('k')
    await echoed
    times.push(performance.now() - startMs)
    await delay(5)
  }
  await viewer.close()
  return times.sort((a, b) => a - b)
}

it('costs the server less than 2 MiB when stalled for 20 s of flood, and nobody else anything', async () => {
  // No word for longer than the stall, else the server rightly gives it up.
  const world = await createWorld(onTestFinished, { env: { AI_CONDUCTOR_SILENCE: '60s' } })
  const { server, api } = world
  const flood = {
    command: '/bin/bash',
    args: ['-c', 'exec yes "$(head -c 100 /dev/zero | tr "\\0" y)"'],
  }
  const [noisy, quiet] = await Promise.all([api.create(flood), api.create(rawCatSession)])
  const reader = world.view(noisy.id, { onOutput: () => {} })
  await until(() => reader.session.offset > 100 * MEBIBYTE, { timeoutMs: 20_000 })
  await reader.close()
  await echoTimes(world, quiet.id, 100)
  const idle = await echoTimes(world, quiet.id, 300)

  const stalled = await attachAndStall(world, noisy.id)
  const plain = await openJson(server.url, api, noisy.id)
  plain.socket.pause()
  await delay(1_000)
  const before = ownMemoryBytes(server.pid)
  const endMs = performance.now() + STALL_MS
  const busy = await echoTimes(world, quiet.id, 300)
  const samples: number[] = []
  while (performance.now() < endMs) {
    samples.push(ownMemoryBytes(server.pid) - before)
    await delay(100)
  }
  expect(stalled.readyState).toBe(WebSocket.OPEN)
  // The last quarter: what it settles at, not what a collection is about to free.
  const settled = samples.slice(-samples.length / 4).sort((a, b) => a - b)
  const median = settled[Math.floor(settled.length / 2)] ?? Number.POSITIVE_INFINITY
  expect(median).toBeLessThan(2 * MEBIBYTE)
  const p50 = (times: readonly number[]) => times[Math.floor(times.length / 2)] ?? 0
  // Both floods keep both cores busy already without them.
  expect(p50(busy)).toBeLessThan(2 * p50(idle) + 1)
}, 90_000)
