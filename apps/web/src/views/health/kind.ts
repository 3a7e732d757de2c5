import type { ViewKind } from '../views.ts'

export const view: ViewKind = {
  kind: 'health',
  title: 'Health',
  icon: 'health',
  load: async () => ({ View: (await import('./health-view.tsx')).HealthView }),
}
