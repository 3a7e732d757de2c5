import { type Clock, sleepAwareClock } from '@conductor/machine'
import {
  CloseCode,
  decodeServerFrame,
  encodeClientFrame,
  PROTOCOL_VERSION,
  ProtocolError,
  type ServerFrame,
} from '@conductor/protocol'
import type { Connect, ConnectionState } from './connection.ts'
import {
  createSessionCore,
  isOver,
  type SessionCore,
  type SessionLink,
  type Wrong,
} from './session.ts'
import { SessionClientError } from './session-client-error.ts'
import type { AttachOptions, Session } from './types.ts'

export interface ClientCoreOptions {
  readonly clientId: string
  readonly staleInputMs: number
  readonly maxPendingBytes: number
  readonly clock: Clock
  readonly connect: Connect
}

/** One socket, and the sessions attached over it. */
export interface SessionClient {
  /** The name under which the server counts our input. */
  readonly clientId: string
  /**
   * Attaches a session, and dials for the first one.
   *
   * @throws SessionClientError `BAD_OPTION`; `ALREADY_ATTACHED` when this client has that session; `CLOSED`.
   */
  attach(options: AttachOptions): Session
  /** Tries again at once, for all sessions: also those that were refused. */
  reconnect(): void
  /** Closes every session and hangs up. The sessions go on without us. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The client without a WebSocket: what it says and hears on a connection that somebody else keeps up. */
export function createClientCore(options: ClientCoreOptions): SessionClient {
  const { clientId, connect, staleInputMs, maxPendingBytes } = options
  const clock = sleepAwareClock(options.clock)
  const sessions = new Set<SessionCore>()
  // A channel belongs to one connection and is never given twice on it, so that a late frame can
  // never be taken for another session's.
  const channels = new Map<number, SessionCore>()
  let lastChannel = 0
  let open = false
  let welcomed = false
  let closed = false
  let windowBytes = 0

  const connection = connect({ onState, onMessage })

  const link: SessionLink = {
    clock,
    staleInputMs,
    maxPendingBytes,
    get windowBytes() {
      return windowBytes
    },
    send: (frame) => open && connection.send(encodeClientFrame(frame)),
    enlist(session) {
      connection.start()
      if (open) assignChannel(session)
    },
    forget(session) {
      sessions.delete(session)
      restWhenUnwanted()
    },
  }

  function onState(state: ConnectionState): void {
    const wasOpen = open
    open = state.name === 'open'
    if (!open || !wasOpen) {
      channels.clear()
      lastChannel = 0
      welcomed = false
    }
    if (open && !wasOpen) link.send({ type: 'hello', version: PROTOCOL_VERSION, clientId })
    for (const session of [...sessions]) {
      session.connection(state)
      if (open) assignChannel(session)
    }
    restWhenUnwanted()
  }

  function restWhenUnwanted(): void {
    const wanted = [...sessions].some(({ state }) => !isOver(state))
    if (!wanted && connection.state.name !== 'idle') connection.stop()
  }

  function assignChannel(session: SessionCore): void {
    if (session.state.name !== 'waiting') return
    channels.set(++lastChannel, session)
    session.connected(lastChannel)
  }

  function onMessage(data: unknown): void {
    if (!open) return
    const wrong = hear(data)
    if (wrong !== undefined) connection.abandon(CloseCode.badFrame, wrong)
    else restWhenUnwanted()
  }

  /** Takes one message, or says what is wrong with it. */
  function hear(data: unknown): Wrong {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data
    if (!(bytes instanceof Uint8Array)) return 'not binary'
    let frame: ServerFrame
    try {
      frame = decodeServerFrame(bytes)
    } catch (error) {
      if (error instanceof ProtocolError) return error.message
      throw error
    }
    return receive(frame)
  }

  function receive(frame: ServerFrame): Wrong {
    switch (frame.type) {
      case 'welcome':
        if (welcomed) return 'welcome twice'
        welcomed = true
        windowBytes = frame.windowBytes
        connection.established(frame.silenceMs)
        return undefined
      case 'ping':
        link.send({ type: 'pong', time: frame.time })
        return undefined
      case 'pong':
      case 'unknown':
        return undefined
      default:
        if (!welcomed) return `${frame.type} before welcome`
        if (frame.channel > lastChannel) return `no channel ${frame.channel}`
        if (frame.type === 'attached') connection.confirm()
        return channels.get(frame.channel)?.receive(frame)
    }
  }

  const client: SessionClient = {
    clientId,
    attach(attachOptions) {
      if (closed) throw new SessionClientError('CLOSED', 'this client was closed')
      const key = attachOptions.session ?? ''
      for (const other of sessions)
        if (other.key === key)
          throw new SessionClientError('ALREADY_ATTACHED', `session "${key}" is attached already`)
      const core = createSessionCore(attachOptions, link)
      sessions.add(core)
      link.enlist(core)
      core.connection(connection.state)
      return core.session
    },
    reconnect() {
      for (const { session } of [...sessions]) session.reconnect()
    },
    async close() {
      closed = true
      await Promise.all([...sessions].map(({ session }) => session.close()))
    },
    [Symbol.asyncDispose]: () => client.close(),
  }
  return client
}
