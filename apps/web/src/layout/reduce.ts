import { neighbour, type Side } from './geometry.ts'
import {
  activeTab,
  allPanes,
  clampShare,
  type Direction,
  EMPTY_LAYOUT,
  findPlace,
  type Layout,
  type LayoutNode,
  MOST_PANES,
  type PaneNode,
  panesOf,
  replaceNode,
  type Tab,
  tabOfPane,
} from './layout.ts'
import { type Place, placeKey } from './place.ts'

/** Where something that is not shown yet is opened. */
export type Where =
  /** In a tab of its own. */
  | 'tab'
  /** Instead of what the focused pane shows. */
  | 'here'
  /** Beside it, or below it. */
  | 'right'
  | 'down'

export type LayoutAction =
  /** Shows a place; what is shown already is gone to, with the new parameters. */
  | { readonly type: 'open'; readonly place: Place; readonly where?: Where | undefined }
  /** The same pane, another place in it: a view that is wandered about in. */
  | { readonly type: 'navigate'; readonly pane: string; readonly place: Place }
  | { readonly type: 'close'; readonly pane: string }
  | { readonly type: 'closeTab'; readonly tab: string }
  /** Closes every pane of this place. */
  | { readonly type: 'forget'; readonly place: Place }
  | { readonly type: 'focus'; readonly pane: string }
  | { readonly type: 'activate'; readonly tab: string }
  /** To the tab so many further, round and round. */
  | { readonly type: 'step'; readonly by: number }
  | { readonly type: 'go'; readonly side: Side }
  | { readonly type: 'share'; readonly split: string; readonly share: number }
  /** Puts a tab before the one that has this index now. */
  | { readonly type: 'moveTab'; readonly tab: string; readonly index: number }
  | { readonly type: 'zoom' }

/** The next layout; the very same one when nothing changes. */
export function reduce(layout: Layout, action: LayoutAction): Layout {
  switch (action.type) {
    case 'open':
      return open(layout, action.place, action.where ?? 'tab')
    case 'navigate':
      return navigate(layout, action.pane, action.place)
    case 'close':
      return closePane(layout, action.pane)
    case 'closeTab':
      return closeTab(layout, action.tab)
    case 'forget': {
      const pane = findPlace(layout, action.place)
      return pane ? closePane(layout, pane.id) : layout
    }
    case 'focus':
      return focus(layout, action.pane)
    case 'activate':
      return activate(layout, action.tab)
    case 'step': {
      const { tabs, active } = layout
      const at = tabs.findIndex(({ id }) => id === active)
      const next = tabs.at((at + action.by) % (tabs.length || 1))
      return next ? activate(layout, next.id) : layout
    }
    case 'go': {
      const tab = activeTab(layout)
      const next = tab && neighbour(tab.root, tab.focused, action.side)
      return next === undefined ? layout : focus(layout, next)
    }
    case 'share':
      return changeShare(layout, action.split, clampShare(action.share))
    case 'moveTab':
      return moveTab(layout, action.tab, action.index)
    case 'zoom': {
      const tab = activeTab(layout)
      if (!tab || (tab.root.type === 'pane' && !tab.zoomed)) return layout
      return withTab(layout, { ...tab, zoomed: !tab.zoomed })
    }
  }
}

function open(layout: Layout, place: Place, where: Where): Layout {
  const shown = findPlace(layout, place)
  if (shown) return focus(navigate(layout, shown.id, place), shown.id)
  const tab = activeTab(layout)
  if (tab && where === 'here') return navigate(layout, tab.focused, place)
  if (allPanes(layout).length >= MOST_PANES) return layout
  const { next } = layout
  const pane: PaneNode = { type: 'pane', id: `p${next}`, place }
  if (!tab || where === 'tab' || where === 'here') {
    const added: Tab = { id: `t${next}`, root: pane, focused: pane.id, zoomed: false }
    const at = layout.tabs.findIndex(({ id }) => id === layout.active) + 1 || layout.tabs.length
    return { tabs: layout.tabs.toSpliced(at, 0, added), active: added.id, next: next + 1 }
  }
  const direction: Direction = where === 'right' ? 'row' : 'column'
  const root = replaceNode(tab.root, tab.focused, (first) => ({
    type: 'split',
    id: `s${next}`,
    direction,
    share: 0.5,
    first,
    second: pane,
  }))
  const split = { ...tab, root: root ?? pane, focused: pane.id, zoomed: false }
  return { ...withTab(layout, split), next: next + 1 }
}

function navigate(layout: Layout, id: string, place: Place): Layout {
  const tab = tabOfPane(layout, id)
  const pane = tab && panesOf(tab.root).find((each) => each.id === id)
  if (!tab || !pane || samePlace(pane.place, place)) return layout
  // One thing is shown once: another pane of it would fight over its screen.
  const other = findPlace(layout, place)
  if (other && other.id !== id) return focus(layout, other.id)
  return withRoot(
    layout,
    tab,
    replaceNode(tab.root, id, () => ({ ...pane, place })),
  )
}

function samePlace(a: Place, b: Place): boolean {
  return placeKey(a) === placeKey(b) && JSON.stringify(a.params) === JSON.stringify(b.params)
}

function closePane(layout: Layout, id: string): Layout {
  const tab = tabOfPane(layout, id)
  if (!tab) return layout
  const root = replaceNode(tab.root, id, () => undefined)
  if (!root) return closeTab(layout, tab.id)
  const panes = panesOf(tab.root)
  const heir = panes[panes.findIndex((each) => each.id === id) - 1] ?? panes[1]
  const focused = tab.focused === id ? (heir?.id ?? tab.focused) : tab.focused
  const zoomed = tab.zoomed && tab.focused !== id && root.type === 'split'
  return withTab(layout, { ...tab, root, focused, zoomed })
}

function closeTab(layout: Layout, id: string): Layout {
  const at = layout.tabs.findIndex((tab) => tab.id === id)
  if (at < 0) return layout
  const tabs = layout.tabs.toSpliced(at, 1)
  if (tabs.length === 0) return { ...EMPTY_LAYOUT, next: layout.next }
  // The one that now stands where it was, as everywhere.
  const heir = tabs[Math.min(at, tabs.length - 1)]
  return { ...layout, tabs, active: layout.active === id ? (heir?.id ?? '') : layout.active }
}

function focus(layout: Layout, pane: string): Layout {
  const tab = tabOfPane(layout, pane)
  if (!tab) return layout
  const focused = tab.focused === pane ? tab : { ...tab, focused: pane }
  return activate(withTab(layout, focused), tab.id)
}

function activate(layout: Layout, id: string): Layout {
  if (layout.active === id || !layout.tabs.some((tab) => tab.id === id)) return layout
  return { ...layout, active: id }
}

function changeShare(layout: Layout, id: string, share: number): Layout {
  for (const tab of layout.tabs) {
    const root = replaceNode(tab.root, id, (old) =>
      old.type === 'split' && old.share !== share ? { ...old, share } : old,
    )
    if (root !== tab.root) return withRoot(layout, tab, root)
  }
  return layout
}

function moveTab(layout: Layout, id: string, index: number): Layout {
  const from = layout.tabs.findIndex((tab) => tab.id === id)
  const moved = layout.tabs[from]
  if (!moved || !Number.isInteger(index)) return layout
  const to = Math.min(Math.max(index > from ? index - 1 : index, 0), layout.tabs.length - 1)
  if (to === from) return layout
  return { ...layout, tabs: layout.tabs.toSpliced(from, 1).toSpliced(to, 0, moved) }
}

function withRoot(layout: Layout, tab: Tab, root: LayoutNode | undefined): Layout {
  return root === undefined || root === tab.root ? layout : withTab(layout, { ...tab, root })
}

function withTab(layout: Layout, tab: Tab): Layout {
  const tabs = layout.tabs.map((each) => (each.id === tab.id ? tab : each))
  return tabs.every((each, at) => each === layout.tabs[at]) ? layout : { ...layout, tabs }
}
