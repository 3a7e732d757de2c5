import type { JSX } from 'preact'
import type { App } from '../state/app.ts'
import { statusWord } from '../terminal/status-text.ts'
import { IconButton } from './icon-button.tsx'
import { SIDEBAR_ID } from './sidebar.tsx'

/** Which session this is, and how the connection to it is. */
export function Header({ app }: { readonly app: App }): JSX.Element {
  const state = app.pane.value?.state.value
  const name = app.name.value
  return (
    <header class="header">
      <IconButton
        icon="menu"
        label="Show the sessions"
        class="narrow-only"
        expanded={app.drawerOpen.value}
        controls={SIDEBAR_ID}
        onClick={() => app.setDrawer(true)}
      />
      <div class="titles">
        <h1 class={name ? undefined : 'narrow-only'}>{name || 'Conductor'}</h1>
        {state?.title && state.title !== name && (
          <span class="program-title" title={state.title}>
            {state.title}
          </span>
        )}
      </div>
      {state && (
        <span class="connection" data-connection={state.status.name}>
          <span class="dot" />
          {statusWord(state.status)}
        </span>
      )}
    </header>
  )
}
