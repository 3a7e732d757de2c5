import {
  type ClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  type ServerFrame,
  SUBPROTOCOL,
} from '@conductor/protocol'
import { until } from '@conductor/testing'
import { type ClientOptions, WebSocket } from 'ws'
import type { TestServer } from './test-server.ts'

type Frame<T> = Extract<ServerFrame, { type: T }>

/** A client of `conductor.v1`, or of plain JSON, that remembers all it was told. */
export interface TestSocket {
  readonly ws: WebSocket
  readonly frames: readonly ServerFrame[]
  readonly texts: readonly Record<string, unknown>[]
  /** The output so far, by whichever protocol. */
  readonly output: Buffer
  readonly closed: { readonly code: number; readonly reason: string } | undefined
  say(frame: Exclude<ClientFrame, { type: 'unknown' }>): void
  /** The next frame of a type, from the first one on. */
  frame<T extends ServerFrame['type']>(type: T): Promise<Frame<T>>
  text(type: string): Promise<Record<string, unknown>>
  /** Resolves with the close code. */
  whenClosed(): Promise<number>
}

export interface TestSocketOptions extends ClientOptions {
  readonly token?: string | undefined
  readonly protocols?: readonly string[] | undefined
}

/** Opens a socket; `path` begins with a slash. Nothing is said yet. */
export async function openSocket(
  server: TestServer,
  path: string,
  options: TestSocketOptions = {},
): Promise<TestSocket> {
  const { protocols = [SUBPROTOCOL], token, ...rest } = options
  const headers = { 'X-Session-Token': token ?? (await server.token()), ...rest.headers }
  const ws = new WebSocket(`ws://${server.host}${path}`, [...protocols], { ...rest, headers })
  const socket = watch(server, ws)
  await new Promise<void>((resolve, reject) => {
    ws.once('open', () => resolve())
    ws.once('error', reject)
  })
  return socket
}

/** Opens a socket and attaches on channel 1. */
export async function attach(
  server: TestServer,
  id: string,
  how: Partial<Extract<ClientFrame, { type: 'attach' }>> & { readonly clientId?: string } = {},
): Promise<TestSocket> {
  const socket = await openSocket(server, `/ws/${id}`)
  const { clientId = `client-${Math.random()}`, ...over } = how
  socket.say({ type: 'hello', version: 1, clientId })
  socket.say({
    type: 'attach',
    channel: 1,
    session: '',
    epoch: '',
    have: 0,
    cols: 0,
    rows: 0,
    mode: 'driver',
    ...over,
  })
  return socket
}

export function watch(server: TestServer, ws: WebSocket): TestSocket {
  const frames: ServerFrame[] = []
  const texts: Record<string, unknown>[] = []
  const output: Buffer[] = []
  let closed: TestSocket['closed']

  ws.on('message', (data: Buffer, isBinary) => {
    if (isBinary) {
      const frame = decodeServerFrame(data)
      frames.push(frame)
      if (frame.type === 'output') output.push(Buffer.from(frame.bytes))
    } else {
      const text = JSON.parse(data.toString()) as Record<string, unknown>
      texts.push(text)
      if (text['type'] === 'output') output.push(Buffer.from(String(text['data'])))
    }
  })
  ws.on('error', () => {})
  ws.on('close', (code, reason) => {
    closed = { code, reason: reason.toString() }
  })
  server.atTheEnd(() => ws.terminate())

  return {
    ws,
    frames,
    texts,
    get output() {
      return Buffer.concat(output)
    },
    get closed() {
      return closed
    },
    say: (frame) => ws.send(encodeClientFrame(frame)),
    frame: (type) =>
      until(() => frames.find((each): each is Frame<typeof type> => each.type === type), {
        what: `a frame ${type}; there are ${frames.map((each) => each.type).join(' ')}`,
      }),
    text: (type) => until(() => texts.find((each) => each['type'] === type)),
    whenClosed: async () => (await until(() => closed)).code,
  }
}
