import type { Clock } from '@conductor/machine'
import {
  type AttachMode,
  type ClientFrame,
  CloseCode,
  MAX_INPUT_BYTES,
  type ServerFrame,
} from '@conductor/protocol'
import {
  isPtySessionError,
  type TerminalColors,
  type TerminalSnapshot,
  type Viewer,
  type ViewerSink,
} from '@conductor/pty-session'
import type { OpenSession, Who } from '../sessions/open-session.ts'
import { createCatchUp } from './catch-up.ts'
import type { FlowControl } from './flow-control.ts'
import { outputFrame } from './output-frame.ts'

/** How long a host may take to say where a client's numbers are, in milliseconds. */
const ASK_WITHIN_MS = 3_000

/** What may come before that, in bytes. */
const MOST_EARLY_BYTES = 1024 * 1024

type Frame<T extends ClientFrame['type']> = Extract<ClientFrame, { type: T }>
export type ChannelFrame = Frame<'input' | 'resize' | 'ack' | 'repeat' | 'colors'>

export interface ChannelOptions {
  readonly attach: Frame<'attach'>
  readonly clientId: string
  readonly open: OpenSession
  readonly who?: Who | undefined
  /** The most that whoever it is may do (default: `driver`). */
  readonly most?: AttachMode | undefined
  readonly windowBytes: number
  readonly flow: FlowControl
  readonly clock: Clock
  readonly send: (frame: Exclude<ServerFrame, { type: 'unknown' }>) => void
  /** How much of what was typed is on its way, whenever that has changed. */
  readonly onBacklog: (bytes: number) => void
  /** The channel is over, and `send` was the last it said. */
  readonly onEnd: (end: ChannelEnd) => void
}

export type ChannelEnd =
  | { readonly kind: 'exited' }
  | { readonly kind: 'refused'; readonly code: CloseCode; readonly reason: string }
  /** The frame breaks the protocol: the whole connection must go. */
  | { readonly kind: 'bad frame'; readonly reason: string }

/** One session on one connection. */
export interface Channel {
  receive(frame: ChannelFrame): void
  /** Ends the channel with a word about it. */
  refuse(code: CloseCode, reason: string): void
  /** Ends the channel without one. */
  close(): void
}

/** Answers `attach`, then sends the log from there on and takes what is typed. */
export function createChannel(options: ChannelOptions): Channel {
  const { attach, clientId, open, windowBytes, flow, clock, send, onBacklog, onEnd } = options
  const { channel } = attach
  const mode = options.most === 'viewer' ? 'viewer' : attach.mode
  const { session, viewers } = open
  const { log } = session
  const from = attach.epoch === log.epoch ? Math.min(attach.have, log.end) : 0
  let viewer: Viewer | undefined
  /** Frames that came before the host had told where this client's numbers are. */
  let early: ChannelFrame[] | undefined = []
  let earlyBytes = 0
  let asking: unknown
  let sent = from
  /** How far it was ever sent: a repeat takes `sent` back. */
  let furthest = from
  let acked = from
  /** Whoever decides the size decides what the program is told of colours. */
  let ownsSize = false
  let look: TerminalColors | undefined
  let over = false
  const catchUp = createCatchUp({ session, catchUpBytes: attach.catchUpBytes ?? 0, clock })

  const visit = open.join({ clientId, leave: refuse, who: options.who, mode })
  void start()

  async function start(): Promise<void> {
    const inputSeq = await askInputSeq()
    if (over) return
    if (inputSeq === undefined)
      return refuse(CloseCode.tooSlow, 'the session does not answer: attach again')
    const snapshot = await catchUp.from(from)
    if (over) return
    const { answers, size } = session
    const { name } = open.record
    const { epoch, end } = log
    send({ type: 'attached', channel, epoch, from, end, inputSeq, ...size, mode, name, answers })
    if (snapshot) sendSnapshot(snapshot)
    viewer = viewers.attach({ sink, from: sent, size: wantedSize(attach, mode) })
    const waiting = early ?? []
    early = undefined
    for (const frame of waiting) receive(frame)
  }

  /** `undefined` when it cannot be told: a wrong number would make the client type again, or never. */
  async function askInputSeq(): Promise<number | undefined> {
    const { name } = session.state
    // Nothing can be typed any more, so nobody needs the number.
    if (name === 'exited' || name === 'lost') return 0
    const late = new Promise<undefined>((resolve) => {
      asking = clock.setTimeout(() => resolve(undefined), ASK_WITHIN_MS)
    })
    try {
      return await Promise.race([session.inputSeq(clientId), late])
    } catch (error) {
      return isPtySessionError(error, 'ENDED') ? 0 : undefined
    } finally {
      clock.clearTimeout(asking)
    }
  }

  /** In place of all output before it that was not sent yet. */
  function sendSnapshot({ offset, cols, rows, bytes }: TerminalSnapshot): void {
    sent = offset
    furthest = Math.max(furthest, sent)
    send({ type: 'snapshot', channel, offset, cols, rows, bytes })
  }

  /** A viewer that a flood has left behind sees the screen rather than all that scrolled past. */
  async function catchUpIfBehind(): Promise<void> {
    const snapshot = await catchUp.from(sent)
    if (over || !snapshot || snapshot.offset <= sent) return
    viewer?.skip(snapshot.offset)
    sendSnapshot(snapshot)
  }

  function hasRoom(): boolean {
    return sent - acked < windowBytes
  }

  function wake(): void {
    if (hasRoom() && flow.hasRoom) viewer?.resume()
  }

  const sink: ViewerSink = {
    output(block) {
      sent = block.offset + block.end - block.start
      furthest = Math.max(furthest, sent)
      return flow.send(outputFrame(block, channel), wake, block.release) && hasRoom()
    },
    gap(gapFrom, to) {
      sent = to
      furthest = Math.max(furthest, to)
      // Nobody can show, and so acknowledge, what is not there.
      acked = Math.max(acked, to)
      send({ type: 'gap', channel, from: gapFrom, to })
    },
    size({ cols, rows }, owner) {
      send({ type: 'size', channel, cols, rows, owner })
      const isNew = owner === 'you' && !ownsSize
      ownsSize = owner === 'you'
      if (isNew && look) session.setColors(look)
    },
    state(state) {
      const text = 'reason' in state ? state.reason : 'the session goes on'
      send({ type: 'notice', channel, code: state.name.toUpperCase(), text })
    },
    notice: (code, text) => send({ type: 'notice', channel, code, text }),
    exit({ code, signal = '', offset }) {
      send({ type: 'exit', channel, offset, code, signal })
      finish({ kind: 'exited' })
    },
    lost(reason) {
      send({ type: 'notice', channel, code: 'LOST', text: reason })
      send({ type: 'exit', channel, offset: sent, code: undefined, signal: '' })
      finish({ kind: 'exited' })
    },
  }

  function receive(frame: ChannelFrame): void {
    if (over) return
    if (early) {
      early.push(frame)
      if (frame.type === 'input') earlyBytes += frame.bytes.length
      if (early.length > 10_000 || earlyBytes > MOST_EARLY_BYTES)
        refuse(CloseCode.tooMany, 'too much input at once')
      return
    }
    switch (frame.type) {
      case 'input':
        type(frame)
        return
      case 'resize':
        if (mode === 'driver' && frame.cols > 0 && frame.rows > 0)
          viewer?.resize({ cols: frame.cols, rows: frame.rows }, frame.claim)
        return
      case 'colors':
        look = colorsOf(frame)
        if (ownsSize && look) session.setColors(look)
        return
      case 'ack':
        acked = Math.max(acked, Math.min(frame.offset, sent))
        wake()
        void catchUpIfBehind()
        return
      case 'repeat':
        if (frame.have > furthest) {
          finish({ kind: 'bad frame', reason: 'repeat beyond the end' })
          return
        }
        sent = frame.have
        acked = Math.min(acked, sent)
        viewer?.repeat(frame.have)
        wake()
        return
    }
  }

  function type({ seq, bytes }: Frame<'input'>): void {
    if (mode === 'viewer') {
      refuse(CloseCode.forbidden, 'a viewer may not type')
      return
    }
    if (bytes.length > MAX_INPUT_BYTES) {
      finish({ kind: 'bad frame', reason: `input of ${bytes.length} bytes` })
      return
    }
    viewer?.typed()
    visit.typed(bytes)
    session.input({ clientId, seq, bytes }).then(
      () => {
        if (!over) send({ type: 'accepted', channel, seq })
        onBacklog(session.inputBacklogBytes)
      },
      (error) => {
        if (!over) untyped(error)
        onBacklog(session.inputBacklogBytes)
      },
    )
    onBacklog(session.inputBacklogBytes)
  }

  function untyped(error: unknown): void {
    // The exit is on its way, and says it better.
    if (isPtySessionError(error, 'ENDED')) return
    if (isPtySessionError(error, 'INPUT_GAP')) {
      finish({
        kind: 'bad frame',
        reason: `input is out of order: ${error.expected} is next`,
      })
      return
    }
    // Whether it was typed cannot be told: the client comes back, and asks by its number.
    refuse(CloseCode.tooSlow, 'the session does not answer: attach again')
  }

  function refuse(code: CloseCode, reason: string): void {
    if (over) return
    send({ type: 'refused', channel, code, reason })
    finish({ kind: 'refused', code, reason })
  }

  function finish(end: ChannelEnd): void {
    if (over) return
    close()
    onEnd(end)
  }

  function close(): void {
    over = true
    visit.leave()
    clock.clearTimeout(asking)
    catchUp.close()
    flow.forget(wake)
    viewer?.close()
  }

  return { receive, refuse, close }
}

/** A viewer, and whoever has no size to offer, leaves the size to the others. */
function wantedSize(
  { cols, rows }: Frame<'attach'>,
  mode: AttachMode,
): { readonly cols: number; readonly rows: number } | undefined {
  return mode === 'driver' && cols > 0 && rows > 0 ? { cols, rows } : undefined
}

/** `undefined` when one of them is no colour. */
function colorsOf({ foreground, background, cursor }: Frame<'colors'>): TerminalColors | undefined {
  const colors = { foreground, background, cursor }
  return Object.values(colors).every((each) => /^#[0-9a-f]{6}$/i.test(each)) ? colors : undefined
}
