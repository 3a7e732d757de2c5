import type { ViewKind } from './views.ts'

/**
 * Every folder here that has a `kind.ts` is a view: a new one needs no line anywhere else. `kind.ts`
 * exports `view`, and imports nothing large: it is part of what the page loads at first.
 */
const found: Readonly<Record<string, ViewKind>> = import.meta.glob('./*/kind.ts', {
  eager: true,
  import: 'view',
})

export const viewKinds: readonly ViewKind[] = Object.values(found)
