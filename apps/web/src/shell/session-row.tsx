import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { SessionInfo } from '../api/session-info.ts'
import type { CallState } from '../attention/calls.ts'
import type { Mark } from '../state/terminals.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { RenameForm } from './rename-form.tsx'
import { sessionNote, sessionStatusText } from './session-text.ts'

export interface SessionRowProps {
  readonly session: SessionInfo
  readonly selected: boolean
  readonly mark: Mark
  /** Whether it waits for a person who does not know. */
  readonly call: CallState | undefined
  readonly onSelect: () => void
  readonly onRename: (name: string) => void
  readonly onDelete: () => void
}

const MARK_WORDS: Readonly<Record<Mark, string>> = {
  none: '',
  activity: ', new output',
  bell: ', rang its bell',
}

export const CALL_WORDS: Readonly<Record<CallState, string>> = {
  waiting: ', waits for you',
  failed: ', has failed',
  done: ', is done',
}

/** One session in the list. */
export function SessionRow(props: SessionRowProps): JSX.Element {
  const { session, selected, mark, call, onSelect, onRename, onDelete } = props
  const { name, status } = session
  const [renaming, setRenaming] = useState(false)
  const open = useRef<HTMLButtonElement>(null)

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'F2') setRenaming(true)
    else if (event.key === 'Delete') onDelete()
    else return
    event.preventDefault()
  }

  function renamed(next: string | undefined): void {
    setRenaming(false)
    if (next !== undefined) onRename(next)
    // The row is back after the next drawing; whoever renames by keyboard goes on from there.
    requestAnimationFrame(() => open.current?.focus())
  }

  if (renaming)
    return (
      <li class="session-row">
        <RenameForm name={name} onDone={renamed} />
      </li>
    )
  return (
    <li
      class="session-row"
      data-session={session.id}
      data-status={status}
      data-selected={selected}
      data-mark={mark}
      data-attention={call ?? 'none'}
    >
      <button
        ref={open}
        type="button"
        class="session-open"
        aria-current={selected ? 'true' : undefined}
        aria-keyshortcuts="F2 Delete"
        title={session.reason || undefined}
        onClick={onSelect}
        onDblClick={() => setRenaming(true)}
        onKeyDown={onKeyDown}
      >
        <span class="dot" data-status={status} />
        <span class="session-name">{name}</span>
        <span class="session-note">{sessionNote(session)}</span>
        <span class="for-readers">
          , {sessionStatusText(session)}
          {call ? CALL_WORDS[call] : MARK_WORDS[mark]}
        </span>
        <span class="row-mark" />
      </button>
      <span class="session-actions">
        <IconButton icon="pencil" label={`Rename ${name}`} onClick={() => setRenaming(true)} />
        <IconButton icon="trash" label={`Delete ${name}`} onClick={onDelete} />
      </span>
    </li>
  )
}
