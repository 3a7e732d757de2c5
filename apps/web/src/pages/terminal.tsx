import '@xterm/xterm/css/xterm.css'
import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/controls.css'
import '../styles/shell.css'
import '../styles/sidebar.css'
import '../styles/terminal.css'
import { systemClock } from '@conductor/machine'
import { effect, signal } from '@preact/signals'
import { render } from 'preact'
import { createApi } from '../api/api.ts'
import { listenToSessions } from '../api/session-events.ts'
import { AppShell } from '../components/app-shell.tsx'
import { createApp } from '../state/app.ts'
import { noticeToast, refusedInputToast } from '../state/notices.ts'
import { followViewport, mediaSignal } from '../state/page.ts'
import { createPanes, type Pane } from '../state/panes.ts'
import { firstSession, goToLogin, rememberSession } from '../state/place.ts'
import { createSessionList } from '../state/session-list.ts'
import { createToasts } from '../state/toasts.ts'
import { attachTo } from '../terminal/attach-to.ts'
import { createTerminalView } from '../terminal/terminal-view.ts'
import { createXtermScreen } from '../terminal/xterm-screen.ts'

// Everything is put together here, and only here.

const clock = systemClock
const dark = mediaSignal('(prefers-color-scheme: dark)')
const narrow = mediaSignal('(max-width: 720px)')
const toasts = createToasts(clock)
const api = createApi({ onUnauthorized: goToLogin })
const list = createSessionList({ api, listen: listenToSessions, clock })
const panes = createPanes(createPane)
const app = createApp({
  api,
  list,
  panes,
  toasts,
  remember: rememberSession,
  onLoggedOut: () => location.assign('/'),
})

function createPane(id: string): Pane {
  const xterm = createXtermScreen({
    fontSize: narrow.peek() ? 13 : 14,
    dark: dark.peek(),
    label: `Terminal ${list.find(id)?.name ?? id}. Control Shift L leads to the list of sessions.`,
  })
  const view = createTerminalView({
    screen: xterm.screen,
    attach: attachTo(id),
    clock,
    onUnauthorized: goToLogin,
    onNotice: (code, text) => toasts.show(...noticeToast(code, text)),
    onRefusedInput: (reason, sizeBytes) => {
      const toast = refusedInputToast(reason, sizeBytes)
      if (toast) toasts.show('problem', toast)
    },
  })
  const state = signal(view.state)
  view.subscribe((next) => {
    state.value = next
  })
  return { id, view, xterm, state }
}

effect(() => {
  const isDark = dark.value
  for (const { xterm } of panes.all()) xterm.setDark(isDark)
})

// Events tell of every change; a page that was frozen or asleep may have missed some.
addEventListener('focus', () => void list.refresh())
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) void list.refresh()
})
addEventListener('beforeunload', (event) => {
  if (panes.unsent) event.preventDefault()
})

followViewport()
const root = document.getElementById('app')
if (root) render(<AppShell app={app} narrow={narrow} />, root)
void list.refresh().then(() => app.restore(firstSession()))
