import type { LayoutNode } from './layout.ts'

export type Side = 'left' | 'right' | 'up' | 'down'

/** A part of the tab, from 0 to 1 in both ways. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const WHOLE: Box = { left: 0, top: 0, right: 1, bottom: 1 }

/** Sums of shares are not exact. */
const NEAR = 1e-6

export function boxesOf(node: LayoutNode, box: Box = WHOLE): ReadonlyMap<string, Box> {
  if (node.type === 'pane') return new Map([[node.id, box]])
  const [first, second] = halves(box, node.direction === 'row', node.share)
  return new Map([...boxesOf(node.first, first), ...boxesOf(node.second, second)])
}

function halves(box: Box, beside: boolean, share: number): readonly [Box, Box] {
  if (beside) {
    const at = box.left + (box.right - box.left) * share
    return [
      { ...box, right: at },
      { ...box, left: at },
    ]
  }
  const at = box.top + (box.bottom - box.top) * share
  return [
    { ...box, bottom: at },
    { ...box, top: at },
  ]
}

/** The pane on that side of this one: of several, the one that has most of the border. */
export function neighbour(root: LayoutNode, pane: string, side: Side): string | undefined {
  const boxes = boxesOf(root)
  const from = boxes.get(pane)
  if (!from) return undefined
  let best: string | undefined
  let bestShared = NEAR
  for (const [id, box] of boxes) {
    const shared = touches(from, box, side) ? sharedBorder(from, box, side) : 0
    if (shared <= bestShared) continue
    best = id
    bestShared = shared
  }
  return best
}

function touches(from: Box, to: Box, side: Side): boolean {
  const gaps: Readonly<Record<Side, number>> = {
    left: from.left - to.right,
    right: to.left - from.right,
    up: from.top - to.bottom,
    down: to.top - from.bottom,
  }
  return Math.abs(gaps[side]) < NEAR
}

function sharedBorder(a: Box, b: Box, side: Side): number {
  return side === 'left' || side === 'right'
    ? Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
    : Math.min(a.right, b.right) - Math.max(a.left, b.left)
}
