import type { Clock } from '@conductor/machine'
import { CloseCode } from '@conductor/protocol'
import type {
  AttachOptions,
  InputRefusal,
  Session,
  SessionEvent,
  SessionOutput,
  SessionSnapshot,
  SessionStatus,
} from '@conductor/session-client'
import { clipboardText } from './clipboard-text.ts'
import { createPendingWatch, describePending } from './pending-watch.ts'
import { cleanTitle } from './program-title.ts'
import { createReplyGate } from './reply-gate.ts'
import type { TerminalScreen } from './screen.ts'
import { CATCH_UP_BYTES, showSnapshot } from './show-snapshot.ts'
import { bytesOfBinary, inputKind } from './terminal-input.ts'
import { CLEAR_ALL, exitLines, gapLine } from './terminal-lines.ts'
import { createTerminalSizing, type SizePolicy } from './terminal-size.ts'
import type { TerminalViewState } from './terminal-view-state.ts'

export type { TerminalViewState } from './terminal-view-state.ts'

export interface TerminalViewOptions {
  readonly screen: TerminalScreen
  /** Attaches to the session, over a connection of its own. */
  readonly attach: (options: AttachOptions) => Session
  readonly clock: Clock
  readonly onUnauthorized: () => void
  /** Something a person should know, from the server. */
  readonly onNotice: (code: string, text: string) => void
  /** What was typed or pasted, and was not taken. */
  readonly onRefusedInput: (reason: InputRefusal, sizeBytes: number) => void
  /** When this viewer's size counts (default: always). Asked when it is attached, and with every key. */
  readonly sizePolicy?: (() => SizePolicy) | undefined
  /** What typing becomes before it is sent, as under a sticky Control (default: itself). */
  readonly modify?: ((keys: string) => string) | undefined
  /** The program has said something just now (nothing old), or has rung the bell. */
  readonly onSign?: ((sign: 'output' | 'bell') => void) | undefined
  /** The program wants this text in the clipboard (OSC 52). It can never read it. */
  readonly onClipboardWrite?: ((text: string) => void) | undefined
}

/** One session on one screen: everything about it but how it looks. */
export interface TerminalView {
  readonly state: TerminalViewState
  subscribe(listener: (state: TerminalViewState) => void): () => void
  /** Attaches, or goes on where an earlier attachment has stopped. */
  open(): void
  /** Nobody looks any more: leaves the session, once everything typed has arrived. */
  rest(): void
  /** This many cells fit here. */
  fit(cols: number, rows: number): void
  /** Makes the program as large as this viewer, whoever owned the size. */
  claimSize(): void
  /** A click: tries again when there is something to try. */
  reconnect(): void
  /** Types this, as if the terminal had sent it. @returns Whether it was taken. */
  type(keys: string): boolean
  sendHeld(): void
  discardHeld(): void
  /** Leaves at once, and for good. */
  close(): void
}

type EventOf<T> = Extract<SessionEvent, { type: T }>

const CONNECTING: SessionStatus = { name: 'connecting' }

export function createTerminalView(options: TerminalViewOptions): TerminalView {
  const { screen, attach, clock, onUnauthorized, onNotice, onRefusedInput } = options
  const { onSign = () => {}, onClipboardWrite = () => {} } = options
  const { sizePolicy = () => 'always', modify = (keys) => keys } = options
  const listeners = new Set<(state: TerminalViewState) => void>()
  const sizing = createTerminalSizing(screen)
  /** Output that xterm has taken and not parsed yet: whether each piece is a replay. */
  const parsing: boolean[] = []
  let session: Session | undefined
  let resting = false
  let replayFrom = 0
  /** Whether the session answers the program's queries itself: then nobody else may. */
  let isAnswered = false
  let state: TerminalViewState = {
    status: CONNECTING,
    size: sizing.shared,
    follows: sizing.follows,
    pending: undefined,
    held: undefined,
    title: '',
    restored: undefined,
    passedOver: undefined,
  }

  const mayReport = (): boolean => isNews() && isLive() && isOwner()
  const gate = createReplyGate(screen.parser, {
    mayAnswer: () => !isAnswered && mayReport(),
    mayReport,
  })
  const watch = createPendingWatch({
    clock,
    read: (limitBytes) => session?.readPending(limitBytes) ?? new Uint8Array(),
    show: (pending) => set({ pending }),
  })

  const subscriptions = [
    screen.onData(onData),
    screen.onBinary((data) => isLive() && session?.type(bytesOfBinary(data))),
    screen.onTitleChange((title) => set({ title: cleanTitle(title) })),
    // A replay rings no bell, and puts nothing into the clipboard: that was long ago.
    screen.onBell(() => isNews() && onSign('bell')),
    screen.parser.registerOscHandler(52, (data) => {
      const text = isNews() ? clipboardText(data) : undefined
      if (text !== undefined) onClipboardWrite(text)
      return true
    }),
  ]

  function set(change: Partial<TerminalViewState>): void {
    state = { ...state, ...change }
    for (const listener of [...listeners]) listener(state)
  }

  /** Whether what is being parsed was said just now. */
  function isNews(): boolean {
    return parsing[0] === false
  }

  function isLive(): boolean {
    return state.status.name === 'live'
  }

  function isOwner(): boolean {
    return sizing.shared.owner === 'you'
  }

  function onData(data: string): void {
    if (gate.swallows(data)) return
    const kind = inputKind(data)
    // Looking is not typing: it must neither wait for a connection nor take the size over.
    if (kind !== 'typed' && !isLive()) return
    if ((kind === 'focus' || kind === 'hover') && !isOwner()) return
    // The key that asks for the connection is not meant for the program.
    if (state.status.name === 'stopped') session?.reconnect()
    else if (kind === 'typed') type(modify(data))
    else session?.type(data)
  }

  /** Who types decides the size: it is told first, so that the program answers at the right width. */
  function type(keys: string): boolean {
    if (sizePolicy() !== 'asked') offerSize()
    return session?.type(keys) ?? false
  }

  function offerSize(): void {
    const { own } = sizing
    if (own && sizing.offer()) session?.resize(own.cols, own.rows)
  }

  function onOutput({ bytes, offset, replay, done }: SessionOutput): void {
    parsing.push(replay)
    if (!replay) onSign('output')
    screen.write(bytes, () => {
      parsing.shift()
      gate.parsed()
      done()
      if (replay) showRestored(offset + bytes.length)
    })
  }

  function onSnapshot(snapshot: SessionSnapshot): void {
    parsing.push(true)
    showSnapshot(screen, snapshot, () => {
      parsing.shift()
      gate.parsed()
      snapshot.done()
      sizing.restore()
      set({ passedOver: snapshot.offset })
    })
  }

  function showRestored(offset: number): void {
    const { status } = state
    if (status.name !== 'replaying') return
    set({ restored: Math.min((offset - replayFrom) / Math.max(status.end - replayFrom, 1), 1) })
  }

  function onStatus(status: SessionStatus): void {
    if (resting && status.name === 'closed') return
    if (status.name === 'replaying') replayFrom = session?.offset ?? 0
    set({ status, restored: status.name === 'replaying' ? 0 : undefined })
    if (status.name === 'refused' && status.code === CloseCode.unauthorized) onUnauthorized()
  }

  function onPending(sizeBytes: number, heldBytes: number): void {
    watch.update(sizeBytes - heldBytes)
    if (heldBytes === 0 && state.held) set({ held: undefined })
    if (sizeBytes === 0 && resting) leave()
  }

  const receivers: { readonly [T in SessionEvent['type']]: (event: EventOf<T>) => void } = {
    status: ({ status }) => onStatus(status),
    size: (size) => sizing.tell(size, () => set({ size: sizing.shared, follows: sizing.follows })),
    pending: ({ pending }) => onPending(pending.sizeBytes, pending.heldBytes),
    staleInput({ reason, sizeBytes }) {
      const typed = session?.readPending(sizeBytes) ?? new Uint8Array()
      set({ held: { ...describePending(typed, sizeBytes), reason } })
    },
    inputRefused: ({ reason, sizeBytes }) => onRefusedInput(reason, sizeBytes),
    notice: ({ code, text }) => onNotice(code, text),
    gap: ({ from, to }) => screen.write(gapLine(from, to)),
    reset() {
      screen.write(CLEAR_ALL)
      set({ passedOver: undefined })
    },
    exit: (exit) => screen.write(exitLines(exit)),
    // The size follows, and the replay is told by the status.
    attached({ answers }) {
      isAnswered = answers === 'session'
    },
    replay: () => {},
  }

  function onEvent(event: SessionEvent): void {
    // The receiver of this very event: TypeScript cannot follow the key and the argument at once.
    const receive = receivers[event.type] as (event: SessionEvent) => void
    receive(event)
  }

  function leave(): void {
    watch.stop()
    void session?.close()
  }

  function open(): void {
    resting = false
    if (isOver(state.status) || (session && session.status.name !== 'closed')) return
    const resume = session?.epoch ? { epoch: session.epoch, offset: session.offset } : undefined
    set({ status: CONNECTING, pending: undefined, held: undefined })
    if (sizePolicy() === 'always') sizing.offer()
    session = attach({
      ...sizing.offered,
      onOutput,
      onSnapshot,
      catchUpBytes: CATCH_UP_BYTES,
      ...(resume && { resume }),
    })
    session.subscribe(onEvent)
    onStatus(session.status)
  }

  return {
    get state() {
      return state
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    open,
    rest() {
      resting = true
      if (session?.pending.sizeBytes === 0) leave()
    },
    fit(cols, rows) {
      if (sizing.fit(cols, rows) && sizing.offered) session?.resize(cols, rows)
    },
    claimSize() {
      const { own } = sizing
      if (!own) return
      sizing.offer()
      session?.resize(own.cols, own.rows, { claim: true })
    },
    reconnect() {
      const { name } = state.status
      const possible = name === 'stopped' || name === 'reconnecting' || name === 'refused'
      if (possible && !isOver(state.status)) session?.reconnect()
    },
    type,
    sendHeld: () => session?.sendHeld(),
    discardHeld: () => session?.discardHeld(),
    close() {
      resting = true
      leave()
      for (const each of subscriptions) each.dispose()
      listeners.clear()
    },
  }
}

/** Nothing will ever come of this session again. */
function isOver(status: SessionStatus): boolean {
  if (status.name === 'refused') return status.code === CloseCode.noSession
  return status.name === 'ended'
}
