import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { encodeClientFrame, SUBPROTOCOL } from '@conductor/protocol'
import { temporaryFolder, until } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createOracle } from './oracle.ts'
import { ownMemoryBytes } from './proc.ts'
import { openJson } from './raw-client.ts'
import { PASSWORD } from './server-process.ts'
import { generatorSession, rawCatSession } from './sessions.ts'
import { createWorld, type World } from './world.ts'

const MEBIBYTE = 1024 * 1024

interface Two {
  readonly gateway: World
  readonly far: World
  /** Where the far server is, through the gateway. */
  readonly address: () => string
  /** How the gateway finds the far one. */
  status(): Promise<string | undefined>
}

/** Two real servers, the far one reached through the gateway. */
async function two(env = {}): Promise<Two> {
  const [far, gateway] = await Promise.all([
    createWorld(onTestFinished, { env, dir: temporaryFolder(onTestFinished) }),
    createWorld(onTestFinished, { env, dir: temporaryFolder(onTestFinished) }),
  ])
  const added = await gateway.api.request('POST', '/api/servers', {
    ...{ url: far.server.url, password: PASSWORD },
  })
  expect(added.status).toBe(201)
  const { id } = (await added.json()) as { id: string }
  return {
    gateway,
    far,
    address: () => `${gateway.server.url}/remote/${id}`,
    async status() {
      const answer = await gateway.api.request('GET', '/api/servers')
      const list = (await answer.json()) as { id: string; status: string }[]
      return list.find((each) => each.id === id)?.status
    },
  }
}

it('gives every byte once through a tunnel, over kill -9 of the far server and of the gateway', async () => {
  const { gateway, far, address } = await two()
  const bytes = 24 * MEBIBYTE
  const seed = 11
  const session = await far.api.create(generatorSession({ bytes, seed, bytesPerSecond: 4e6 }))
  const oracles = [createOracle({ seed }), createOracle({ seed }), createOracle({ seed })]
  const viewers = oracles.map((oracle) =>
    gateway.view(session.id, {
      address,
      onOutput: (offset, piece) => void oracle.accept(offset, piece),
    }),
  )
  const reach = (share: number): Promise<unknown> =>
    until(() => oracles.every(({ offset }) => offset > bytes * share), {
      timeoutMs: 60_000,
      what: `all have ${share} of it: ${oracles.map(({ offset }) => offset)}`,
    })
  for (const [share, victim] of [
    [0.1, far],
    [0.3, gateway],
    [0.5, far],
    [0.7, gateway],
  ] as const) {
    await reach(share)
    await victim.server.kill()
    await delay(200)
    await victim.server.start()
  }
  await until(() => oracles.every(({ offset, deviation }) => offset >= bytes || deviation), {
    timeoutMs: 60_000,
  })
  expect(oracles.map(({ deviation }) => deviation)).toEqual([undefined, undefined, undefined])
  viewers[0]?.session.type('x')
  await until(() => viewers.every(({ exit }) => exit), { timeoutMs: 30_000 })
  for (const { exit, events } of viewers) {
    expect(exit).toMatchObject({ code: 0, complete: true })
    expect(events.filter(({ type }) => type === 'gap')).toEqual([])
  }
}, 240_000)

it('types every key once through a tunnel, over kill -9 of either', async () => {
  const { gateway, far, address, status } = await two()
  const session = await far.api.create(rawCatSession)
  const viewer = gateway.view(session.id, { address })
  await viewer.sees('ready')
  let expected = 'ready'
  for (const victim of [far, gateway, far]) {
    const killed = (async () => {
      await delay(100)
      await victim.server.kill()
      await delay(300)
      await victim.server.start()
    })()
    for (let n = 0; n < 100; n++) {
      const line = `${expected.length}.`
      viewer.session.type(line)
      expected += line
      await delay(8)
    }
    await killed
  }
  await until(() => viewer.text.length >= expected.length, { timeoutMs: 30_000 })
  expect(viewer.text).toBe(expected)
  await until(async () => (await status()) === 'ok', { timeoutMs: 30_000 })
}, 120_000)

it('costs the gateway less than 4 MiB when viewers stall for 10 s of flood, and nobody else anything', async () => {
  const { gateway, far, address } = await two({ AI_CONDUCTOR_SILENCE: '60s' })
  const flood = {
    command: '/bin/bash',
    args: ['-c', 'exec yes "$(head -c 100 /dev/zero | tr "\\0" y)"'],
  }
  const [noisy, quiet] = await Promise.all([far.api.create(flood), far.api.create(rawCatSession)])
  const reader = gateway.view(noisy.id, { address, onOutput: () => {} })
  await until(() => reader.session.offset > 50 * MEBIBYTE, { timeoutMs: 30_000 })
  await reader.close()

  // One that never acknowledges, and one whose protocol knows no acknowledging: only the pipes can stop it.
  const url = `${address().replace('http', 'ws')}/ws/${noisy.id}`
  const stalled = new WebSocket(url, SUBPROTOCOL, {
    headers: { 'x-session-token': gateway.api.token },
  })
  onTestFinished(() => stalled.terminate())
  await once(stalled, 'open')
  const attach = { session: '', epoch: '', have: 0, cols: 80, rows: 24, mode: 'viewer' } as const
  stalled.send(encodeClientFrame({ type: 'hello', version: 1, clientId: 'stalled' }))
  stalled.send(encodeClientFrame({ type: 'attach', channel: 1, ...attach }))
  await once(stalled, 'message')
  stalled.pause()
  const plain = await openJson(address(), gateway.api, noisy.id)
  onTestFinished(() => plain.socket.terminate())
  plain.socket.pause()
  await delay(1_000)

  const before = ownMemoryBytes(gateway.server.pid)
  const viewer = gateway.view(quiet.id, { address })
  await viewer.sees('ready')
  const samples: number[] = []
  const endMs = performance.now() + 10_000
  for (let key = 0; performance.now() < endMs; key++) {
    viewer.session.type('k')
    await until(() => viewer.bytes.length > 5 + key, { timeoutMs: 5_000 })
    samples.push(ownMemoryBytes(gateway.server.pid) - before)
    await delay(100)
  }
  expect([stalled.readyState, plain.socket.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN])
  const settled = samples.slice(-samples.length / 4).sort((a, b) => a - b)
  const median = settled[Math.floor(settled.length / 2)] ?? Number.POSITIVE_INFINITY
  expect(median).toBeLessThan(4 * MEBIBYTE)
}, 120_000)
