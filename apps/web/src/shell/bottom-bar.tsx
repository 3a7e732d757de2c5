import type { JSX } from 'preact'
import type { App } from '../state/app.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Icon } from '../ui/icons.tsx'
import { SIDEBAR_ID } from './sidebar.tsx'

/** What stands within the reach of a thumb: the list, the tabs, a new one, and everything else. */
export function BottomBar({ app }: { readonly app: App }): JSX.Element {
  const { commands, workspace, page } = app
  const place = workspace.pane.value?.place
  const waiting = app.calls.unseen.value.length
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
      {waiting > 0 && (
        <span class="waiting-count">
          <IconButton
            icon="bell"
            label={waiting === 1 ? 'One session waits for you' : `${waiting} sessions wait for you`}
            side="above"
            onClick={() => commands.run('view.waiting')}
          />
          <span aria-hidden="true">{waiting}</span>
        </span>
      )}
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
