import type { SessionRef } from '../servers/session-ref.ts'
import type { App } from '../state/app.ts'
import { Confirm } from '../ui/dialog.tsx'

/** @returns Whether a person really means it. */
export async function confirmDelete({ dialogs, sessions }: App, ref: SessionRef): Promise<boolean> {
  const answer = await dialogs.show<true>((close) => (
    <Confirm
      title={`Delete “${sessions.nameOf(ref)}”?`}
      text="Its programs are ended and its history is removed. This cannot be undone."
      action="Delete session"
      danger
      close={close}
    />
  ))
  return answer === true
}
