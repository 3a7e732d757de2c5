import { type Place, placeKey } from './place.ts'

/*
 * What is on the page: tabs, each a tree of panes. A split has two sides and one separator.
 * Everything here is data, and every change is a new layout: see `reduce`.
 */

/** `row`: one beside the other. `column`: one above the other. */
export type Direction = 'row' | 'column'

export interface PaneNode {
  readonly type: 'pane'
  readonly id: string
  readonly place: Place
}

export interface SplitNode {
  readonly type: 'split'
  readonly id: string
  readonly direction: Direction
  /** How much of the room the first side has, {@link LEAST_SHARE} to 1 - {@link LEAST_SHARE}. */
  readonly share: number
  readonly first: LayoutNode
  readonly second: LayoutNode
}

export type LayoutNode = PaneNode | SplitNode

export interface Tab {
  readonly id: string
  readonly root: LayoutNode
  /** The pane that has, or gets, the keyboard. */
  readonly focused: string
  /** Whether the focused pane has all the room for now. */
  readonly zoomed: boolean
}

export interface Layout {
  readonly tabs: readonly Tab[]
  /** The tab that is shown; empty when there is none. */
  readonly active: string
  /** The number in the next id. */
  readonly next: number
}

export const EMPTY_LAYOUT: Layout = { tabs: [], active: '', next: 1 }

/** Less would hide a side, and its separator with it. */
export const LEAST_SHARE = 0.1

/** More tabs are a list of sessions, which there is already. */
export const MOST_PANES = 64

export function clampShare(share: number): number {
  if (!Number.isFinite(share)) return 0.5
  return Math.min(Math.max(share, LEAST_SHARE), 1 - LEAST_SHARE)
}

/** From the first to the last, as they are read. */
export function panesOf(node: LayoutNode): readonly PaneNode[] {
  return node.type === 'pane' ? [node] : [...panesOf(node.first), ...panesOf(node.second)]
}

export function allPanes({ tabs }: Layout): readonly PaneNode[] {
  return tabs.flatMap(({ root }) => panesOf(root))
}

export function activeTab({ tabs, active }: Layout): Tab | undefined {
  return tabs.find(({ id }) => id === active)
}

/** The pane that a person is in. */
export function focusedPane(layout: Layout): PaneNode | undefined {
  const tab = activeTab(layout)
  return tab && panesOf(tab.root).find(({ id }) => id === tab.focused)
}

export function tabOfPane({ tabs }: Layout, pane: string): Tab | undefined {
  return tabs.find(({ root }) => panesOf(root).some(({ id }) => id === pane))
}

/** Where this very place is shown already. */
export function findPlace(layout: Layout, place: Place): PaneNode | undefined {
  const key = placeKey(place)
  return allPanes(layout).find((pane) => placeKey(pane.place) === key)
}

/** The tree with this node in the place of the one called `id`; `undefined` takes it away. */
export function replaceNode(
  node: LayoutNode,
  id: string,
  change: (old: LayoutNode) => LayoutNode | undefined,
): LayoutNode | undefined {
  if (node.id === id) return change(node)
  if (node.type === 'pane') return node
  const first = replaceNode(node.first, id, change)
  const second = replaceNode(node.second, id, change)
  // A split with one side is that side.
  if (!first || !second) return first ?? second
  return first === node.first && second === node.second ? node : { ...node, first, second }
}
