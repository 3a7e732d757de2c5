import { systemClock } from '@conductor/machine'
import { Palette, type PaletteItem } from '../../shell/palette.tsx'
import type { App } from '../../state/app.ts'
import { visibleText } from '../../terminal/visible-text.ts'
import { control, processPlace } from './process-actions.tsx'
import { processesOf } from './process-store.ts'
import { stateOf } from './process-text.ts'

export type Wanted = 'restart' | 'log' | 'why'

const TITLES: Readonly<Record<Wanted, string>> = {
  restart: 'Restart which process',
  log: 'Show the log of which process',
  why: 'Why did which process restart',
}

/** Asks which process is meant, and does it. */
export async function chooseProcess(app: App, wanted: Wanted): Promise<void> {
  const servers = app.servers.all.peek()
  await Promise.all(servers.map((server) => processesOf(server).refresh()))
  const items = servers.flatMap((server): readonly PaletteItem[] => {
    const state = processesOf(server).state.peek()
    if (state.name !== 'ready') return []
    return state.processes.map((process) => {
      const ref = { server: server.id, id: process.name }
      return {
        id: `${server.id}/${process.name}`,
        title: visibleText(process.name),
        note: [stateOf(process, systemClock.date()).word, servers.length > 1 && server.name]
          .filter(Boolean)
          .join(' · '),
        icon: wanted === 'restart' ? 'restart' : wanted === 'log' ? 'prompt' : 'info',
        run: (beside) =>
          wanted === 'restart'
            ? void control(app, ref, 'restart')
            : app.workspace.open(processPlace(ref, wanted), beside ? 'right' : 'tab'),
      }
    })
  })
  if (items.length === 0) {
    app.toasts.show('info', 'There are no processes yet')
    app.workspace.open({ kind: 'processes', id: '', params: {} })
    return
  }
  await app.dialogs.show((close) => (
    <Palette
      label={TITLES[wanted]}
      placeholder={TITLES[wanted]}
      items={items}
      hint={
        wanted === 'restart' ? undefined : (
          <>
            <kbd>↵</kbd> opens <kbd>Ctrl ↵</kbd> opens beside
          </>
        )
      }
      onClose={() => close()}
    />
  ))
}
