import '@xterm/xterm/css/xterm.css'
import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/controls.css'
import '../styles/forms.css'
import '../styles/overlays.css'
import '../styles/palette.css'
import '../styles/shell.css'
import '../styles/panes.css'
import '../styles/terminal.css'
import '../styles/badge.css'
import '../styles/guest.css'
import type { ShareJson } from '@conductor/api-types'
import { systemClock } from '@conductor/machine'
import { effect, signal } from '@preact/signals'
import { render } from 'preact'
import { createApi } from '../api/api.ts'
import { pageBase } from '../api/page-base.ts'
import { type Claim, claim, endOf } from '../guest/claim.ts'
import { createGuestApp } from '../guest/guest-app.ts'
import { GuestPage } from '../guest/guest-page.tsx'
import { HERE } from '../servers/server.ts'
import { sessionPlace } from '../servers/session-ref.ts'
import { createSettings } from '../settings/settings-store.ts'
import type { App } from '../state/app.ts'
import { applyTheme, followViewport } from '../state/page.ts'

// For whoever comes by a link. Everything is put together here, and only here.

const KEY = 'conductor.claimed'
const base = pageBase()
const root = document.getElementById('app')
const state = signal<Claim>({ name: 'claiming' })
let app: App | undefined

function show(): void {
  if (root) render(<GuestPage claim={state.value} app={app} />, root)
}

/** What this tab has claimed before; the cookie that opens it, no script can read. */
function known(): ShareJson | undefined {
  const id = new URLSearchParams(location.search).get('share')
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? 'null')
    // Written below, by this page.
    const share = kept as ShareJson | null
    return share && share.id === id ? share : undefined
  } catch {
    return undefined
  }
}

function open(share: ShareJson): App {
  const opened = createGuestApp({
    ...{ base, clock: systemClock, share },
    onOver() {
      for (const { ref } of opened.terminals.all()) opened.terminals.close(ref)
      opened.servers.here.close()
      state.value = endOf(share, Date.now())
    },
  })
  opened.workspace.open(sessionPlace({ server: HERE, id: share.sessionId }))
  effect(() => {
    const look = { settings: opened.settings.values.value, dark: opened.page.dark.value }
    for (const { xterm } of opened.terminals.all()) xterm.configure(look)
  })
  addEventListener('beforeunload', (event) => {
    if (opened.terminals.unsent) event.preventDefault()
  })
  return opened
}

async function start(): Promise<void> {
  const secret = location.hash.slice(1)
  const answer = await claim(createApi({ base }), { secret, known: known() })
  if (answer.name === 'open') {
    const { share } = answer
    sessionStorage.setItem(KEY, JSON.stringify(share))
    // The secret leaves the address bar, the history, and whatever is made of them.
    history.replaceState(null, '', `?share=${encodeURIComponent(share.id)}`)
    app = open(share)
    await app.servers.here.sessions.refresh()
  }
  // The link may have been found to be over meanwhile.
  if (state.peek().name === 'claiming') state.value = answer
}

// Another link in the same tab is another page.
addEventListener('hashchange', () => location.reload())
applyTheme(createSettings({ storage: localStorage }).values.value)
followViewport()
effect(show)
void start()
