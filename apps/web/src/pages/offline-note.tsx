import type { JSX } from 'preact'
import type { Return } from '../state/return.ts'
import { Mark } from '../ui/icons.tsx'

export function OfflineNote({ server }: { readonly server: Return }): JSX.Element {
  return (
    <main class="login">
      <div class="login-card login-head offline">
        <Mark />
        <h1>The server cannot be reached</h1>
        <p>
          Your sessions go on without you. This page comes back by itself as soon as the server
          answers.
        </p>
        <button type="button" class="button primary" onClick={() => server.tryNow()}>
          Try now
        </button>
        <p class="offline-trying" role="status">
          {server.isTrying.value ? 'Trying…' : '\u00a0'}
        </p>
      </div>
    </main>
  )
}
