import type { ComponentChildren, JSX } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'

export interface DialogProps {
  readonly title: string
  /** One or two sentences below the title. */
  readonly text?: string | undefined
  /** Escape, and a click outside. */
  readonly onClose: () => void
  /** Buttons, the one that does it last. */
  readonly actions?: ComponentChildren
  readonly children?: ComponentChildren
  /** Whether it asks before something that cannot be undone. */
  readonly alert?: boolean | undefined
  readonly class?: string | undefined
}

/** Over everything else. The browser keeps the focus inside, and gives it back afterwards. */
export function Dialog(props: DialogProps): JSX.Element {
  const { title, text, onClose, actions, children, alert, class: className = '' } = props
  const titleId = useId()
  const textId = useId()
  return (
    <Modal
      class={className}
      onClose={onClose}
      role={alert ? 'alertdialog' : 'dialog'}
      labelledBy={titleId}
      describedBy={text ? textId : undefined}
    >
      <div class="dialog-box">
        <h2 id={titleId}>{title}</h2>
        {text && (
          <p id={textId} class="dialog-text">
            {text}
          </p>
        )}
        {children}
        {actions && <div class="dialog-actions">{actions}</div>}
      </div>
    </Modal>
  )
}

export interface ModalProps {
  readonly onClose: () => void
  readonly class?: string | undefined
  readonly role?: 'dialog' | 'alertdialog' | undefined
  readonly label?: string | undefined
  readonly labelledBy?: string | undefined
  readonly describedBy?: string | undefined
  readonly children?: ComponentChildren
}

/** A dialog without anything in it. */
export function Modal(props: ModalProps): JSX.Element {
  const { onClose, role, label, labelledBy, describedBy, children } = props
  const dialog = useRef<HTMLDialogElement>(null)

  // At once, and not after the next frame: what is typed meanwhile would go to the terminal.
  useLayoutEffect(() => dialog.current?.showModal(), [])

  return (
    <dialog
      ref={dialog}
      class={`dialog ${props.class ?? ''}`}
      role={role}
      aria-label={label}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      // A press that began inside, as marking text does, is none outside.
      onMouseDown={(event) => {
        if (event.target === event.currentTarget) onClose()
      }}
    >
      {children}
    </dialog>
  )
}

export interface ConfirmProps {
  readonly title: string
  readonly text: string
  /** What the button says that does it. */
  readonly action: string
  readonly danger?: boolean | undefined
  /** With `true`, or with nothing. */
  readonly close: (answer?: true) => void
  readonly children?: ComponentChildren
}

/** Asks: `await app.dialogs.show<true>((close) => <Confirm … close={close} />)`. */
export function Confirm(props: ConfirmProps): JSX.Element {
  const { title, text, action, danger, close, children } = props
  return (
    <Dialog
      title={title}
      text={text}
      alert
      onClose={() => close()}
      actions={
        <>
          <button type="button" class="button" onClick={() => close()}>
            Cancel
          </button>
          <button
            type="button"
            class={`button ${danger ? 'danger' : 'primary'}`}
            onClick={() => close(true)}
          >
            {action}
          </button>
        </>
      }
    >
      {children}
    </Dialog>
  )
}
