import type { ReadonlySignal } from '@preact/signals'
import type { JSX } from 'preact'
import { useEffect } from 'preact/hooks'
import type { App } from '../state/app.ts'
import { EmptyState } from './empty-state.tsx'
import { Header } from './header.tsx'
import { Sidebar } from './sidebar.tsx'
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
    if (!covered) return undefined
    const onKeyDown = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape') app.setDrawer(false)
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
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
