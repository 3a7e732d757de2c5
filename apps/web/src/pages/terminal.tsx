import '@xterm/xterm/css/xterm.css'
import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/controls.css'
import '../styles/forms.css'
import '../styles/overlays.css'
import '../styles/palette.css'
import '../styles/shell.css'
import '../styles/tabs.css'
import '../styles/panes.css'
import '../styles/sidebar.css'
import '../styles/terminal.css'
import '../styles/skip-link.css'
import '../styles/forced-colors.css'
import { systemClock } from '@conductor/machine'
import { computed, effect, signal } from '@preact/signals'
import { render } from 'preact'
import { errorText } from '../api/api-error.ts'
import { pageBase } from '../api/page-base.ts'
import { createCalls } from '../attention/calls.ts'
import { startAttention } from '../attention/start-attention.ts'
import { createCommands } from '../commands/commands.ts'
import { allPanes } from '../layout/layout.ts'
import { placeOfHash } from '../layout/place.ts'
import { createWorkspace } from '../layout/workspace.ts'
import { createPhone } from '../phone/phone.ts'
import { createRemotes } from '../servers/remotes.ts'
import { createServer, createServers, HERE } from '../servers/server.ts'
import { sessionKey, sessionOf } from '../servers/session-ref.ts'
import { createSettings } from '../settings/settings-store.ts'
import { AppShell } from '../shell/app-shell.tsx'
import { pageCommands } from '../shell/page-commands.tsx'
import type { App } from '../state/app.ts'
import { createBeep } from '../state/beep.ts'
import { createClipboard } from '../state/clipboard.ts'
import { createDialogs } from '../state/dialogs.ts'
import { applyTheme, followViewport, mediaSignal } from '../state/page.ts'
import { goToLogin, showPlace } from '../state/place.ts'
import { createSessionActions } from '../state/session-actions.ts'
import { createTerminals } from '../state/terminals.ts'
import { createToasts } from '../state/toasts.ts'
import { viewKinds } from '../views/kinds.ts'
import { createOpenTerminal } from '../views/terminal/open-terminal.tsx'
import { createViews, viewCommands } from '../views/views.ts'

// Everything is put together here, and only here.

const clock = systemClock
const base = pageBase()
const onUnauthorized = (): void => goToLogin(base)
const systemDark = mediaSignal('(prefers-color-scheme: dark)')
const narrow = mediaSignal('(max-width: 720px), (max-height: 500px) and (pointer: coarse)')
const coarse = mediaSignal('(pointer: coarse)')
const settings = createSettings({
  storage: localStorage,
  initial: narrow.peek() ? { fontSize: 13 } : {},
})
const dark = computed(() => {
  const { theme } = settings.values.value
  return theme === 'system' ? systemDark.value : theme === 'dark'
})
const sidebar = signal(!narrow.peek())
const toasts = createToasts(clock)
const here = createServer({ id: HERE, name: 'This server', base, clock, onUnauthorized })
const servers = createServers(here)
const workspace = createWorkspace({ storage: localStorage, onPlace: showPlace })
const terminals = createTerminals((ref) =>
  createOpenTerminal(ref, {
    app,
    clock,
    look: () => ({ settings: settings.values.peek(), dark: dark.peek() }),
    onUnauthorized,
    ringSound: createBeep(),
  }),
)
const sessions = createSessionActions({
  servers,
  workspace,
  terminals,
  toasts,
  onLoggedOut: () => location.assign(base),
})
const remotes = createRemotes({
  ...{ servers, clock, onUnauthorized },
  isSeen: () => document.visibilityState === 'visible',
  onBack(id) {
    for (const { ref, view } of terminals.all()) if (ref.server === id) view.reconnect()
  },
})
const parts: Omit<App, 'notifying'> = {
  servers,
  remotes,
  workspace,
  terminals,
  settings,
  toasts,
  sessions,
  commands: createCommands({ onError: (error) => toasts.show('problem', errorText(error)) }),
  views: createViews(viewKinds),
  dialogs: createDialogs(workspace.refocus),
  clipboard: createClipboard(toasts),
  phone: createPhone({
    clock,
    storage: localStorage,
    wantsTicks: () => settings.values.peek().phoneTicks,
  }),
  page: {
    dark,
    narrow,
    handheld: computed(() => narrow.value && coarse.value),
    sidebar,
    coveredNow: () => narrow.peek() && sidebar.peek(),
  },
  calls: createCalls({ sessions: sessions.all, storage: localStorage }),
}
const app: App = { ...parts, notifying: startAttention({ app: parts, base, clock }) }
app.commands.register([...pageCommands(app), ...viewCommands(app)])

effect(() => {
  const look = { settings: settings.values.value, dark: dark.value }
  for (const terminal of terminals.all()) terminal.configure(look)
})
effect(() => applyTheme(settings.values.value))
effect(() => {
  sidebar.value = !narrow.value
})
effect(() => {
  const places = allPanes(workspace.layout.value).map(({ place }) => place)
  const shown = places.filter(({ kind }) => kind === 'terminal').map(sessionOf)
  terminals.keep(new Set(shown.map(sessionKey)))
})

// Events tell of every change; a page that was frozen or asleep may have missed some.
const refresh = (): void => {
  void here.sessions.refresh()
  void remotes.refresh()
}
addEventListener('focus', refresh)
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) refresh()
})
// A phone gives a page back without the focus, and without its network at first.
for (const name of ['resume', 'visibilitychange'])
  document.addEventListener(name, () => document.visibilityState === 'visible' && refresh())
addEventListener('online', refresh)
addEventListener('storage', () => settings.reload())
addEventListener('beforeunload', (event) => {
  if (terminals.unsent) event.preventDefault()
})
addEventListener('hashchange', () => {
  const place = placeOfHash(location.hash)
  if (place) workspace.open(place)
})

followViewport()
const linked = placeOfHash(location.hash)
if (linked) workspace.open(linked)
// Of the others only their names: whether they are there shows later.
void Promise.all([here.sessions.refresh(), remotes.refresh()]).then(() => {
  const root = document.getElementById('app')
  if (root) render(<AppShell app={app} />, root)
})
