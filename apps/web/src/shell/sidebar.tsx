import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import type { SessionInfo } from '../api/session-info.ts'
import type { Server } from '../servers/server.ts'
import { type SessionRef, sessionOf } from '../servers/session-ref.ts'
import type { App } from '../state/app.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon, Mark } from '../ui/icons.tsx'
import { confirmDelete } from './confirm-delete.tsx'
import { ServerHead } from './server-head.tsx'
import { SessionRow } from './session-row.tsx'

export const SIDEBAR_ID = 'sessions'

/** The sessions of every server, and what can be done with them. */
export function Sidebar({
  app,
  inert,
}: {
  readonly app: App
  readonly inert: boolean
}): JSX.Element {
  const { commands, servers, page } = app
  const all = servers.all.value
  return (
    <aside id={SIDEBAR_ID} class="sidebar" data-open={!inert} inert={inert}>
      <div class="sidebar-head">
        <Mark />
        <span class="brand">Conductor</span>
        <IconButton
          icon={page.narrow.value ? 'close' : 'sidebar'}
          label={page.narrow.value ? 'Close the list' : 'Hide the list'}
          chord={commands.keyOf('sidebar.toggle')}
          onClick={() => commands.run('sidebar.toggle')}
        />
      </div>
      <button
        type="button"
        class="button new-session"
        disabled={app.sessions.creating.value}
        onClick={() => commands.run('session.new')}
      >
        <Icon name="plus" />
        New session
      </button>
      <nav class="sidebar-list" aria-label="Sessions" aria-keyshortcuts="Control+Shift+L">
        {all.map((server) => (
          <section
            key={server.id}
            class="server"
            aria-label={`Sessions of ${server.name}`}
            data-server={server.id}
          >
            {all.length > 1 && <ServerHead app={app} server={server} />}
            <Sessions app={app} server={server} />
          </section>
        ))}
      </nav>
      <Footer app={app} />
    </aside>
  )
}

/** Every view that can be opened as it is, and the way out. */
function Footer({ app }: { readonly app: App }): JSX.Element {
  const { views, workspace, commands, page } = app
  const here = workspace.pane.value?.place
  return (
    <div class="sidebar-foot">
      <div class="sidebar-views">
        {views.all
          .filter(({ alone }) => alone !== false)
          .map(({ kind, title, icon }) => (
            <button
              key={kind}
              type="button"
              class="sidebar-view"
              aria-current={here?.kind === kind ? 'page' : undefined}
              onClick={() => {
                if (page.narrow.value) page.sidebar.value = false
                commands.run(`view.${kind}`)
              }}
            >
              <Icon name={icon} />
              {title}
            </button>
          ))}
        <button type="button" class="sidebar-view" onClick={() => commands.run('page.logout')}>
          <Icon name="logout" />
          Log out
        </button>
      </div>
    </div>
  )
}

function Sessions({
  app,
  server,
}: {
  readonly app: App
  readonly server: Server
}): JSX.Element | null {
  const { sessions: list } = server
  const state = list.state.value
  switch (state.name) {
    case 'loading':
      // How it is stands above already.
      if (!server.reachable) return null
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
          <button type="button" class="button" onClick={() => void list.refresh()}>
            Try again
          </button>
        </div>
      )
    case 'ready':
      if (state.sessions.length === 0) return <p class="list-note">No sessions yet.</p>
      return (
        <ul>
          {state.sessions.map((session) => (
            <Row key={session.id} app={app} session={session} server={server.id} />
          ))}
        </ul>
      )
  }
}

interface RowProps {
  readonly app: App
  readonly session: SessionInfo
  readonly server: string
}

function Row({ app, session, server }: RowProps): JSX.Element {
  const { sessions, workspace, terminals, page } = app
  const ref: SessionRef = { server, id: session.id }
  const place = workspace.pane.value?.place
  const shown = place?.kind === 'terminal' ? sessionOf(place) : undefined

  async function remove(): Promise<void> {
    if (await confirmDelete(app, ref)) await sessions.remove(ref)
  }

  const selected = shown?.id === ref.id && shown.server === server
  const mark = terminals.find(ref)?.mark.value ?? 'none'
  const call = app.calls.of(ref)?.state

  // News of one session draw one row: there may be hundreds, and news in every frame.
  return useMemo(
    () => (
      <SessionRow
        session={session}
        selected={selected}
        mark={mark}
        call={call}
        onSelect={() => {
          if (page.narrow.value) page.sidebar.value = false
          sessions.open(ref)
        }}
        onRename={(name) => void sessions.rename(ref, name)}
        onDelete={() => void remove()}
      />
    ),
    [session, selected, mark, call],
  )
}

/** Puts the keyboard on the session that is shown, else on what makes one. */
export function focusList(): void {
  const list = document.getElementById(SIDEBAR_ID)
  const target =
    list?.querySelector('.session-open[aria-current]') ?? list?.querySelector('.new-session')
  if (target instanceof HTMLElement) target.focus()
}
