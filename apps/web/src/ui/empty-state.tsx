import type { JSX } from 'preact'
import type { App } from '../state/app.ts'
import { Icon } from './icons.tsx'

/** What stands where a terminal would be. */
export function EmptyState({ app }: { readonly app: App }): JSX.Element {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name="prompt" />
      </span>
      <h2>Create or select a session to start</h2>
      <p>
        What runs in a session goes on when you close this page, and is still here when you are
        back.
      </p>
      <button
        type="button"
        class="button primary"
        disabled={app.creating.value}
        onClick={() => void app.create()}
      >
        <Icon name="plus" />
        New session
      </button>
    </div>
  )
}
