import { type Clock, drive } from '@conductor/machine'
import { type ClientFrame, isFinalCloseCode, type ServerFrame } from '@conductor/protocol'
import type { ConnectionState } from './connection.ts'
import { type SessionEffect, type SessionInput, type SessionState, transition } from './machine.ts'
import { checkRange, checkSize, DEFAULT_CATCH_UP_BYTES } from './options.ts'
import { createSessionInput } from './session-input.ts'
import { createSessionOutput } from './session-output.ts'
import { sameStatus, statusOf } from './status.ts'
import type {
  AttachOptions,
  Session,
  SessionEvent,
  SessionStatus,
  TerminalColors,
} from './types.ts'

/** A session that was refused for now is asked for again after this long, in milliseconds. */
const ASK_AGAIN_MS = 2_000

type SentFrame = Exclude<ClientFrame, { type: 'unknown' }>
type ChannelFrame = Extract<ServerFrame, { readonly channel: number }>
type FrameOf<T> = Extract<ChannelFrame, { type: T }>

/** What a session needs of its client. */
export interface SessionLink {
  readonly clock: Clock
  readonly staleInputMs: number
  readonly maxPendingBytes: number
  /** What the server's `welcome` said. */
  readonly windowBytes: number
  /** `false` when there is no connection. */
  send(frame: SentFrame): boolean
  /** The session wants a channel, now or as soon as there is a connection. */
  enlist(session: SessionCore): void
  /** The session wants nothing any more. */
  forget(session: SessionCore): void
}

/** How the server broke the protocol, which ends the connection; `undefined` when it did not. */
export type Wrong = string | undefined

/** The client's side of a session. */
export interface SessionCore {
  readonly key: string
  readonly state: SessionState
  readonly session: Session
  /** There is a connection, and this is the session's channel on it. */
  connected(channel: number): void
  connection(state: ConnectionState): void
  receive(frame: ChannelFrame): Wrong
}

export function createSessionCore(options: AttachOptions, link: SessionLink): SessionCore {
  const { session: key = '', mode = 'driver', resume, onOutput, onSnapshot } = options
  const { catchUpBytes = DEFAULT_CATCH_UP_BYTES } = options
  const { clock } = link
  const listeners = new Set<(event: SessionEvent) => void>()
  let size = checkSize(options.cols ?? 0, options.rows ?? 0)
  checkRange('catchUpBytes', catchUpBytes, 1, Number.MAX_SAFE_INTEGER)
  let epoch = resume?.epoch ?? ''
  let colors: TerminalColors | undefined
  let channel = 0
  let connectionState: ConnectionState = { name: 'idle' }
  let status: SessionStatus = { name: 'connecting' }

  const output = createSessionOutput({
    clock,
    start: resume?.offset ?? 0,
    onOutput,
    onSnapshot,
    tell,
    sendAck: (offset) => void link.send({ type: 'ack', channel, offset }),
    sendRepeat: (have) => void link.send({ type: 'repeat', channel, have }),
    moved() {
      driver.send({ type: 'moved', next: output.next })
      return isUp(driver.state)
    },
  })

  const input = createSessionInput({
    clock,
    mode,
    staleInputMs: link.staleInputMs,
    maxPendingBytes: link.maxPendingBytes,
    tell,
    send: (seq, bytes) => isUp(driver.state) && link.send({ type: 'input', channel, seq, bytes }),
    isOver: () => isOver(driver.state),
  })

  const perform: Record<SessionEffect, () => void> = {
    attach() {
      const place = { channel, session: key, epoch, have: output.next }
      const catchUp = onSnapshot && { catchUpBytes }
      link.send({ type: 'attach', ...place, ...size, mode, ...catchUp })
      if (colors) link.send({ type: 'colors', channel, ...colors })
    },
    detach: () => void link.send({ type: 'detach', channel }),
    pump: input.pump,
    enlist: () => link.enlist(core),
  }

  const driver = drive<SessionState, SessionInput, SessionEffect>({
    initial: { name: 'waiting' },
    transition,
    timeout: { type: 'due' },
    perform: (effect) => perform[effect](),
    onChange(next, previous) {
      if (isUp(previous) && !isUp(next)) {
        output.rest()
        input.rest()
      }
      if (previous.name === 'replaying') tell({ type: 'replay', phase: 'end' })
      if (next.name === 'replaying') tell({ type: 'replay', phase: 'begin' })
      updateStatus()
    },
    clock,
  })

  function tell(event: SessionEvent): void {
    // Whoever has closed the session in one event gets no others of the same moment.
    if (driver.state.name === 'closed' && event.type !== 'status') return
    for (const listener of [...listeners]) listener(event)
  }

  function updateStatus(): void {
    const next = statusOf(driver.state, connectionState, status)
    if (sameStatus(next, status)) return
    status = next
    tell({ type: 'status', status })
  }

  function attached(frame: FrameOf<'attached'>): Wrong {
    if (driver.state.name !== 'attaching') return 'attached twice'
    if (frame.from > frame.end) return 'attached from behind the end'
    const sameEpoch = epoch === '' || epoch === frame.epoch
    const { cols, rows, name, mode: allowed, from, end, answers = 'viewer' } = frame
    epoch = frame.epoch
    tell({ type: 'attached', epoch, name, mode: allowed, cols, rows, answers })
    output.attached(from, link.windowBytes, sameEpoch)
    input.attached(frame.inputSeq, sameEpoch, allowed)
    driver.send({ type: 'attached', next: output.next, end })
    return undefined
  }

  function exited({ code, signal, offset }: FrameOf<'exit'>): void {
    const exit = { code, signal: signal || undefined, complete: output.next >= offset }
    tell({ type: 'exit', ...exit })
    driver.send({ type: 'exit', exit })
  }

  function refused(code: number, reason: string): void {
    if (isFinalCloseCode(code)) driver.send({ type: 'refused', code, reason })
    else driver.send({ type: 'deferred', untilMs: clock.now() + ASK_AGAIN_MS })
  }

  function receive(frame: ChannelFrame): Wrong {
    const state = driver.state
    // After the end a frame may still be on its way; it changes nothing any more.
    if (state.name !== 'attaching' && !isUp(state)) return undefined
    if (state.name === 'attaching' && !mayComeFirst(frame)) return `${frame.type} before attached`
    switch (frame.type) {
      case 'attached':
        return attached(frame)
      case 'output':
        output.output(frame.offset, frame.bytes, state.name === 'replaying' ? state.end : 0)
        return undefined
      case 'gap':
        output.gap(frame.from, frame.to)
        return undefined
      case 'accepted':
        return input.accepted(frame.seq) ? undefined : `input ${frame.seq} was never sent`
      case 'exit':
        exited(frame)
        return undefined
      case 'refused':
        refused(frame.code, frame.reason)
        return undefined
      case 'size':
        tell({ type: 'size', cols: frame.cols, rows: frame.rows, owner: frame.owner })
        return undefined
      case 'notice':
        tell({ type: 'notice', code: frame.code, text: frame.text })
        return undefined
      case 'snapshot':
        output.snapshot(frame)
        return undefined
    }
  }

  const session: Session = {
    get status() {
      return status
    },
    get epoch() {
      return epoch
    },
    get offset() {
      return output.next
    },
    get pending() {
      return input.pending
    },
    readPending: (limitBytes = 4_096) => input.read(limitBytes),
    type: input.type,
    sendHeld: input.release,
    discardHeld: input.discard,
    resize(cols, rows, { claim = false } = {}) {
      size = checkSize(cols, rows)
      if (isUp(driver.state)) link.send({ type: 'resize', channel, ...size, claim })
    },
    setColors(next) {
      colors = next
      if (isUp(driver.state)) link.send({ type: 'colors', channel, ...next })
    },
    reconnect() {
      driver.send({ type: 'retry' })
      if (driver.state.name === 'waiting') link.enlist(core)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      driver.send({ type: 'close' })
      link.forget(core)
    },
    [Symbol.asyncDispose]: () => session.close(),
  }

  const core: SessionCore = {
    key,
    get state() {
      return driver.state
    },
    session,
    connected(onChannel) {
      channel = onChannel
      driver.send({ type: 'connected' })
    },
    connection(state) {
      connectionState = state
      if (state.name !== 'open') driver.send({ type: 'lost' })
      if (state.name === 'refused')
        driver.send({ type: 'refused', code: state.code, reason: state.reason })
      updateStatus()
    },
    receive,
  }
  return core
}

/** Whether output and input flow. */
function isUp({ name }: SessionState): boolean {
  return name === 'replaying' || name === 'live'
}

/** Whether nothing more comes of it unless a person does something. */
export function isOver({ name }: SessionState): boolean {
  return name === 'refused' || name === 'ended' || name === 'closed'
}

function mayComeFirst({ type }: ChannelFrame): boolean {
  return type === 'attached' || type === 'refused' || type === 'notice'
}
