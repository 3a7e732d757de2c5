import type { Clock } from '@conductor/machine'
import { CloseCode } from '@conductor/protocol'
import type {
  AttachOptions,
  HeldReason,
  InputRefusal,
  Session,
  SessionEvent,
  SessionOutput,
  SessionStatus,
} from '@conductor/session-client'
import { clipboardText } from './clipboard-text.ts'
import { createPendingWatch, describePending, type ShownPending } from './pending-watch.ts'
import { cleanTitle } from './program-title.ts'
import { createReplyGate } from './reply-gate.ts'
import type { TerminalScreen } from './screen.ts'
import { bytesOfBinary, inputKind } from './terminal-input.ts'
import { CLEAR_ALL, exitLines, gapLine } from './terminal-lines.ts'
import { createTerminalSizing, type SharedSize } from './terminal-size.ts'

/** What a person sees around the screen. */
export interface TerminalViewState {
  readonly status: SessionStatus
  readonly size: SharedSize
  /** Typed and not arrived, once that takes noticeably long. */
  readonly pending: ShownPending | undefined
  /** Typed, and sent only if a person still wants that. */
  readonly held: (ShownPending & { readonly reason: HeldReason }) | undefined
  /** How the program calls itself; empty when it does not. */
  readonly title: string
  /** How much of the old output is shown, 0 to 1; `undefined` when nothing is being restored. */
  readonly restored: number | undefined
}

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
  const listeners = new Set<(state: TerminalViewState) => void>()
  const sizing = createTerminalSizing(screen)
  /** Output that xterm has taken and not parsed yet: whether each piece is a replay. */
  const parsing: boolean[] = []
  let session: Session | undefined
  let resting = false
  let replayFrom = 0
  let state: TerminalViewState = {
    status: CONNECTING,
    size: sizing.shared,
    pending: undefined,
    held: undefined,
    title: '',
    restored: undefined,
  }

  const gate = createReplyGate(screen.parser, () => isNews() && isLive() && isOwner())
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
    else session?.type(data)
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
    size: (size) => sizing.tell(size, () => set({ size: sizing.shared })),
    pending: ({ pending }) => onPending(pending.sizeBytes, pending.heldBytes),
    staleInput({ reason, sizeBytes }) {
      const typed = session?.readPending(sizeBytes) ?? new Uint8Array()
      set({ held: { ...describePending(typed, sizeBytes), reason } })
    },
    inputRefused: ({ reason, sizeBytes }) => onRefusedInput(reason, sizeBytes),
    notice: ({ code, text }) => onNotice(code, text),
    gap: ({ from, to }) => screen.write(gapLine(from, to)),
    reset: () => screen.write(CLEAR_ALL),
    exit: (exit) => screen.write(exitLines(exit)),
    // The size follows, and the replay is told by the status.
    attached: () => {},
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
    session = attach({ ...sizing.own, onOutput, ...(resume && { resume }) })
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
      if (sizing.fit(cols, rows)) session?.resize(cols, rows)
    },
    claimSize() {
      const { own } = sizing
      if (own) session?.resize(own.cols, own.rows, { claim: true })
    },
    reconnect() {
      const { name } = state.status
      const possible = name === 'stopped' || name === 'reconnecting' || name === 'refused'
      if (possible && !isOver(state.status)) session?.reconnect()
    },
    type: (keys) => session?.type(keys) ?? false,
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
