import { once } from 'node:events'
import { until } from '@conductor/testing'
import { WebSocket } from 'ws'
import type { Api } from './api.ts'

/** A message of the plain JSON mode. */
export interface JsonMessage {
  readonly type: string
  readonly data?: string
  readonly code?: number | null
  readonly signal?: string | null
}

/** A plain WebSocket without a subprotocol, as any tool would open one. */
export interface JsonClient {
  readonly socket: WebSocket
  readonly messages: readonly JsonMessage[]
  /** All `output` so far. */
  readonly text: string
  /** How it was closed; `undefined` while it is open. */
  readonly closed: { readonly code: number; readonly reason: string } | undefined
  send(message: object): void
  sees(text: string): Promise<void>
}

export async function openJson(
  url: string,
  api: Pick<Api, 'token'>,
  id: string,
): Promise<JsonClient> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/${id}`, {
    headers: { 'x-session-token': api.token },
  })
  const messages: JsonMessage[] = []
  let text = ''
  let closed: JsonClient['closed']
  socket.on('message', (data) => {
    const message: JsonMessage = JSON.parse(String(data))
    messages.push(message)
    if (message.type === 'output') text += message.data
  })
  socket.on('close', (code, reason) => {
    closed = { code, reason: String(reason) }
  })
  socket.on('error', () => {})
  await once(socket, 'open')
  const client: JsonClient = {
    socket,
    messages,
    get text() {
      return text
    },
    get closed() {
      return closed
    },
    send: (message) => socket.send(JSON.stringify(message)),
    async sees(wanted) {
      await until(() => text.includes(wanted), {
        timeoutMs: 15_000,
        what: `${JSON.stringify(wanted)} is in the output`,
      })
    },
  }
  return client
}
