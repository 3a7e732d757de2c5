import { createServer, type Server, type Socket } from 'node:net'
import { identifySelf } from '@conductor/process-identity'
import { PtySessionError } from '../pty-session-error.ts'
import { createPtySession, type SessionRuntime } from '../session.ts'
import type { PtySession, SessionEvent } from '../types.ts'
import { createDeframer, frame } from './framing.ts'
import {
  decodeToHost,
  encodeFromHost,
  type FromHost,
  HOST_PROTOCOL,
  type HostedSession,
  type HostRequest,
  type ToHost,
} from './messages.ts'

/** While more than this waits in a server's socket, it is told only the latest end of each log. */
const COALESCE_ABOVE_BYTES = 4 * 1024

interface Hosted {
  readonly index: number
  readonly logDir: string
  readonly session: PtySession
}

export interface HostServerOptions {
  readonly runtime: SessionRuntime
  /** Called whenever no session, and no request about one, is left. */
  readonly onEmpty: () => void
  /** Something went wrong that harms no session: for the host's own log. */
  readonly onTrouble: (error: unknown) => void
}

export interface HostServer {
  readonly server: Server
  readonly sessions: readonly PtySession[]
  /** Nothing runs here, and nothing is being ended. */
  readonly empty: boolean
  readonly connections: number
  /** Tells every server goodbye. Resolves when all that was said has been sent. */
  close(): Promise<void>
}

/**
 * The host's side: holds sessions, and serves them to any number of servers at once. A server that
 * goes away, however it goes, changes nothing here.
 */
export function createHostServer(options: HostServerOptions): HostServer {
  const { runtime, onEmpty, onTrouble } = options
  const self = identifySelf()
  const hosted = new Map<number, Hosted>()
  const peers = new Set<(message: Exclude<FromHost, { type: 'unknown' }>) => void>()
  const sockets = new Set<Socket>()
  let nextIndex = 1
  let answering = 0

  function tellAll(message: Exclude<FromHost, { type: 'unknown' }>): void {
    for (const tell of peers) tell(message)
  }

  function onEvent(mine: Hosted, event: SessionEvent): void {
    const { index, session } = mine
    switch (event.type) {
      case 'grew':
        return tellAll({ type: 'grew', index, start: session.log.start, end: session.log.end })
      case 'resized':
        return tellAll({ type: 'resized', index, ...event.size })
      case 'notice':
        return tellAll({ type: 'notice', index, code: event.code, text: event.text })
      case 'state':
        tellAll({ type: 'state', index, state: event.state })
        if (event.state.name === 'exited') leave(mine)
    }
  }

  /** The log tells the rest of the story: an ended session needs no process any more. */
  function leave({ index, session }: Hosted): void {
    hosted.delete(index)
    session.close()
    noticeEmpty()
  }

  /** Not while a request runs: to end a session may go on after its program has exited. */
  function noticeEmpty(): void {
    if (hosted.size === 0 && answering === 0) onEmpty()
  }

  function create(request: HostRequest & { op: 'create' }): HostedSession {
    const session = createPtySession(request.options, runtime)
    const mine = { index: nextIndex++, logDir: request.options.logDir, session }
    hosted.set(mine.index, mine)
    session.subscribe((event) => onEvent(mine, event))
    return describe(mine)
  }

  function find(index: number): PtySession {
    const found = hosted.get(index)
    if (!found) throw new PtySessionError('ENDED', `there is no session ${index} here any more`)
    return found.session
  }

  async function answer(request: HostRequest): Promise<unknown> {
    switch (request.op) {
      case 'create':
        return create(request)
      case 'inputSeq':
        return find(request.index).inputSeq(request.clientId)
      case 'end':
        return hosted.get(request.index)?.session.end({ graceMs: request.graceMs })
    }
  }

  const server = createServer((socket) => serve(socket))

  function serve(socket: Socket): void {
    socket.setNoDelay(true)
    /** Logs that have grown while the socket was full. */
    const grown = new Set<number>()

    function send(message: Exclude<FromHost, { type: 'unknown' }>): void {
      if (message.type === 'grew' && socket.writableLength > COALESCE_ABOVE_BYTES) {
        grown.add(message.index)
        return
      }
      socket.write(frame(encodeFromHost(message)))
    }

    function receive(message: ToHost): void {
      switch (message.type) {
        case 'hello': {
          const version = Math.min(message.max, HOST_PROTOCOL.max)
          if (version < Math.max(message.min, HOST_PROTOCOL.min)) {
            send({
              type: 'failed',
              code: 'BAD_PROTOCOL',
              text: `this host speaks ${HOST_PROTOCOL.min} to ${HOST_PROTOCOL.max}, the server ${message.min} to ${message.max}`,
            })
            socket.end()
            return
          }
          const sessions = [...hosted.values()].map(describe)
          send({ type: 'welcome', version, identity: self, sessions })
          peers.add(send)
          return
        }
        case 'request':
          answering++
          void answer(message.request)
            .then(
              (value) => send({ type: 'answer', id: message.id, value: value ?? null }),
              (error) => send({ type: 'refusal', id: message.id, ...refusal(error) }),
            )
            .finally(() => {
              answering--
              noticeEmpty()
            })
          return
        case 'input': {
          const { index, clientId, seq, bytes } = message
          // A session that ended in between has told so by its state.
          const session = hosted.get(index)?.session
          session?.input({ clientId, seq, bytes }).then(
            () => send({ type: 'typed', index, clientId, seq }),
            (error) =>
              send({
                type: 'untyped',
                index,
                clientId,
                seq,
                code: refusal(error).code,
                expected: error instanceof PtySessionError ? (error.expected ?? 0) : 0,
              }),
          )
          return
        }
        case 'resize':
          return hosted.get(message.index)?.session.resize(message)
        case 'signal':
          // The name was checked by the sender's types; the pty refuses what is no signal.
          return hosted.get(message.index)?.session.signal(message.signal as NodeJS.Signals)
        case 'unknown':
          return
      }
    }

    sockets.add(socket)
    const deframer = createDeframer((message) => receive(decodeToHost(message)))
    socket.on('data', (chunk) => {
      try {
        deframer.push(chunk)
      } catch (error) {
        onTrouble(error)
        socket.destroy()
      }
    })
    socket.on('drain', () => {
      for (const index of grown) {
        const log = hosted.get(index)?.session.log
        if (log) send({ type: 'grew', index, start: log.start, end: log.end })
      }
      grown.clear()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      peers.delete(send)
      sockets.delete(socket)
    })
  }

  return {
    server,
    get sessions() {
      return [...hosted.values()].map((each) => each.session)
    },
    get empty() {
      return hosted.size === 0 && answering === 0
    },
    get connections() {
      return peers.size
    },
    async close() {
      server.close()
      await Promise.all(
        [...sockets].map((socket) => new Promise<void>((resolve) => socket.end(() => resolve()))),
      )
    },
  }
}

function describe({ index, logDir, session }: Hosted): HostedSession {
  const { id, pid, identity, log, size, state } = session
  const { epoch, start, end } = log
  return { index, id, pid, identity, logDir, epoch, start, end, size, state }
}

function refusal(error: unknown): { code: string; text: string } {
  if (error instanceof PtySessionError)
    return { code: error.code, text: error.message.replace(/^\[[^\]]*\] /, '') }
  return { code: 'HOST_FAILED', text: error instanceof Error ? error.message : String(error) }
}
