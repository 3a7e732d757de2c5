import type { ViewKind } from '../views.ts'

const COMMANDS = {
  restart: { title: 'Restart process …', icon: 'restart' },
  log: { title: 'Show log of …', icon: 'prompt' },
  why: { title: 'Why did … restart', icon: 'info' },
} as const

type Wanted = keyof typeof COMMANDS

export const view: ViewKind = {
  kind: 'processes',
  title: 'Processes',
  icon: 'processes',
  load: async () => ({ View: (await import('./processes-view.tsx')).ProcessesView }),
  titleOf: ({ id }) => id || 'Processes',
  commands: (app) =>
    (Object.keys(COMMANDS) as Wanted[]).map((wanted) => ({
      id: `process.${wanted}`,
      title: COMMANDS[wanted].title,
      group: 'Processes',
      icon: COMMANDS[wanted].icon,
      run: async () => (await import('./process-commands.tsx')).chooseProcess(app, wanted),
    })),
}
