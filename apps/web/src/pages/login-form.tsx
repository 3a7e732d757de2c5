import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Login, LoginState } from '../state/login.ts'
import { Mark } from '../ui/icons.tsx'

export function LoginForm({ login }: { readonly login: Login }): JSX.Element {
  const state = login.state.value
  const input = useRef<HTMLInputElement>(null)
  const problem = problemOf(state)

  useEffect(() => {
    if (state.name === 'refused') input.current?.select()
  }, [state])

  return (
    <main class="login">
      <form
        class="login-card"
        onSubmit={(event) => {
          event.preventDefault()
          void login.submit(input.current?.value ?? '')
        }}
      >
        <div class="login-head">
          <Mark />
          <h1>Conductor</h1>
          <p>Log in to reach your terminals.</p>
        </div>
        {/* Password managers keep a password under a name. */}
        <input
          type="text"
          name="username"
          value="conductor"
          autocomplete="username"
          hidden
          readOnly
        />
        <label for="password">Password</label>
        <input
          ref={input}
          id="password"
          class="field"
          type="password"
          name="password"
          autocomplete="current-password"
          required
          autofocus
          aria-invalid={problem !== undefined}
          aria-describedby="login-problem"
        />
        <p id="login-problem" class="login-problem" role="alert">
          {problem}
        </p>
        <button
          type="submit"
          class="button primary"
          disabled={state.name === 'posting' || state.name === 'locked' || state.name === 'welcome'}
        >
          {state.name === 'posting' || state.name === 'welcome' ? 'Logging in…' : 'Log in'}
        </button>
      </form>
      <p class="login-hint">
        The server prints a password when it starts, unless <code>AI_CONDUCTOR_PASSWORD</code> sets
        one.
      </p>
    </main>
  )
}

function problemOf(state: LoginState): string | undefined {
  switch (state.name) {
    case 'refused':
      return `${state.text}.`
    case 'locked':
      return `Too many wrong passwords. Try again in ${state.seconds} s.`
    default:
      return undefined
  }
}
