import type { ViewKind } from '../views.ts'

export const view: ViewKind = {
  kind: 'shares',
  title: 'Shared links',
  icon: 'share',
  load: async () => ({ View: (await import('./shares-view.tsx')).SharesView }),
}
