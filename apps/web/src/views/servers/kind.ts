import type { ViewKind } from '../views.ts'

export const view: ViewKind = {
  kind: 'servers',
  title: 'Servers',
  icon: 'server',
  load: async () => ({ View: (await import('./servers-view.tsx')).ServersView }),
  commands: (app) => [
    {
      id: 'servers.add',
      title: 'Add a server …',
      group: 'Servers',
      icon: 'plus',
      run: async () => (await import('./server-dialogs.tsx')).addServer(app),
    },
  ],
}
