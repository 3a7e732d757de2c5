import type { JSX } from 'preact'
import { Fragment } from 'preact'
import { useEffect } from 'preact/hooks'
import { sessionPlace } from '../servers/session-ref.ts'
import type { App } from '../state/app.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Icon } from '../ui/icons.tsx'
import { ToastList } from '../ui/toast-list.tsx'
import { BottomBar } from './bottom-bar.tsx'
import { PaneTree } from './pane-tree.tsx'
import { Sidebar } from './sidebar.tsx'
import { TAB_PANEL_ID, TopBar } from './tab-strip.tsx'

/** The whole page: the sessions at the side, tabs above, panes, and what comes over them. */
export function AppShell({ app }: { readonly app: App }): JSX.Element {
  const { workspace, page, dialogs } = app
  const narrow = page.narrow.value
  const sidebar = page.sidebar.value
  const covered = narrow && sidebar
  const tab = workspace.tab.value
  const place = workspace.pane.value?.place
  const waiting = app.calls.unseen.value.length
  const title = place ? app.views.titleOf(place, app) : ''

  useEffect(() => {
    const count = waiting > 0 ? `(${waiting}) ` : ''
    document.title = count + (title ? `${title} - Conductor` : 'Conductor')
  }, [title, waiting])

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const inDialog = dialogs.open.peek().length > 0
      if (inDialog || isEditing(event)) return
      if (covered && event.key === 'Escape') page.sidebar.value = false
      else if (!app.commands.press(event)) return
      event.preventDefault()
      event.stopPropagation()
    }
    // Capturing, so that it comes before the terminal, which wants every key.
    addEventListener('keydown', onKeyDown, true)
    return () => removeEventListener('keydown', onKeyDown, true)
  }, [app, covered])

  return (
    <div class="shell" data-sidebar={sidebar} data-narrow={narrow}>
      <SkipLink app={app} />
      <Sidebar app={app} inert={!sidebar} />
      {covered && (
        <button
          type="button"
          class="scrim"
          tabIndex={-1}
          aria-label="Close the list"
          onClick={() => {
            page.sidebar.value = false
          }}
        />
      )}
      <main class="main" inert={covered}>
        {!narrow && <TopBar app={app} />}
        {tab ? (
          <div
            key={tab.id}
            id={TAB_PANEL_ID}
            class="panel"
            {...(!narrow && { role: 'tabpanel', 'aria-label': title })}
          >
            <PaneTree app={app} tab={tab} />
          </div>
        ) : (
          <Welcome app={app} />
        )}
        {narrow && <BottomBar app={app} />}
      </main>
      <ToastList toasts={app.toasts} />
      {dialogs.open.value.map(({ id, render }) => (
        <Fragment key={id}>{render()}</Fragment>
      ))}
    </div>
  )
}

/**
 * Whether a key is for the field that has the keyboard, as those that mark words are. Letters never are;
 * and a terminal's field is no field.
 */
function isEditing({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement) || target.classList.contains('xterm-helper-textarea'))
    return false
  return /^(Arrow|Home|End|Backspace|Enter)/.test(key) && target.matches('input, textarea, select')
}

/** The first thing that Tab comes to: past the list, into what is open. */
function SkipLink({ app: { page, workspace } }: { readonly app: App }): JSX.Element {
  const place = workspace.pane.value?.place
  return (
    <nav class="skip" aria-label="Skip">
      <button
        type="button"
        class="skip-link"
        onClick={() => {
          page.sidebar.value &&= !page.narrow.value
          workspace.refocus()
          if (!place) document.querySelector<HTMLElement>('.welcome .button')?.focus()
        }}
      >
        {place?.kind === 'terminal' ? 'Skip to the terminal' : 'Skip to the content'}
      </button>
    </nav>
  )
}

/** When nothing is open. */
function Welcome({ app }: { readonly app: App }): JSX.Element {
  const last = app.sessions.all().at(-1)
  return (
    <div class="welcome">
      <h1 class="for-readers">Conductor</h1>
      <EmptyState
        icon="prompt"
        title="Create or select a session to start"
        text="What runs in a session goes on when you close this page, and is still here when you are back."
      >
        <div class="empty-actions">
          <button
            type="button"
            class="button primary"
            disabled={app.sessions.creating.value}
            onClick={() => app.commands.run('session.new')}
          >
            <Icon name="plus" />
            New session
          </button>
          {last && (
            <button
              type="button"
              class="button"
              onClick={() => app.workspace.open(sessionPlace(last.ref))}
            >
              Open {last.info.name}
            </button>
          )}
        </div>
      </EmptyState>
    </div>
  )
}
