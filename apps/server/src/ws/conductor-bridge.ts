import { randomUUID } from 'node:crypto'
import type { Clock } from '@conductor/machine'
import {
  type AttachMode,
  type ClientFrame,
  CloseCode,
  decodeClientFrame,
  encodeServerFrame,
  PROTOCOL_VERSION,
  type ServerFrame,
} from '@conductor/protocol'
import type { Who } from '../sessions/open-session.ts'
import type { AttachTarget } from '../sessions/session-directory.ts'
import { type Channel, type ChannelEnd, type ChannelFrame, createChannel } from './channel.ts'
import { createFlowControl } from './flow-control.ts'
import { createInputPause } from './input-pause.ts'
import { createKeepAlive } from './keep-alive.ts'
import type { Bridge, MessageSocket } from './message-socket.ts'

/** Output on its way to one channel that it has not shown yet, in bytes. */
const WINDOW_BYTES = 1024 * 1024

/** Channels of one connection, over its whole life. */
const MOST_CHANNELS = 1_000

const LARGEST_CHANNEL = 2 ** 32 - 1

export interface ConductorBridgeOptions {
  readonly socket: MessageSocket
  /** The session of the address; `undefined` where each `attach` names its own. */
  readonly sessionId: string | undefined
  readonly find: (id: string, epoch: string) => AttachTarget
  readonly who?: Who | undefined
  /** The most that whoever it is may do (default: `driver`). */
  readonly most?: AttachMode | undefined
  readonly serverId: string
  readonly silenceMs: number
  readonly clock: Clock
}

/** Speaks `conductor.v1`: see packages/protocol/PROTOCOL.md, which is the contract. */
export function createConductorBridge(options: ConductorBridgeOptions): Bridge {
  const { socket, sessionId, find, who, most, serverId, silenceMs, clock } = options
  const flow = createFlowControl(socket)
  /** `undefined`: used on this connection before. Late frames for it are passed over. */
  const channels = new Map<number, Channel | undefined>()
  let clientId: string | undefined
  let over = false

  const keepAlive = createKeepAlive({
    clock,
    silenceMs,
    ping: () => send({ type: 'ping', time: Math.floor(clock.now()) }),
    onSilent() {
      closed()
      socket.terminate()
    },
  })
  const inputPause = createInputPause(socket, keepAlive)

  function send(frame: Exclude<ServerFrame, { type: 'unknown' }>): void {
    if (!over) socket.send(encodeServerFrame(frame))
  }

  function receive(data: Buffer, isBinary: boolean): void {
    if (over) return
    keepAlive.heard()
    if (!isBinary) {
      leave(CloseCode.badFrame, 'frames are binary')
      return
    }
    let frame: ClientFrame
    try {
      frame = decodeClientFrame(data)
    } catch (error) {
      leave(CloseCode.badFrame, error instanceof Error ? error.message : 'unreadable')
      return
    }
    handle(frame)
  }

  function handle(frame: ClientFrame): void {
    if (frame.type === 'hello') {
      greet(frame)
      return
    }
    if (clientId === undefined) {
      leave(CloseCode.badFrame, 'hello comes first')
      return
    }
    switch (frame.type) {
      case 'attach':
        attach(frame, clientId)
        return
      case 'ping':
        send({ type: 'pong', time: frame.time })
        return
      case 'pong':
      case 'unknown':
        return
      default:
        toChannel(frame)
    }
  }

  function toChannel(frame: ChannelFrame | (ClientFrame & { type: 'detach' })): void {
    if (!channels.has(frame.channel)) {
      leave(CloseCode.badFrame, `channel ${frame.channel} was never attached`)
      return
    }
    const channel = channels.get(frame.channel)
    if (frame.type !== 'detach') {
      channel?.receive(frame)
      return
    }
    channel?.close()
    channels.set(frame.channel, undefined)
  }

  function greet(hello: ClientFrame & { type: 'hello' }): void {
    if (clientId !== undefined) {
      leave(CloseCode.badFrame, 'a second hello')
      return
    }
    if (hello.version === 0) {
      leave(CloseCode.badFrame, 'there is no version 0')
      return
    }
    if (hello.clientId === '' || hello.clientId.length > 64) {
      leave(CloseCode.badFrame, 'a clientId has 1 to 64 characters')
      return
    }
    clientId = hello.clientId
    const version = Math.min(hello.version, PROTOCOL_VERSION)
    send({ type: 'welcome', version, serverId, silenceMs, windowBytes: WINDOW_BYTES })
  }

  function attach(frame: ClientFrame & { type: 'attach' }, client: string): void {
    const { channel } = frame
    if (channels.has(channel) || channel > LARGEST_CHANNEL) {
      leave(CloseCode.badFrame, `channel ${channel} was used before, or is no channel`)
      return
    }
    if (channels.size >= MOST_CHANNELS) {
      leave(CloseCode.tooMany, `more than ${MOST_CHANNELS} channels`)
      return
    }
    channels.set(channel, undefined)
    const wanted = frame.session || sessionId || ''
    const target: AttachTarget =
      sessionId !== undefined && wanted !== sessionId
        ? { kind: 'missing' }
        : find(wanted, frame.epoch)
    if (target.kind === 'missing') {
      refuse(channel, CloseCode.noSession, `session ${wanted} not found`)
      return
    }
    if (target.kind === 'unreachable') {
      refuse(channel, CloseCode.tooSlow, `its host does not answer: ${target.reason}`)
      return
    }
    channels.set(
      channel,
      createChannel({
        attach: frame,
        clientId: client,
        open: target.open,
        who,
        most,
        windowBytes: WINDOW_BYTES,
        flow,
        clock,
        send,
        onBacklog: (bytes) => {
          if (!over) inputPause.look(bytes)
        },
        onEnd: (end) => ended(channel, end),
      }),
    )
  }

  function refuse(channel: number, code: CloseCode, reason: string): void {
    send({ type: 'refused', channel, code, reason })
    ended(channel, { kind: 'refused', code, reason })
  }

  function ended(channel: number, end: ChannelEnd): void {
    channels.set(channel, undefined)
    if (end.kind === 'bad frame') {
      leave(CloseCode.badFrame, end.reason)
      return
    }
    if (sessionId === undefined) return
    if (end.kind === 'exited') leave(1000, 'the session has ended')
    else leave(end.code, end.reason)
  }

  function leave(code: number, reason: string): void {
    if (over) return
    closed()
    socket.close(code, reason)
  }

  function closed(): void {
    if (over) return
    over = true
    keepAlive.stop()
    for (const channel of channels.values()) channel?.close()
    channels.clear()
  }

  return { receive, heard: keepAlive.heard, leave, closed }
}

/** Random per server process: another one tells a client that the server was restarted. */
export function newServerId(): string {
  return randomUUID().slice(0, 8)
}
