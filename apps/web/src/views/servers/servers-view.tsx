import './servers.css'
import type { RemoteJson } from '@conductor/api-types'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { remoteText } from '../../servers/remotes.ts'
import type { App } from '../../state/app.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { Icon } from '../../ui/icons.tsx'
import type { ViewProps } from '../views.ts'
import { addServer, logInTo, removeServer, renameServer } from './server-dialogs.tsx'

/** The other servers that this page reaches through its own. */
export function ServersView({ app, focused }: ViewProps): JSX.Element {
  const first = useRef<HTMLDivElement>(null)
  const visits = app.workspace.visits.value
  const remotes = app.remotes.list.value

  useLayoutEffect(() => {
    if (focused && app.dialogs.open.peek().length === 0)
      first.current?.focus({ preventScroll: true })
  }, [focused, visits])
  useEffect(() => void app.remotes.refresh(), [app])

  const add = (
    <button type="button" class="button primary" onClick={() => void addServer(app)}>
      <Icon name="plus" />
      Add a server
    </button>
  )
  return (
    // Somewhere for the keyboard to begin, and to scroll with.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <div ref={first} class="view servers" tabIndex={0}>
      <div class="view-body">
        <h2 class="view-title">Servers</h2>
        <p class="view-lead">
          Sessions of other machines, in this page. Everything goes through this server, which keeps
          their tokens to itself.
        </p>
        {remotes.length === 0 ? (
          <EmptyState
            icon="server"
            title="Only this server so far"
            text="Add another machine on which Conductor runs, and its sessions stand in the list beside yours."
          >
            <div class="empty-actions">{add}</div>
          </EmptyState>
        ) : (
          <>
            <ul class="server-cards">
              {remotes.map((remote) => (
                <Card key={remote.id} app={app} remote={remote} />
              ))}
            </ul>
            {add}
          </>
        )}
      </div>
    </div>
  )
}

function Card({ app, remote }: { readonly app: App; readonly remote: RemoteJson }): JSX.Element {
  const { id, name, url, status } = remote
  const trouble = remoteText(remote)
  const sessions = app.servers.find(id)?.sessions.state.value
  const count = sessions?.name === 'ready' ? sessions.sessions.length : undefined
  return (
    <li class="server-card" data-remote-server={id} data-status={status}>
      <span class="dot" data-remote={status} />
      <h3>{name}</h3>
      <p>{url}</p>
      {trouble ? (
        <p role="status" data-tone={status === 'checking' ? undefined : 'problem'}>
          {trouble}.
        </p>
      ) : (
        <p>
          Connected
          {count !== undefined && `, ${count} ${count === 1 ? 'session' : 'sessions'}`}.
        </p>
      )}
      <div class="server-card-actions">
        {status === 'login-needed' ? (
          <button type="button" class="button primary" onClick={() => void logInTo(app, remote)}>
            Log in
          </button>
        ) : (
          <button
            type="button"
            class="button plain"
            aria-label={`Log in again to ${name}`}
            onClick={() => void logInTo(app, remote)}
          >
            Log in again
          </button>
        )}
        <IconButton
          icon="pencil"
          label={`Rename ${name}`}
          onClick={() => void renameServer(app, remote)}
        />
        <IconButton
          icon="trash"
          label={`Remove ${name}`}
          onClick={() => void removeServer(app, remote)}
        />
      </div>
    </li>
  )
}
