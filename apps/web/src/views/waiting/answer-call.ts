import { systemClock } from '@conductor/machine'
import { effect } from '@preact/signals'
import { allPanes } from '../../layout/layout.ts'
import { type SessionRef, sessionKey, sessionOf } from '../../servers/session-ref.ts'
import type { App } from '../../state/app.ts'
import type { OpenTerminal } from '../../state/terminals.ts'
import { sendComposed } from '../terminal/send-composed.ts'

/** How long the session may take to be there, in milliseconds. */
const PATIENCE_MS = 15_000

/**
 * Types an answer into a session that need not be shown: it is attached for as long as that takes, and
 * nobody's size changes.
 *
 * @returns Whether it was taken.
 */
export async function answerCall(app: App, ref: SessionRef, text: string): Promise<boolean> {
  const terminal = app.terminals.get(ref)
  terminal.view.open()
  // Only behind the old output it is known whether the program wants to be told of a paste.
  if (!(await isLive(terminal))) {
    app.toasts.show('problem', 'The session cannot be reached. Nothing was sent.')
    return false
  }
  const isTaken = await sendComposed(app, terminal, text)
  const shown = allPanes(app.workspace.layout.peek()).map(({ place }) => place)
  const isShown = shown.some(
    (place) => place.kind === 'terminal' && sessionKey(sessionOf(place)) === terminal.key,
  )
  if (!isShown) terminal.view.rest()
  return isTaken
}

function isLive({ state }: OpenTerminal): Promise<boolean> {
  return new Promise((resolve) => {
    let timer: unknown
    let stop = (): void => {}
    const end = (result: boolean): void => {
      systemClock.clearTimeout(timer)
      queueMicrotask(() => stop())
      resolve(result)
    }
    timer = systemClock.setTimeout(() => end(false), PATIENCE_MS)
    stop = effect(() => {
      const { name } = state.value.status
      if (name === 'live') end(true)
      else if (name === 'ended' || name === 'refused') end(false)
    })
  })
}
