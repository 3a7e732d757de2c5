import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import type { Replay } from '../../replay/replay.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { readJump } from './replay-text.ts'

export interface JumpDialogProps {
  readonly replay: Replay
  readonly onClose: () => void
}

export function JumpDialog({ replay, onClose }: JumpDialogProps): JSX.Element {
  const [text, setText] = useState('')
  const jump = readJump(text)

  function go(): void {
    if (!jump) return
    onClose()
    const { startMs = 0 } = replay.state.peek().timeline ?? {}
    if (jump.to === 'offset') void replay.seek(jump.offset)
    else void replay.seekTime(startMs + jump.ms)
  }

  return (
    <Dialog
      title="Go to"
      text="A time since the beginning, as 1:05 or 2:03:04, or an offset in bytes."
      onClose={onClose}
      actions={
        <>
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="button" class="button primary" disabled={!jump} onClick={go}>
            Go
          </button>
        </>
      }
    >
      <input
        class="field replay-jump"
        aria-label="Time or offset"
        placeholder="1:05"
        spellcheck={false}
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onKeyDown={({ key }) => key === 'Enter' && go()}
      />
    </Dialog>
  )
}
