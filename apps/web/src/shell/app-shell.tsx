import type { ReadonlySignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { App } from '../state/app.ts'
import { EmptyState } from './empty-state.tsx'
import { Header } from './header.tsx'
import { SIDEBAR_ID, Sidebar } from './sidebar.tsx'
import { TerminalPane } from './terminal-pane.tsx'
import { ToastList } from './toast-list.tsx'

export interface AppShellProps {
  readonly app: App
  /** Whether there is no room for the list beside the terminal. */
  readonly narrow: ReadonlySignal<boolean>
}

export function AppShell({ app, narrow }: AppShellProps): JSX.Element {
  const pane = app.pane.value
  const name = app.name.value
  const title = pane?.state.value.title || name
  const isDrawer = narrow.value
  const covered = isDrawer && app.drawerOpen.value

  useEffect(() => {
    document.title = title ? `${title} - Conductor` : 'Conductor'
  }, [title])

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (isListKey(event)) app.setDrawer(narrow.peek())
      else if (covered && event.key === 'Escape') app.setDrawer(false)
      else return
      event.preventDefault()
      event.stopPropagation()
      if (isListKey(event)) requestAnimationFrame(focusList)
    }
    // Capturing, so that it comes before the terminal, which wants every key.
    addEventListener('keydown', onKeyDown, true)
    return () => removeEventListener('keydown', onKeyDown, true)
  }, [app, covered])

  useEffect(() => {
    if (covered) focusList()
    else app.pane.peek()?.xterm.focus()
  }, [app, covered])

  return (
    <div class="shell">
      <Sidebar app={app} inert={isDrawer && !covered} />
      {covered && (
        <button
          type="button"
          class="scrim"
          tabIndex={-1}
          aria-label="Close the list"
          onClick={() => app.setDrawer(false)}
        />
      )}
      <main class="main" inert={covered}>
        <Header app={app} />
        {pane ? <TerminalPane key={pane.id} pane={pane} name={name} /> : <EmptyState app={app} />}
      </main>
      <ToastList toasts={app.toasts} />
    </div>
  )
}

/** The way out of a terminal by keyboard: no program is told of Control, Shift and a letter. */
function isListKey({ ctrlKey, shiftKey, code }: KeyboardEvent): boolean {
  return ctrlKey && shiftKey && code === 'KeyL'
}

function focusList(): void {
  const list = document.getElementById(SIDEBAR_ID)
  const target = list?.querySelector('[aria-current]') ?? list?.querySelector('.new-session')
  if (target instanceof HTMLElement) target.focus()
}
