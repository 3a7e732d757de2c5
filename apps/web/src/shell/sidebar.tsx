import { useSignal } from '@preact/signals'
import type { JSX } from 'preact'
import type { SessionInfo } from '../api/session-info.ts'
import type { App } from '../state/app.ts'
import { ConfirmDialog } from './confirm-dialog.tsx'
import { IconButton } from './icon-button.tsx'
import { Icon, Mark } from './icons.tsx'
import { SessionRow } from './session-row.tsx'

export const SIDEBAR_ID = 'sessions'

/** The sessions, and what can be done with them. */
export function Sidebar({
  app,
  inert,
}: {
  readonly app: App
  readonly inert: boolean
}): JSX.Element {
  const doomed = useSignal<SessionInfo | undefined>(undefined)

  function confirm(): void {
    const session = doomed.value
    doomed.value = undefined
    if (session) void app.remove(session.id)
  }

  return (
    <aside id={SIDEBAR_ID} class="sidebar" data-open={app.drawerOpen.value} inert={inert}>
      <div class="sidebar-head">
        <Mark />
        <span class="brand">Conductor</span>
        <IconButton
          icon="close"
          label="Close the list"
          class="narrow-only"
          onClick={() => app.setDrawer(false)}
        />
      </div>
      <button
        type="button"
        class="button new-session"
        disabled={app.creating.value}
        onClick={() => void app.create()}
      >
        <Icon name="plus" />
        New session
      </button>
      <nav class="sidebar-list" aria-label="Sessions" aria-keyshortcuts="Control+Shift+L">
        <Sessions app={app} onDelete={(session) => (doomed.value = session)} />
      </nav>
      <div class="sidebar-foot">
        <button type="button" class="button plain" onClick={() => void app.logout()}>
          <Icon name="logout" />
          Log out
        </button>
      </div>
      {doomed.value && (
        <ConfirmDialog
          title={`Delete “${doomed.value.name}”?`}
          text="Its programs are ended and its history is removed. This cannot be undone."
          action="Delete session"
          onConfirm={confirm}
          onCancel={() => (doomed.value = undefined)}
        />
      )}
    </aside>
  )
}

interface SessionsProps {
  readonly app: App
  readonly onDelete: (session: SessionInfo) => void
}

function Sessions({ app, onDelete }: SessionsProps): JSX.Element {
  const state = app.list.state.value
  switch (state.name) {
    case 'loading':
      return (
        <div class="skeletons" role="status" aria-label="Loading the sessions">
          <span />
          <span />
          <span />
        </div>
      )
    case 'failed':
      return (
        <div class="list-note" role="alert">
          <p>{state.text}.</p>
          <button type="button" class="button" onClick={() => void app.list.refresh()}>
            Try again
          </button>
        </div>
      )
    case 'ready':
      if (state.sessions.length === 0) return <p class="list-note">No sessions yet.</p>
      return (
        <ul>
          {state.sessions.map((session) => (
            <SessionRow
              key={session.id}
              session={session}
              selected={session.id === app.pane.value?.id}
              onSelect={() => app.select(session.id)}
              onRename={(name) => void app.rename(session.id, name)}
              onDelete={() => onDelete(session)}
            />
          ))}
        </ul>
      )
  }
}
