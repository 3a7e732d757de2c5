import type { JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

export interface ConfirmDialogProps {
  readonly title: string
  readonly text: string
  /** What the button says that does it. */
  readonly action: string
  readonly onConfirm: () => void
  readonly onCancel: () => void
}

/** Asks before something that cannot be undone. The browser keeps the focus inside, and Escape cancels. */
export function ConfirmDialog(props: ConfirmDialogProps): JSX.Element {
  const { title, text, action, onConfirm, onCancel } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const textId = useId()

  useEffect(() => dialog.current?.showModal(), [])

  return (
    <dialog
      ref={dialog}
      class="dialog"
      role="alertdialog"
      aria-labelledby={titleId}
      aria-describedby={textId}
      onCancel={onCancel}
    >
      <div class="dialog-box">
        <h2 id={titleId}>{title}</h2>
        <p id={textId}>{text}</p>
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onCancel}>
            Cancel
          </button>
          <button type="button" class="button danger" onClick={onConfirm}>
            {action}
          </button>
        </div>
      </div>
    </dialog>
  )
}
