import './server-head.css'
import type { JSX } from 'preact'
import { remoteText } from '../servers/remotes.ts'
import type { Server } from '../servers/server.ts'
import type { App } from '../state/app.ts'
import { IconButton } from '../ui/icon-button.tsx'

export interface ServerHeadProps {
  readonly app: App
  readonly server: Server
}

/** Whose sessions follow in the list, how that server is, and what can be done about it. */
export function ServerHead({ app, server }: ServerHeadProps): JSX.Element {
  const { id, name } = server
  const remote = server.remote?.value
  const trouble = remote && remoteText(remote)
  return (
    <>
      <div class="server-head">
        <span class="dot" data-remote={remote?.status ?? 'ok'} />
        <h2 class="server-name" title={remote?.url}>
          {name}
        </h2>
        {server.reachable && (
          <IconButton
            icon="plus"
            class="server-new"
            label={`New session on ${name}`}
            onClick={() => void app.sessions.create({ server: id })}
          />
        )}
      </div>
      {trouble && (
        <p class="server-note" role="status">
          {trouble}.{' '}
          <button
            type="button"
            class="link-button"
            onClick={() => app.workspace.open({ kind: 'servers', id: '', params: {} })}
          >
            {remote?.status === 'login-needed' ? 'Log in' : 'Details'}
          </button>
        </p>
      )}
    </>
  )
}
