import type { HeldReason } from '@conductor/session-client'
import type { JSX } from 'preact'
import type { TerminalViewState } from '../../terminal/terminal-view.ts'

const WHY: Readonly<Record<HeldReason, string>> = {
  waited: 'You typed this a while ago, and the connection was lost before it arrived.',
  relaunched: 'You typed this for a program that has been replaced by another one.',
  uncertain: 'The server cannot tell whether this has been typed already.',
}

export interface HeldInputProps {
  readonly held: NonNullable<TerminalViewState['held']>
  readonly onSend: () => void
  readonly onDiscard: () => void
}

/** Old typing is not sent into a program that has moved on, unless a person says so. */
export function HeldInput({ held, onSend, onDiscard }: HeldInputProps): JSX.Element {
  return (
    <div class="held" role="alert">
      <p>{WHY[held.reason]} Send it now?</p>
      <kbd>{held.text}</kbd>
      <div class="held-actions">
        <button type="button" class="button" onClick={onDiscard}>
          Discard
        </button>
        <button type="button" class="button primary" onClick={onSend}>
          Send {held.amount}
        </button>
      </div>
    </div>
  )
}
