import '../styles/tokens.css'
import '../styles/base.css'
import '../styles/controls.css'
import '../styles/login.css'
import { systemClock } from '@conductor/machine'
import { render } from 'preact'
import { createApi } from '../api/api.ts'
import { LoginForm } from '../components/login-form.tsx'
import { createLogin } from '../state/login.ts'
import { goToTerminals } from '../state/place.ts'

const login = createLogin({ api: createApi(), clock: systemClock, onDone: goToTerminals })

const root = document.getElementById('app')
if (root) render(<LoginForm login={login} />, root)
