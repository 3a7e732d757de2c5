import { matchOf } from '../../search/hit-text.ts'
import type { SearchHit } from '../../search/search-run.ts'
import { sessionPlace } from '../../servers/session-ref.ts'
import type { App } from '../../state/app.ts'

/** To the line itself: in the terminal where that can be told, else at that moment of the past. */
export function openHit(app: App, hit: SearchHit): void {
  const terminal = app.terminals.find(hit.ref)
  if (terminal && !hit.isCut && terminal.xterm.finder.reveal(hit.text)) {
    app.workspace.open(sessionPlace(hit.ref))
    return
  }
  const params = { at: String(hit.offset), find: matchOf(hit) }
  app.workspace.open(sessionPlace(hit.ref, params, 'replay'))
}
