import { sessionKey, sessionOf, sessionPlace } from '../../servers/session-ref.ts'
import type { ViewKind } from '../views.ts'

export const view: ViewKind = {
  kind: 'waiting',
  title: 'Waiting for you',
  icon: 'bell',
  keys: ['Ctrl+Shift+M'],
  load: async () => ({ View: (await import('./waiting-view.tsx')).WaitingView }),
  titleOf: (_, app) => {
    const count = app.calls.unseen.value.length
    return count > 0 ? `Waiting for you (${count})` : 'Waiting for you'
  },
  commands: (app) => [
    {
      id: 'waiting.next',
      title: 'Go to the next session that waits',
      group: 'Find your way',
      icon: 'bell',
      keys: ['Ctrl+Shift+J'],
      when: () => app.calls.unseen.value.length > 0,
      run() {
        const place = app.workspace.pane.peek()?.place
        const here = place?.kind === 'terminal' ? sessionKey(sessionOf(place)) : undefined
        const next = app.calls.next(here)
        if (next) app.workspace.open(sessionPlace(next))
      },
    },
    {
      id: 'waiting.seeAll',
      title: 'Mark everything that waits as seen',
      group: 'Find your way',
      icon: 'check',
      when: () => app.calls.unseen.value.length > 0,
      run() {
        for (const { key } of app.calls.unseen.peek()) app.calls.see(key)
      },
    },
  ],
}
