import { sessionOf } from '../../servers/session-ref.ts'
import type { ViewKind } from '../views.ts'
import { terminalCommands } from './terminal-commands.tsx'
import { TerminalPane } from './terminal-pane.tsx'

/** The one view that the page begins with, so it comes with the page. */
export const view: ViewKind = {
  kind: 'terminal',
  title: 'Terminal',
  icon: 'terminal',
  load: async () => ({ View: TerminalPane }),
  titleOf: (place, app) => app.sessions.nameOf(sessionOf(place)),
  alone: false,
  commands: terminalCommands,
}
