import {
  type ClientFrame,
  CloseCode,
  decodeClientFrame,
  encodeServerFrame,
  MAX_INPUT_BYTES,
  type ServerFrame,
} from '@conductor/protocol'
import type { FakeConnection } from './fake-connection.ts'
import type { ModelHost } from './model-host.ts'

type SentFrame = Exclude<ServerFrame, { type: 'unknown' }>

interface Viewer {
  readonly channel: number
  readonly host: ModelHost
  readonly catchUpBytes: number
  cursor: number
  furthest: number
  acked: number
  over: boolean
}

interface PipedInput {
  readonly viewer: Viewer
  readonly seq: number
  readonly bytes: Uint8Array
  readonly clientId: string
}

/**
 * A server as PROTOCOL.md describes it, one step at a time and with frames that linger on their way,
 * plus the faults that a client must survive. The hosts are not part of it: they outlive it.
 */
export interface ModelServer {
  /** What the client did that it must not; empty is right. */
  readonly violations: readonly string[]
  /** Frames on their way in both directions, and input on its way to a host. */
  readonly onTheWay: number
  /** The client's next frames arrive. */
  hear(count: number): void
  /** Input that arrived gets through to its host: also that of connections that are gone. */
  passInput(count: number, pipe?: number): void
  passAllInput(): void
  /** Sends the next bytes of each viewer, in one frame of at most `length`. */
  serve(length: number, fault?: { readonly back: number; readonly skip: number }): void
  /** The next frames to the client arrive. */
  deliver(count: number): void
  /** The connection is lost with the first `heard` frames of the client still arriving. */
  drop(heard: number): void
}

export function modelServer(options: {
  readonly connection: Pick<FakeConnection, 'takeSent' | 'says'>
  readonly host: (session: string) => ModelHost | undefined
  readonly windowBytes: number
  /** The server begins up to this many bytes before what the client has. */
  readonly rewindBytes: number
}): ModelServer {
  const { connection, host, windowBytes, rewindBytes } = options
  const violations: string[] = []
  /** One for each connection: what an old one forwarded may arrive after what a newer one did. */
  const pipes: PipedInput[][] = [[]]
  let up: Uint8Array[] = []
  let down: Uint8Array[] = []
  let viewers = new Map<number, Viewer>()
  let clientId: string | undefined

  function say(frame: SentFrame): void {
    down.push(encodeServerFrame(frame))
  }

  function attach(frame: ClientFrame & { type: 'attach' }): void {
    const { channel, session, epoch, have, catchUpBytes = 0 } = frame
    if (viewers.has(channel)) violations.push(`channel ${channel} twice`)
    const pty = host(session)
    if (!pty || (pty.exited && epoch !== pty.epoch))
      return void say({ type: 'refused', channel, code: CloseCode.noSession, reason: 'no session' })
    const wanted = epoch === pty.epoch ? have : 0
    if (wanted > pty.end) violations.push(`has ${have} of ${pty.end}`)
    const cursor = Math.max(wanted - rewindBytes, pty.start)
    viewers.set(channel, {
      channel,
      host: pty,
      catchUpBytes,
      cursor,
      furthest: cursor,
      acked: cursor,
      over: false,
    })
    const inputSeq = pty.lastInput(clientId ?? '')
    const size = { cols: 80, rows: 24, mode: 'driver', name: session } as const
    const end = pty.end
    say({ type: 'attached', channel, epoch: pty.epoch, from: cursor, end, inputSeq, ...size })
  }

  function hearFrame(bytes: Uint8Array): void {
    const frame = decodeClientFrame(bytes)
    if ((frame.type === 'hello') !== (clientId === undefined))
      violations.push(`${frame.type} ${clientId === undefined ? 'before' : 'after'} hello`)
    if (frame.type === 'hello') {
      clientId = frame.clientId
      say({ type: 'welcome', version: 1, serverId: 'model', silenceMs: 25_000, windowBytes })
    } else if (frame.type === 'attach') {
      attach(frame)
    } else if ('channel' in frame) {
      const viewer = viewers.get(frame.channel)
      if (viewer) hearViewer(viewer, frame)
      else violations.push(`${frame.type} on channel ${frame.channel}`)
    }
  }

  function hearViewer(viewer: Viewer, frame: ClientFrame): void {
    if (frame.type === 'input') {
      if (frame.bytes.length > MAX_INPUT_BYTES) violations.push('input too long')
      pipes.at(-1)?.push({ viewer, seq: frame.seq, bytes: frame.bytes, clientId: clientId ?? '' })
    }
    if (frame.type === 'ack') viewer.acked = Math.max(viewer.acked, frame.offset)
    if (frame.type === 'repeat') {
      if (frame.have > viewer.furthest) violations.push('repeat beyond what was sent')
      viewer.cursor = frame.have
    }
  }

  function pull(): void {
    up.push(...connection.takeSent())
  }

  function passInput(count: number, pipe: number): void {
    const chosen = pipes[pipe % pipes.length] ?? []
    for (const { viewer, clientId: name, seq, bytes } of chosen.splice(0, count)) {
      if (viewer.host.exited) continue
      if (!viewer.host.input(name, seq, bytes)) violations.push(`input ${seq} leaves one out`)
      else if (viewers.get(viewer.channel) === viewer)
        say({ type: 'accepted', channel: viewer.channel, seq })
    }
  }

  return {
    violations,
    get onTheWay() {
      pull()
      return up.length + down.length + pipes.flat().length
    },
    hear(count) {
      pull()
      for (const bytes of up.splice(0, count)) hearFrame(bytes)
    },
    passInput: (count, pipe = 0) => passInput(count, pipe),
    passAllInput() {
      for (const pipe of pipes.keys()) passInput(Number.POSITIVE_INFINITY, pipe)
    },
    serve(length, { back, skip } = { back: 0, skip: 0 }) {
      for (const viewer of viewers.values()) {
        const { channel, host: pty } = viewer
        if (viewer.over) continue
        const behind = pty.end - viewer.cursor
        if (viewer.catchUpBytes > 0 && behind > viewer.catchUpBytes) {
          // The terminal's own reader may be behind the end, too.
          const offset = pty.end - Math.min(length, behind - 1)
          const bytes = snapshotOf(pty.epoch, offset)
          say({ type: 'snapshot', channel, offset, cols: 80, rows: 24, bytes })
          viewer.cursor = offset
          viewer.furthest = Math.max(viewer.furthest, offset)
        }
        if (viewer.cursor < pty.start) {
          say({ type: 'gap', channel, from: viewer.cursor, to: pty.start })
          viewer.cursor = pty.start
          viewer.furthest = Math.max(viewer.furthest, pty.start)
        }
        if (viewer.cursor - viewer.acked > windowBytes) continue
        const from = Math.max(viewer.cursor - back, pty.start)
        const to = Math.min(viewer.cursor + length, pty.end)
        if (to > from) say({ type: 'output', channel, offset: from, bytes: pty.read(from, to) })
        viewer.cursor = Math.min(Math.max(to, viewer.cursor) + skip, pty.end)
        viewer.furthest = Math.max(viewer.furthest, viewer.cursor)
        if (!pty.exited || viewer.cursor < pty.end || skip > 0) continue
        viewer.over = true
        say({ type: 'exit', channel, offset: pty.end, code: 0, signal: '' })
      }
    },
    deliver(count) {
      for (const bytes of down.splice(0, count)) connection.says(bytes)
    },
    drop(heard) {
      pull()
      for (const bytes of up.slice(0, heard)) hearFrame(bytes)
      up = []
      down = []
      pipes.push([])
      viewers = new Map()
      clientId = undefined
    },
  }
}

/** Stands for the screen at `offset`: it says which one it is. */
export function snapshotOf(epoch: string, offset: number): Uint8Array {
  return new TextEncoder().encode(`${epoch} ${offset}`)
}
