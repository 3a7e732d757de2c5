import type { ReadonlySignal, Signal } from '@preact/signals'
import { type SessionRef, sessionKey } from '../servers/session-ref.ts'
import type { TerminalLook } from '../terminal/look.ts'
import type { TerminalView, TerminalViewState } from '../terminal/terminal-view.ts'
import type { XtermScreen } from '../terminal/xterm-screen.ts'

/** What a terminal nobody looks at has to tell. */
export type Mark = 'none' | 'activity' | 'bell'

/** One session with its screen. */
export interface OpenTerminal {
  readonly key: string
  readonly ref: SessionRef
  readonly view: TerminalView
  readonly xterm: Omit<XtermScreen, 'screen'>
  /** It looks like this from now on, and says so to programs that ask. */
  configure(look: TerminalLook): void
  readonly state: ReadonlySignal<TerminalViewState>
  readonly mark: Signal<Mark>
  /** Whether the bell rang just now. */
  readonly ringing: ReadonlySignal<boolean>
  /** Whether the bar that searches it is open. */
  readonly finding: Signal<boolean>
  /** Whether it is read as text, in the width of the page. */
  readonly reading: Signal<boolean>
  /** Types this as it is, as keys on a phone: `\x1b` is Escape. @returns Whether it was taken. */
  type(keys: string): boolean
  /** Pastes text, as the settings want it: after a question where that is risky. */
  paste(text: string): Promise<void>
  /** Sends files to the session's machine. @returns Where they lie, each as one word of a shell. */
  store(files: readonly File[]): Promise<readonly string[]>
  /** The same, and types where they lie. */
  upload(files: readonly File[]): Promise<void>
}

/**
 * The screens of sessions. Those in the layout stay attached, so that a tab behind tells when something
 * happens in it; some more are kept at rest, so that going back to one is instant.
 */
export interface Terminals {
  /** The terminal of this session: the one there is, else a new one. It is attached once it is in the page. */
  get(ref: SessionRef): OpenTerminal
  /** The one there is. */
  find(ref: SessionRef): OpenTerminal | undefined
  /** These are in the layout, by {@link sessionKey}; all others rest. */
  keep(keys: ReadonlySet<string>): void
  close(ref: SessionRef): void
  /** Whether something was typed that has not arrived, in any of them. */
  readonly unsent: boolean
  all(): readonly OpenTerminal[]
}

/** @param rested How many are kept besides those in the layout (default: 5). */
export function createTerminals(create: (ref: SessionRef) => OpenTerminal, rested = 5): Terminals {
  // A Map keeps the order of insertion: the one left longest ago stands first.
  const terminals = new Map<string, OpenTerminal>()
  let kept: ReadonlySet<string> = new Set()

  function close(key: string): void {
    const terminal = terminals.get(key)
    if (!terminal) return
    terminals.delete(key)
    terminal.view.close()
    terminal.xterm.dispose()
  }

  /** Typing that has not arrived is never thrown away to save memory. */
  function closeOldest(): void {
    const old = [...terminals.values()].filter((each) => !kept.has(each.key) && !isUnsent(each))
    for (const { key } of old.slice(0, Math.max(old.length - rested, 0))) close(key)
  }

  return {
    get(ref) {
      const key = sessionKey(ref)
      const terminal = terminals.get(key) ?? create(ref)
      terminals.set(key, terminal)
      return terminal
    },
    find: (ref) => terminals.get(sessionKey(ref)),
    keep(keys) {
      for (const terminal of [...terminals.values()]) {
        const { key } = terminal
        if (keys.has(key) || !kept.has(key)) continue
        terminal.view.rest()
        terminals.delete(key)
        terminals.set(key, terminal)
      }
      kept = keys
      closeOldest()
    },
    close: (ref) => close(sessionKey(ref)),
    get unsent() {
      return [...terminals.values()].some(isUnsent)
    },
    all: () => [...terminals.values()],
  }
}

function isUnsent({ view }: OpenTerminal): boolean {
  return view.state.pending !== undefined || view.state.held !== undefined
}
