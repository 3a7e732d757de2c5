import type { ReadonlySignal } from '@preact/signals'
import type { TerminalView, TerminalViewState } from '../terminal/terminal-view.ts'
import type { XtermScreen } from '../terminal/xterm-screen.ts'

/** One session with its screen. */
export interface Pane {
  readonly id: string
  readonly view: TerminalView
  readonly xterm: Omit<XtermScreen, 'screen'>
  readonly state: ReadonlySignal<TerminalViewState>
}

/** Screens of sessions looked at lately, so that going back to one is instant. */
export interface Panes {
  /** This session's pane, the one it had if there is one; the others rest. It is opened once it is in the page. */
  show(id: string): Pane
  /** Lets all of them rest. */
  showNone(): void
  close(id: string): void
  /** Whether something was typed that has not arrived, in any of them. */
  readonly unsent: boolean
  all(): readonly Pane[]
}

/** @param keep How many are kept besides the one shown (default: 5). */
export function createPanes(create: (id: string) => Pane, keep = 5): Panes {
  // A Map keeps the order of insertion: the one looked at longest ago stands first.
  const panes = new Map<string, Pane>()
  let shown: Pane | undefined

  function close(id: string): void {
    const pane = panes.get(id)
    if (!pane) return
    panes.delete(id)
    if (shown === pane) shown = undefined
    pane.view.close()
    pane.xterm.dispose()
  }

  /** Typing that has not arrived is never thrown away to save memory. */
  function closeOldest(): void {
    const old = [...panes.values()].filter((pane) => pane !== shown && !isUnsent(pane))
    for (const { id } of old.slice(0, Math.max(old.length - keep, 0))) close(id)
  }

  return {
    show(id) {
      const pane = panes.get(id) ?? create(id)
      if (shown && shown !== pane) shown.view.rest()
      shown = pane
      panes.delete(id)
      panes.set(id, pane)
      closeOldest()
      return pane
    },
    showNone() {
      shown?.view.rest()
      shown = undefined
    },
    close,
    get unsent() {
      return [...panes.values()].some(isUnsent)
    },
    all: () => [...panes.values()],
  }
}

function isUnsent({ view }: Pane): boolean {
  return view.state.pending !== undefined || view.state.held !== undefined
}
