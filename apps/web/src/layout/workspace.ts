import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { activeTab, focusedPane, type Layout, type PaneNode, type Tab } from './layout.ts'
import { hashOf, type Place } from './place.ts'
import { type LayoutAction, reduce, type Where } from './reduce.ts'
import { readLayout, writeLayout } from './stored-layout.ts'

export interface WorkspaceOptions {
  /** Where the layout is kept (the browser's storage). */
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>
  /** Told the hash of the place a person is in, `''` for none. */
  readonly onPlace: (hash: string) => void
}

/** The layout of this page, and how to change it. */
export interface Workspace {
  readonly layout: ReadonlySignal<Layout>
  readonly tab: ReadonlySignal<Tab | undefined>
  readonly pane: ReadonlySignal<PaneNode | undefined>
  /** Goes up whenever a person went somewhere: what is focused should then take the keyboard. */
  readonly visits: ReadonlySignal<number>
  dispatch(action: LayoutAction): void
  open(place: Place, where?: Where): void
  /** Says once more that the focused pane should have the keyboard, as after a dialog. */
  refocus(): void
}

const KEY = 'conductor.layout'

export function createWorkspace({ storage, onPlace }: WorkspaceOptions): Workspace {
  const layout = signal(readLayout(storage.getItem(KEY)))
  const visits = signal(0)
  const pane = computed(() => focusedPane(layout.value))

  function dispatch(action: LayoutAction): void {
    const next = reduce(layout.peek(), action)
    const before = pane.peek()
    if (next !== layout.peek()) {
      layout.value = next
      storage.setItem(KEY, writeLayout(next))
      const now = pane.peek()
      if (now?.place !== before?.place) onPlace(now ? hashOf(now.place) : '')
    }
    if (action.type !== 'share' && action.type !== 'focus' && action.type !== 'moveTab')
      visits.value++
  }

  return {
    layout,
    tab: computed(() => activeTab(layout.value)),
    pane,
    visits,
    dispatch,
    open: (place, where) => dispatch({ type: 'open', place, where }),
    refocus: () => void visits.value++,
  }
}
