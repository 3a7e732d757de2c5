import type { Socket } from 'node:net'
import { PtySessionError } from '../pty-session-error.ts'
import type { PtySession } from '../types.ts'
import { createDeframer, frame } from './framing.ts'
import {
  decodeToHost,
  encodeFromHost,
  type FromHost,
  HOST_PROTOCOL,
  type HostRequest,
  type ToHost,
} from './messages.ts'

/** While more than this waits in a server's socket, it is told only the latest end of each log. */
const COALESCE_ABOVE_BYTES = 4 * 1024

export type Said = Exclude<FromHost, { type: 'unknown' }>

/** What a connected server may ask of the host. */
export interface HostHouse {
  readonly welcome: (version: number) => Said
  readonly find: (index: number) => PtySession | undefined
  readonly answer: (request: HostRequest) => Promise<unknown>
  /** The server has said hello: from now on it is told what happens. */
  readonly join: (tell: (message: Said) => void) => void
  readonly leave: (tell: (message: Said) => void) => void
  readonly onTrouble: (error: unknown) => void
}

/** One connection of one server. Whatever it says or does not say, no session is harmed. */
export function serveHostPeer(socket: Socket, house: HostHouse): void {
  /** Logs that have grown while the socket was full. */
  const grown = new Set<number>()

  function send(message: Said): void {
    if (message.type === 'grew' && socket.writableLength > COALESCE_ABOVE_BYTES) {
      grown.add(message.index)
      return
    }
    socket.write(frame(encodeFromHost(message)))
  }

  function hello({ min, max }: ToHost & { type: 'hello' }): void {
    const version = Math.min(max, HOST_PROTOCOL.max)
    if (version >= Math.max(min, HOST_PROTOCOL.min)) {
      send(house.welcome(version))
      house.join(send)
      return
    }
    const ours = `${HOST_PROTOCOL.min} to ${HOST_PROTOCOL.max}`
    const text = `this host speaks versions ${ours}, the server ${min} to ${max}`
    send({ type: 'failed', code: 'BAD_PROTOCOL', text })
    socket.end()
  }

  function request({ id, request }: ToHost & { type: 'request' }): void {
    house.answer(request).then(
      (value) => send({ type: 'answer', id, value: value ?? null }),
      (error) => send({ type: 'refusal', id, ...refusal(error) }),
    )
  }

  function input({ index, clientId, seq, bytes }: ToHost & { type: 'input' }): void {
    // A session that has ended meanwhile has said so by its state.
    house
      .find(index)
      ?.input({ clientId, seq, bytes })
      .then(
        () => send({ type: 'typed', index, clientId, seq }),
        (error) => {
          const expected = error instanceof PtySessionError ? (error.expected ?? 0) : 0
          send({ type: 'untyped', index, clientId, seq, code: refusal(error).code, expected })
        },
      )
  }

  function receive(message: ToHost): void {
    switch (message.type) {
      case 'hello':
        hello(message)
        break
      case 'request':
        request(message)
        break
      case 'input':
        input(message)
        break
      case 'resize':
        house.find(message.index)?.resize(message)
        break
      case 'signal':
        // The sender's types let only a signal's name through.
        house.find(message.index)?.signal(message.signal as NodeJS.Signals)
        break
      case 'unknown':
        break
    }
  }

  const deframer = createDeframer((message) => receive(decodeToHost(message)))

  socket.setNoDelay(true)
  socket.on('data', (chunk) => {
    try {
      deframer.push(chunk)
    } catch (error) {
      house.onTrouble(error)
      socket.destroy()
    }
  })
  socket.on('drain', () => {
    for (const index of grown) {
      const log = house.find(index)?.log
      if (log) send({ type: 'grew', index, start: log.start, end: log.end })
    }
    grown.clear()
  })
  // The error of a server that was killed: its `close` follows.
  socket.on('error', () => {})
  socket.on('close', () => house.leave(send))
}

function refusal(error: unknown): { code: string; text: string } {
  if (error instanceof PtySessionError)
    return { code: error.code, text: error.message.replace(/^\[[^\]]*\] /, '') }
  return { code: 'HOST_FAILED', text: error instanceof Error ? error.message : String(error) }
}
