import { type Clock, type Driver, drive } from '@conductor/machine'
import type { PtySession, TerminalEvent } from '@conductor/pty-session'
import {
  type AttentionInput,
  type AttentionSource,
  type AttentionState,
  NOTHING_KNOWN,
  type Rules,
  type Told,
  transition,
} from './machine.ts'

/** Whether a session waits for somebody, as the outside sees it. */
export interface Attention {
  readonly state: 'none' | Told
  /** ISO 8601, UTC: since when it is in this state. */
  readonly since: string
  /** Who says so. */
  readonly source: AttentionSource
  /** What the program said. Plain text, at most 200 characters, to be shown and never obeyed. */
  readonly text?: string
}

export interface AttentionChange {
  readonly sessionId: string
  readonly attention: Attention
  readonly previous: Attention
}

export interface AttentionsOptions {
  readonly clock: Clock
}

/** A command that ran no longer than this has been watched, in milliseconds. */
const LONG_COMMAND_MS = 10_000

/** A bell so soon after a key answers that key: a shell that knows no completion, say. In milliseconds. */
const BELL_AFTER_KEY_MS = 2_000

/** A program that says more is not heard more often, in milliseconds. */
const BETWEEN_CALLS_MS = 1_000

const LONGEST_TEXT = 200

/** Watches all sessions. */
export interface Attentions {
  /** A program begins, in the place of the one before. */
  watch(
    sessionId: string,
    session: PtySession,
    rules: { readonly silenceMs: number | undefined },
  ): void
  get(sessionId: string): Attention
  typed(sessionId: string): void
  /** When somebody typed last, by the clock's `now`. */
  typedAtMs(sessionId: string): number | undefined
  /** What a program says of itself. @returns Whether there is such a session. */
  report(
    sessionId: string,
    report: { readonly state: Told; readonly text?: string | undefined },
  ): boolean
  forget(sessionId: string): void
  subscribe(listener: (change: AttentionChange) => void): () => void
  close(): void
}

interface Watched {
  readonly driver: Driver<AttentionState, AttentionInput>
  readonly session: PtySession
  readonly unsubscribe: () => void
  attention: Attention
  rules: Rules
  outputAtMs: number
  typedAtMs: number
  calledAtMs: number
  commandAtMs: number | undefined
}

type Mark = Extract<TerminalEvent, { type: 'prompt-mark' }>['mark']

const TIMEOUT: AttentionInput = { type: 'timeout', outputAtMs: 0 }

export function createAttentions({ clock }: AttentionsOptions): Attentions {
  const listeners = new Set<(change: AttentionChange) => void>()
  const all = new Map<string, Watched>()

  const date = (): string => new Date(clock.date()).toISOString()

  function watch(
    sessionId: string,
    session: PtySession,
    { silenceMs }: { readonly silenceMs: number | undefined },
  ): void {
    const attention = all.get(sessionId)?.attention
    forget(sessionId)
    const driver = drive<AttentionState, AttentionInput, never>({
      initial: NOTHING_KNOWN,
      transition: (state, input, nowMs) =>
        transition(
          state,
          input.type === 'timeout' ? { ...input, outputAtMs: watched.outputAtMs } : input,
          watched.rules,
          nowMs,
        ),
      timeout: TIMEOUT,
      perform: () => {},
      onChange: (state) => changed(sessionId, watched, state),
      clock,
    })
    const watched: Watched = {
      driver,
      session,
      unsubscribe: session.subscribe((event) => {
        if (event.type === 'grew') {
          watched.outputAtMs = clock.now()
          // With every block of output: elsewhere the silence at the deadline is what counts.
          if (driver.state.name === 'quiet') driver.send({ type: 'output' })
        } else if (event.type === 'terminal') onSignal(sessionId, event.event)
        else if (event.type === 'state') ended(watched, event.state)
      }),
      attention: attention ?? { state: 'none', since: date(), source: 'start' },
      rules: { silenceMs, isTold: false },
      outputAtMs: clock.now(),
      typedAtMs: Number.NEGATIVE_INFINITY,
      calledAtMs: Number.NEGATIVE_INFINITY,
      commandAtMs: undefined,
    }
    // One that was found dead is most likely being started again: nobody is to be woken about that.
    ended(watched, session.state)
    all.set(sessionId, watched)
    if (session.state.name === 'exited' || session.state.name === 'lost') return
    driver.send({ type: 'started' })
    // Of a shell it is not known what the program before it was about.
    changed(sessionId, watched, driver.state)
  }

  function forget(sessionId: string): void {
    const watched = all.get(sessionId)
    if (!watched) return
    all.delete(sessionId)
    watched.unsubscribe()
    // A state without a deadline leaves no timer.
    watched.driver.send({ type: 'exited', ok: true })
  }

  function ended({ driver }: Watched, state: PtySession['state']): void {
    if (state.name === 'exited') {
      const { code, signal } = state.exit
      const text = signal ? `ended by ${signal}` : `exit code ${code ?? 'unknown'}`
      driver.send({ type: 'exited', ok: code === 0, text })
    }
    if (state.name === 'lost') driver.send({ type: 'exited', ok: false, text: state.reason })
  }

  function changed(sessionId: string, watched: Watched, state: AttentionState): void {
    const { attention: previous } = watched
    const next = described(state)
    if (next.state === previous.state && next.text === previous.text) return
    const since = next.state === previous.state ? previous.since : date()
    watched.attention = { ...next, since }
    // Of a program that is forgotten nothing is told.
    if (all.get(sessionId) !== watched) return
    for (const listener of [...listeners])
      listener({ sessionId, attention: watched.attention, previous })
  }

  function call(watched: Watched, source: 'bell' | 'notification', said?: string): void {
    const nowMs = clock.now()
    if (source === 'bell' && nowMs - watched.typedAtMs < BELL_AFTER_KEY_MS) return
    if (nowMs - watched.calledAtMs < BETWEEN_CALLS_MS) return
    watched.calledAtMs = nowMs
    watched.driver.send({ type: 'called', source, text: plainText(said) })
  }

  function onSignal(id: string, signal: TerminalEvent): void {
    const watched = all.get(id)
    if (!watched) return
    if (signal.type === 'bell') call(watched, 'bell')
    if (signal.type === 'notification') call(watched, 'notification', signal.body || signal.title)
    if (signal.type === 'prompt-mark') mark(watched, signal.mark, signal.exitCode)
  }

  function mark(watched: Watched, what: Mark, exitCode: number | undefined): void {
    if (what === 'output') {
      watched.commandAtMs = clock.now()
      watched.driver.send({ type: 'commandStarted' })
    }
    if (what === 'done') finish(watched, exitCode)
  }

  function finish(watched: Watched, exitCode: number | undefined): void {
    const { commandAtMs } = watched
    watched.commandAtMs = undefined
    // Some shells tell the end of a command that never began: an empty line.
    if (commandAtMs === undefined) return
    const ok = exitCode === undefined || exitCode === 0
    const isLong = clock.now() - commandAtMs > LONG_COMMAND_MS
    const text = ok ? undefined : `exit code ${exitCode}`
    watched.driver.send({ type: 'commandEnded', isLong, ok, text })
  }

  return {
    watch,
    get: (id) => all.get(id)?.attention ?? { state: 'none', since: date(), source: 'start' },
    typedAtMs: (id) => all.get(id)?.typedAtMs,
    typed(id) {
      const watched = all.get(id)
      if (!watched) return
      watched.typedAtMs = clock.now()
      // Its silence counts from the last key on.
      watched.outputAtMs = watched.typedAtMs
      watched.driver.send({ type: 'typed' })
    },
    report(id, { state, text }) {
      const watched = all.get(id)
      if (!watched) return false
      // Whoever tells when it waits need not be guessed about.
      watched.rules = { silenceMs: undefined, isTold: true }
      watched.driver.send({ type: 'reported', state, text: plainText(text) })
      return true
    },
    forget,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      listeners.clear()
      for (const id of [...all.keys()]) forget(id)
    },
  }
}

function described(state: AttentionState): Omit<Attention, 'since'> {
  switch (state.name) {
    case 'none':
      return { state: 'none', source: 'start' }
    case 'active':
      return { state: 'working', source: state.source }
    case 'quiet':
      return { state: 'waiting', source: 'silence' }
    default: {
      const { name, source, text } = state
      return { state: name, source, ...(text !== undefined && { text }) }
    }
  }
}

/** Without what a terminal or a page could take for more than text: controls, and marks of direction. */
export function plainText(text: string | undefined): string | undefined {
  const plain = text
    ?.replace(/[\p{Cc}\p{Cf}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_TEXT)
    .replace(/[\ud800-\udbff]$/, '')
  return plain || undefined
}
