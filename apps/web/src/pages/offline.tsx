import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/controls.css'
import '../styles/login.css'
import { systemClock } from '@conductor/machine'
import { render } from 'preact'
import { pageBase } from '../api/page-base.ts'
import { createSettings } from '../settings/settings-store.ts'
import { applyTheme } from '../state/page.ts'
import { createReturn } from '../state/return.ts'
import { OfflineNote } from './offline-note.tsx'

// What the service worker shows in the place of any page while the server is away. The address stays, so
// to come back is to load it again.

const server = createReturn({
  clock: systemClock,
  isThere: async () => (await fetch(new URL('api/health', pageBase()), { cache: 'no-store' })).ok,
  // Asked for by its own name, it stands for no other page.
  onThere: () =>
    location.pathname.endsWith('/offline') ? location.replace(pageBase()) : location.reload(),
})

applyTheme(createSettings({ storage: localStorage }).values.value)
for (const name of ['online', 'focus', 'pageshow']) addEventListener(name, () => server.tryNow())
const root = document.getElementById('app')
if (root) render(<OfflineNote server={server} />, root)
