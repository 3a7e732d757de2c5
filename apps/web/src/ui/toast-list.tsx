import type { JSX } from 'preact'
import type { Toasts } from '../state/toasts.ts'
import { IconButton } from './icon-button.tsx'

export function ToastList({ toasts }: { readonly toasts: Toasts }): JSX.Element {
  return (
    // A new one is read, and not all the others with it, as a status is by itself.
    <div
      class="toasts"
      role="status"
      aria-live="polite"
      aria-atomic="false"
      aria-relevant="additions"
    >
      {toasts.shown.value.map(({ id, tone, text }) => (
        <div key={id} class="toast" data-tone={tone}>
          <p>{text}</p>
          <IconButton
            icon="close"
            label="Dismiss"
            side="above"
            onClick={() => toasts.dismiss(id)}
          />
        </div>
      ))}
    </div>
  )
}
