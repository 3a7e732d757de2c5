import { createServer, type Server, type Socket } from 'node:net'
import { identifySelf } from '@conductor/process-identity'
import { PtySessionError } from '../pty-session-error.ts'
import { createPtySession, type OpenPty, type SessionRuntime } from '../session.ts'
import type { PtySession, SessionEvent, SessionOptions } from '../types.ts'
import { type Said, serveHostPeer } from './host-peer.ts'
import type { HostedSession, HostRequest } from './messages.ts'

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
  /** Servers that are connected. */
  readonly connections: number
  /**
   * Goes on with a session that an earlier host has left, before anybody is served.
   *
   * @returns Resolves when its state has changed: it has ended, or cannot for now.
   */
  adopt(options: SessionOptions, openPty: OpenPty): Promise<void>
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
  const peers = new Set<(message: Said) => void>()
  const sockets = new Set<Socket>()
  let nextIndex = 1
  let answering = 0

  function tellAll(message: Said): void {
    for (const tell of peers) tell(message)
  }

  function onEvent(mine: Hosted, event: SessionEvent): void {
    const { index, session } = mine
    switch (event.type) {
      case 'grew':
        tellAll({ type: 'grew', index, start: session.log.start, end: session.log.end })
        break
      case 'resized':
        tellAll({ type: 'resized', index, ...event.size })
        break
      case 'notice':
        tellAll({ type: 'notice', index, code: event.code, text: event.text })
        break
      case 'terminal':
        tellAll({ type: 'terminal', index, event: event.event })
        break
      case 'state':
        tellAll({ type: 'state', index, state: event.state })
        if (event.state.name === 'exited' || event.state.name === 'lost') leave(mine)
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

  function hold(options: SessionOptions, how: SessionRuntime, onState = () => {}): Hosted {
    const session = createPtySession(options, how)
    const mine = { index: nextIndex++, logDir: options.logDir, session }
    hosted.set(mine.index, mine)
    session.subscribe((event) => {
      onEvent(mine, event)
      if (event.type === 'state') onState()
    })
    return mine
  }

  async function perform(request: HostRequest): Promise<unknown> {
    switch (request.op) {
      case 'create':
        return describe(hold(request.options, runtime))
      case 'inputSeq': {
        const found = hosted.get(request.index)
        if (!found) throw new PtySessionError('ENDED', 'that session has ended')
        return found.session.inputSeq(request.clientId)
      }
      case 'snapshot':
        return hosted.get(request.index)?.session.snapshot(request)
      case 'end':
        return hosted.get(request.index)?.session.end({ graceMs: request.graceMs })
    }
  }

  async function answer(request: HostRequest): Promise<unknown> {
    answering++
    try {
      return await perform(request)
    } finally {
      answering--
      // After the answer has been sent.
      setImmediate(noticeEmpty)
    }
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => void sockets.delete(socket))
    serveHostPeer(socket, {
      welcome: (version) => ({
        type: 'welcome',
        version,
        identity: self,
        sessions: [...hosted.values()].map(describe),
      }),
      find: (index) => hosted.get(index)?.session,
      answer,
      join: (tell) => void peers.add(tell),
      leave: (tell) => void peers.delete(tell),
      onTrouble,
    })
  })

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
    adopt: (options, openPty) =>
      new Promise((resolve) => hold(options, { ...runtime, openPty, resume: true }, resolve)),
    async close() {
      server.close()
      await Promise.all(
        [...sockets].map((socket) => new Promise<void>((resolve) => socket.end(() => resolve()))),
      )
    },
  }
}

function describe({ index, logDir, session }: Hosted): HostedSession {
  const { id, pid, identity, log, size, state, answers } = session
  const { epoch, start, end } = log
  return { index, id, pid, identity, logDir, epoch, start, end, size, state, answers }
}
