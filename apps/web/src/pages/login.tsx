import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/controls.css'
import '../styles/login.css'
import '../styles/forced-colors.css'
import { systemClock } from '@conductor/machine'
import { render } from 'preact'
import { createApi } from '../api/api.ts'
import { pageBase } from '../api/page-base.ts'
import { createSettings } from '../settings/settings-store.ts'
import { createLogin } from '../state/login.ts'
import { applyTheme } from '../state/page.ts'
import { goToTerminals } from '../state/place.ts'
import { LoginForm } from './login-form.tsx'

const base = pageBase()
const settings = createSettings({ storage: localStorage })
const login = createLogin({
  api: createApi({ base }),
  clock: systemClock,
  onDone: () => goToTerminals(base),
})

applyTheme(settings.values.value)
const root = document.getElementById('app')
if (root) render(<LoginForm login={login} />, root)
