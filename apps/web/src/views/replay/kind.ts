import { sessionOf, sessionPlace } from '../../servers/session-ref.ts'
import type { ViewKind } from '../views.ts'
import { replayNow, scheduleFind } from './replay-now.ts'

export const view: ViewKind = {
  kind: 'replay',
  title: 'Replay',
  icon: 'clock',
  load: async () => ({ View: (await import('./replay-view.tsx')).ReplayView }),
  titleOf: (place, app) =>
    place.id ? `Replay of ${app.sessions.nameOf(sessionOf(place))}` : 'Replay',
  commands: (app) => [
    {
      id: 'replay.session',
      title: 'Go back in time in this session',
      group: 'Terminal',
      icon: 'clock',
      keys: ['Ctrl+Shift+Y'],
      when: () => app.workspace.pane.value?.place.kind === 'terminal',
      run() {
        const place = app.workspace.pane.value?.place
        if (place) app.workspace.open(sessionPlace(sessionOf(place), {}, 'replay'))
      },
    },
    {
      id: 'replay.find',
      title: 'Find in the replay',
      group: 'Replay',
      icon: 'search',
      keys: ['Ctrl+Shift+F'],
      when: () => replayNow(app) !== undefined,
      run: () => scheduleFind(app),
    },
  ],
}
