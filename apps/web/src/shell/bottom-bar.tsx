import type { JSX } from 'preact'
import type { App } from '../state/app.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import { SIDEBAR_ID } from './sidebar.tsx'

/** What stands within the reach of a thumb: the list, the tabs, a new one, and everything else. */
export function BottomBar({ app }: { readonly app: App }): JSX.Element {
  const { commands, workspace, page } = app
  const place = workspace.pane.value?.place
  const count = workspace.layout.value.tabs.length
  return (
    <nav class="bottom-bar" aria-label="Page">
      <IconButton
        icon="menu"
        label="Show the sessions"
        side="above"
        expanded={page.sidebar.value}
        controls={SIDEBAR_ID}
        onClick={() => {
          page.sidebar.value = true
        }}
      />
      <button type="button" class="bottom-title" onClick={() => commands.run('palette.switch')}>
        <span class="bottom-name">{place ? app.views.titleOf(place, app) : 'Conductor'}</span>
        <span class="for-readers">. Switch to another session or view</span>
        {count > 1 && <span class="tab-count">{count}</span>}
        <Icon name="chevron" />
      </button>
      <IconButton
        icon="plus"
        label="New session in a tab"
        side="above"
        disabled={app.sessions.creating.value}
        onClick={() => commands.run('session.new')}
      />
      <IconButton
        icon="more"
        label="All commands"
        side="above"
        onClick={() => commands.run('palette.commands')}
      />
    </nav>
  )
}
