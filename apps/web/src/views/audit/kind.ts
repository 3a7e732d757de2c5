import type { ViewKind } from '../views.ts'

export const view: ViewKind = {
  kind: 'audit',
  title: 'Who did what',
  icon: 'shield',
  load: async () => ({ View: (await import('./audit-view.tsx')).AuditView }),
}
