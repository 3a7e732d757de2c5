import type { Socket } from 'node:net'
import { systemClock } from '@conductor/machine'
import type { TerminalSnapshot } from '@conductor/terminal-state'
import { PtySessionError } from '../pty-session-error.ts'
import type { PtySession } from '../types.ts'
import { createDeframer, frame } from './framing.ts'
import { createGrowth, type Growth } from './growth.ts'
import {
  decodeToHost,
  encodeFromHost,
  type FromHost,
  HOST_PROTOCOL,
  type HostRequest,
  type ToHost,
} from './messages.ts'

/** A confirmation of typing waits this long for output to go with, in milliseconds. */
const CONFIRM_WITHIN_MS = 4

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
  const growths = new Map<number, Growth>()
  /** Logs that have grown while the socket was full. */
  const unheard = new Set<number>()

  /** What was typed and not confirmed yet, encoded. */
  let confirmations: Buffer[] = []
  let confirming: unknown

  function send(message: Said): void {
    const bytes = frame(encodeFromHost(message))
    socket.write(confirmations.length === 0 ? bytes : Buffer.concat([bytes, ...confirmed()]))
  }

  /**
   * Nobody waits for a confirmation as one waits for an echo, and a word of its own would wake the
   * server just when the program is about to answer. So it goes with whatever is said next.
   */
  function confirm(message: Said): void {
    confirmations.push(frame(encodeFromHost(message)))
    confirming ??= systemClock.setTimeout(
      () => void socket.write(Buffer.concat(confirmed())),
      CONFIRM_WITHIN_MS,
    )
  }

  function confirmed(): Buffer[] {
    systemClock.clearTimeout(confirming)
    confirming = undefined
    const due = confirmations
    confirmations = []
    return due
  }

  function tell(message: Said): void {
    if (message.type === 'grew') {
      growthOf(message.index).grew(message.end)
      return
    }
    if (message.type === 'state') {
      const { name } = message.state
      if (name === 'exited' || name === 'lost') forget(message.index)
    }
    send(message)
  }

  function growthOf(index: number): Growth {
    let growth = growths.get(index)
    if (!growth) {
      growth = createGrowth(systemClock, () => sendGrowth(index))
      growths.set(index, growth)
    }
    return growth
  }

  function sendGrowth(index: number): void {
    // Only a socket that needs to drain says when it has.
    if (socket.writableNeedDrain) {
      unheard.add(index)
      return
    }
    const log = house.find(index)?.log
    if (log) send({ type: 'grew', index, start: log.start, end: log.end })
  }

  function forget(index: number): void {
    growths.get(index)?.stop()
    growths.delete(index)
    unheard.delete(index)
  }

  function hello({ min, max }: ToHost & { type: 'hello' }): void {
    const version = Math.min(max, HOST_PROTOCOL.max)
    if (version >= Math.max(min, HOST_PROTOCOL.min)) {
      send(house.welcome(version))
      house.join(tell)
      return
    }
    const ours = `${HOST_PROTOCOL.min} to ${HOST_PROTOCOL.max}`
    const text = `this host speaks versions ${ours}, the server ${min} to ${max}`
    send({ type: 'failed', code: 'BAD_PROTOCOL', text })
    socket.end()
  }

  function request({ id, request }: ToHost & { type: 'request' }): void {
    house.answer(request).then(
      (value) =>
        // The shape of an answer belongs to its question.
        value && request.op === 'snapshot'
          ? send({ ...(value as TerminalSnapshot), type: 'snapshot', id })
          : send({ type: 'answer', id, value: value ?? null }),
      (error) => send({ type: 'refusal', id, ...refusal(error) }),
    )
  }

  function input({ index, clientId, seq, bytes }: ToHost & { type: 'input' }): void {
    // A session that has ended meanwhile has said so by its state.
    house
      .find(index)
      ?.input({ clientId, seq, bytes })
      .then(
        () => confirm({ type: 'typed', index, clientId, seq }),
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
      case 'colors':
        house.find(message.index)?.setColors(message.colors)
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
    const due = [...unheard]
    unheard.clear()
    for (const index of due) sendGrowth(index)
  })
  // The error of a server that was killed: its `close` follows.
  socket.on('error', () => {})
  socket.on('close', () => {
    house.leave(tell)
    confirmed()
    for (const index of [...growths.keys()]) forget(index)
  })
}

function refusal(error: unknown): { code: string; text: string } {
  if (error instanceof PtySessionError)
    return { code: error.code, text: error.message.replace(/^\[[^\]]*\] /, '') }
  return { code: 'HOST_FAILED', text: error instanceof Error ? error.message : String(error) }
}
