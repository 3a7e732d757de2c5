import type { JSX } from 'preact'
import { useRef } from 'preact/hooks'
import {
  type LayoutNode,
  LEAST_SHARE,
  panesOf,
  type SplitNode,
  type Tab,
} from '../layout/layout.ts'
import type { App } from '../state/app.ts'
import { ViewPane } from './view-pane.tsx'

/** How far an arrow key moves a separator, as a share. */
const STEP = 0.04

/** The panes of a tab; one alone where there is room for no more, or a person wants no more. */
export function PaneTree({ app, tab }: { readonly app: App; readonly tab: Tab }): JSX.Element {
  const { root, focused, zoomed } = tab
  const panes = panesOf(root)
  const single = zoomed || app.page.narrow.value
  const only = panes.find(({ id }) => id === focused)
  if (single && only)
    return (
      <ViewPane
        key={only.id}
        app={app}
        pane={only}
        focused
        alone={app.page.narrow.value || panes.length === 1}
      />
    )
  return <Node app={app} node={root} focused={focused} alone={panes.length === 1} />
}

interface NodeProps {
  readonly app: App
  readonly node: LayoutNode
  readonly focused: string
  readonly alone: boolean
}

function Node({ app, node, focused, alone }: NodeProps): JSX.Element {
  if (node.type === 'pane')
    return (
      <ViewPane key={node.id} app={app} pane={node} focused={node.id === focused} alone={alone} />
    )
  const { id, direction, share, first, second } = node
  return (
    <div class="split" data-direction={direction} data-split={id}>
      <div class="split-side" style={{ flexGrow: share }}>
        <Node key={first.id} app={app} node={first} focused={focused} alone={false} />
      </div>
      <Separator app={app} split={node} />
      <div class="split-side" style={{ flexGrow: 1 - share }}>
        <Node key={second.id} app={app} node={second} focused={focused} alone={false} />
      </div>
    </div>
  )
}

function Separator({ app, split }: { readonly app: App; readonly split: SplitNode }): JSX.Element {
  const { id, direction, share } = split
  const dragged = useRef(false)
  const move = (next: number): void =>
    app.workspace.dispatch({ type: 'share', split: id, share: next })

  function onPointerMove(event: PointerEvent): void {
    const separator = event.currentTarget as HTMLElement
    const box = separator.parentElement?.getBoundingClientRect()
    if (!dragged.current || !box) return
    move(
      direction === 'row'
        ? (event.clientX - box.left) / box.width
        : (event.clientY - box.top) / box.height,
    )
  }

  function onKeyDown(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> =
      direction === 'row'
        ? { ArrowLeft: share - STEP, ArrowRight: share + STEP }
        : { ArrowUp: share - STEP, ArrowDown: share + STEP }
    const next = { ...steps, Home: LEAST_SHARE, End: 1 - LEAST_SHARE, Enter: 0.5 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    move(next)
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved
    <div
      class="separator"
      role="separator"
      tabIndex={0}
      aria-label="Size of the panes"
      aria-orientation={direction === 'row' ? 'vertical' : 'horizontal'}
      aria-valuemin={LEAST_SHARE * 100}
      aria-valuemax={(1 - LEAST_SHARE) * 100}
      aria-valuenow={Math.round(share * 100)}
      onKeyDown={onKeyDown}
      onDblClick={() => move(0.5)}
      onPointerDown={(event) => {
        dragged.current = true
        event.currentTarget.setPointerCapture(event.pointerId)
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        dragged.current = false
      }}
      onPointerCancel={() => {
        dragged.current = false
      }}
    />
  )
}
