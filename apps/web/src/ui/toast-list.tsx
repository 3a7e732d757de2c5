import type { JSX } from 'preact'
import type { Toasts } from '../state/toasts.ts'
import { IconButton } from './icon-button.tsx'

export function ToastList({ toasts }: { readonly toasts: Toasts }): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
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
