import type { ViewKind } from '../views.ts'

export const view: ViewKind = {
  kind: 'search',
  title: 'Search',
  icon: 'search',
  keys: ['Ctrl+Shift+G'],
  load: async () => ({ View: (await import('./search-view.tsx')).SearchView }),
  titleOf: ({ params }) => (params['q'] ? `Search: ${params['q'].slice(0, 40)}` : 'Search'),
}
