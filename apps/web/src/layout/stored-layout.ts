import {
  clampShare,
  EMPTY_LAYOUT,
  type Layout,
  type LayoutNode,
  MOST_PANES,
  panesOf,
  type Tab,
} from './layout.ts'
import { placeKey, readPlace } from './place.ts'

/** Deeper than a tree of that many panes can be. */
const DEEPEST = MOST_PANES

/**
 * A layout as it was kept by this browser, perhaps by an older or a newer page, or by nobody: what is
 * wrong in it is left out, and ids are given anew.
 */
export function readLayout(text: string | null): Layout {
  const stored = parse(text) as { readonly version?: unknown; readonly tabs?: unknown } | undefined
  if (stored?.version !== 1 || !Array.isArray(stored.tabs)) return EMPTY_LAYOUT
  const { active } = stored as { readonly active?: unknown }
  const seen = new Set<string>()
  let next = 1

  function readNode(value: unknown, depth: number): LayoutNode | undefined {
    if (typeof value !== 'object' || value === null || depth > DEEPEST) return undefined
    const fields = value as Readonly<Record<string, unknown>>
    if ('place' in fields) {
      const place = readPlace(fields['place'])
      if (!place || seen.has(placeKey(place)) || seen.size >= MOST_PANES) return undefined
      seen.add(placeKey(place))
      return { type: 'pane', id: `p${next++}`, place }
    }
    const first = readNode(fields['first'], depth + 1)
    const second = readNode(fields['second'], depth + 1)
    if (!first || !second) return first ?? second
    const direction = fields['direction'] === 'column' ? 'column' : 'row'
    const share = clampShare(Number(fields['share'] ?? Number.NaN))
    return { type: 'split', id: `s${next++}`, direction, share, first, second }
  }

  let shown = ''
  const tabs = stored.tabs.flatMap((value: unknown, index): Tab[] => {
    const { root: kept, focused, zoomed } = (value ?? {}) as Readonly<Record<string, unknown>>
    const root = readNode(kept, 0)
    if (!root) return []
    const panes = panesOf(root)
    const [first] = panes
    if (!first) return []
    const id = `t${next++}`
    if (index === active) shown = id
    const pane = panes[typeof focused === 'number' ? focused : 0] ?? first
    return [{ id, root, focused: pane.id, zoomed: zoomed === true && root.type === 'split' }]
  })
  return { tabs, active: shown || (tabs[0]?.id ?? ''), next }
}

/** What {@link readLayout} reads. Panes and tabs are told by their position, since ids are given anew. */
export function writeLayout({ tabs, active }: Layout): string {
  return JSON.stringify({
    version: 1,
    active: tabs.findIndex(({ id }) => id === active),
    tabs: tabs.map(({ root, focused, zoomed }) => ({
      root: plain(root),
      focused: panesOf(root).findIndex(({ id }) => id === focused),
      zoomed,
    })),
  })
}

function plain(node: LayoutNode): unknown {
  if (node.type === 'pane') return { place: node.place }
  const { direction, share, first, second } = node
  return { direction, share, first: plain(first), second: plain(second) }
}

function parse(text: string | null): unknown {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return value ?? undefined
  } catch {
    return undefined
  }
}
