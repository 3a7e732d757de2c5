import { type ReadonlySignal, signal } from '@preact/signals'
import type { JSX } from 'preact'

export interface OpenDialog {
  readonly id: number
  readonly render: () => JSX.Element
}

/** Dialogs, from anywhere: the one opened last is on top. */
export interface Dialogs {
  readonly open: ReadonlySignal<readonly OpenDialog[]>
  /**
   * @param render Draws it (see `ui/dialog.tsx`); it calls `close` with the answer, or with nothing when
   * a person has left it.
   */
  show<T>(render: (close: (answer?: T) => void) => JSX.Element): Promise<T | undefined>
}

/** @param onClosed Told when the last one has gone: who had the keyboard should have it again. */
export function createDialogs(onClosed: () => void): Dialogs {
  const open = signal<readonly OpenDialog[]>([])
  let lastId = 0
  return {
    open,
    show: <T>(render: (close: (answer?: T) => void) => JSX.Element) =>
      new Promise<T | undefined>((resolve) => {
        const id = ++lastId
        const close = (answer?: T): void => {
          if (!open.peek().some((each) => each.id === id)) return
          open.value = open.peek().filter((each) => each.id !== id)
          if (open.peek().length === 0) onClosed()
          resolve(answer)
        }
        open.value = [...open.peek(), { id, render: () => render(close) }]
      }),
  }
}
