import { composed } from '../../phone/composed.ts'
import type { App } from '../../state/app.ts'
import type { OpenTerminal } from '../../state/terminals.ts'
import { isRiskyPaste } from '../../terminal/paste-text.ts'
import { askBeforePaste } from './questions.tsx'

/**
 * Sends a text in one piece. Without a connection it waits for it, like everything that is typed, and
 * arrives once.
 *
 * @returns Whether it was taken: not when a person has thought better of it, or no more can wait.
 */
export async function sendComposed(
  app: App,
  { view, xterm, type }: OpenTerminal,
  text: string,
): Promise<boolean> {
  const { pasteGuard, composeEnter } = app.settings.values.peek()
  const { bracketedPaste } = xterm
  const isRisky = pasteGuard && isRiskyPaste(text, bracketedPaste)
  if (isRisky && !(await askBeforePaste(app, text))) return false
  // An empty text is Enter alone.
  const enter = composeEnter || text === ''
  const isTaken = type(composed(text, { bracketed: bracketedPaste, enter }))
  if (view.state.status.name === 'stopped') view.reconnect()
  return isTaken
}
