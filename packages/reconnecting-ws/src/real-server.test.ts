import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { until } from '@conductor/testing'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { ReconnectingWsOptions } from './options.ts'
import { createReconnectingWs } from './reconnecting-ws.ts'

/** A server that says everything back, on the given port or any. */
async function echoServer(port = 0): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port, host: '127.0.0.1' })
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  await once(server, 'listening')
  onTestFinished(() => stop(server))
  return server
}

async function stop(server: WebSocketServer): Promise<void> {
  for (const client of server.clients) client.terminate()
  await new Promise((resolve) => server.close(resolve))
}

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port

/** A line to `port` that can go dead: open, and not a byte passes in either direction. */
async function lineTo(port: number): Promise<{ port: number; goDead(): void; reset(): void }> {
  const ends: Socket[] = []
  const server: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const end of [near, far]) end.on('error', () => {})
    near.pipe(far)
    far.pipe(near)
    ends.push(near, far)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const end of ends) end.destroy()
    server.close()
  })
  return {
    port: portOf(server),
    goDead() {
      for (const end of ends) end.unpipe().pause()
    },
    reset() {
      for (const end of ends) end.resetAndDestroy()
    },
  }
}

/** A socket that retries every 10 ms, and what it has heard. */
function client(port: number, options: Partial<ReconnectingWsOptions> = {}) {
  const ws = createReconnectingWs({
    url: `ws://127.0.0.1:${port}/`,
    WebSocket,
    schedule: () => 10,
    ...options,
  })
  ws.binaryType = 'arraybuffer'
  const heard: unknown[] = []
  const path: string[] = []
  ws.onmessage = ({ data }) =>
    heard.push(typeof data === 'string' ? data : Buffer.from(data as ArrayBuffer))
  ws.onstatechange = ({ detail }) => path.push(detail.name)
  onTestFinished(() => ws.close())
  const isOpen = () => ws.readyState === ws.OPEN
  return { ws, heard, path, isOpen }
}

it('talks to a real server, text and binary', async () => {
  const { ws, heard, isOpen } = client(portOf(await echoServer()))
  await until(isOpen)
  ws.send('text')
  ws.send(Uint8Array.of(0, 255))
  await until(() => heard.length === 2)
  expect(heard).toEqual(['text', Buffer.of(0, 255)])
})

it('comes back when the server is started again, and delivers what waited, in order', async () => {
  const first = await echoServer()
  const port = portOf(first)
  const { ws, heard, path, isOpen } = client(port)
  await until(isOpen)
  await stop(first)
  await until(() => path.filter((name) => name === 'waiting').length > 2)
  ws.send('one')
  ws.send(Uint8Array.of(2))
  ws.send('three')
  await echoServer(port)
  await until(() => heard.length === 3)
  expect(heard).toEqual(['one', Buffer.of(2), 'three'])
})

it('comes back after its connection was reset', async () => {
  const line = await lineTo(portOf(await echoServer()))
  const { ws, heard, path, isOpen } = client(line.port)
  await until(isOpen)
  line.reset()
  await until(() => path.includes('waiting') && isOpen())
  ws.send('back')
  await until(() => heard.includes('back'))
})

it('finds out that its line is dead, and dials again', async () => {
  const line = await lineTo(portOf(await echoServer()))
  const { ws, heard, path, isOpen } = client(line.port, {
    ping: { everyMs: 50, silenceMs: 200, make: () => 'ping', isPong: (data) => data === 'ping' },
  })
  await until(isOpen)
  await until(() => ws.bufferedAmount === 0)
  expect(path).not.toContain('waiting')
  line.goDead()
  await until(() => path.includes('waiting') && isOpen())
  ws.send('back')
  await until(() => heard.includes('back'))
  expect(heard).toEqual(['back'])
})

it('does not wait for a server that accepts and says nothing', async () => {
  const silent = createServer((socket) => socket.on('error', () => {}))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  onTestFinished(() => void silent.close())
  const { ws } = client(portOf(silent), { connectWithinMs: 50, schedule: () => undefined })
  await until(() => ws.state.name === 'stopped')
  expect(ws.state).toMatchObject({ reason: 'exhausted', code: 1006 })
})

it('stops at a final close code, and says which', async () => {
  const server = await echoServer()
  server.on('connection', (socket) => socket.close(4404, 'no such session'))
  const { ws } = client(portOf(server))
  await until(() => ws.state.name === 'stopped')
  expect(ws.state).toMatchObject({ reason: 'final', code: 4404, text: 'no such session' })
})

it('shows its headers and protocols to the server, fresh for every try', async () => {
  const server = await echoServer()
  const seen: unknown[] = []
  server.on('connection', (socket, { headers }) => {
    seen.push([headers.authorization, headers['sec-websocket-protocol']])
    if (seen.length === 1) socket.terminate()
  })
  let token = 0
  client(portOf(server), {
    protocols: ['v1', 'v2'],
    headers: async () => ({ authorization: `Bearer ${++token}` }),
  })
  await until(() => seen.length === 2)
  expect(seen).toEqual([
    ['Bearer 1', 'v1,v2'],
    ['Bearer 2', 'v1,v2'],
  ])
})

it('can be closed in the middle of dialling, without an uncaught error', async () => {
  const server = await echoServer()
  const { ws } = client(portOf(server))
  let events = 0
  ws.onclose = () => events++
  await until(() => ws.url !== '')
  ws.close()
  await until(() => events === 1)
  await until(() => server.clients.size === 0)
  expect(ws.state.name).toBe('closed')
})
