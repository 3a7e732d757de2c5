import type { ComponentType, JSX } from 'preact'
import { useEffect, useErrorBoundary, useState } from 'preact/hooks'
import type { PaneNode } from '../layout/layout.ts'
import type { App } from '../state/app.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import type { ViewKind, ViewProps } from '../views/views.ts'

export interface ViewPaneProps {
  readonly app: App
  readonly pane: PaneNode
  readonly focused: boolean
  /** Whether it is the only one to be seen: then the tab above it says what it is. */
  readonly alone: boolean
}

/** One pane: what it is, what can be done with it, and the view itself. */
export function ViewPane({ app, pane, focused, alone }: ViewPaneProps): JSX.Element {
  const { place, id } = pane
  const kind = app.views.find(place.kind)
  const title = app.views.titleOf(place, app)
  const zoomed = app.workspace.tab.value?.zoomed ?? false
  return (
    <section
      class="pane"
      aria-label={title}
      data-pane={id}
      data-kind={place.kind}
      data-focused={focused}
      onFocusCapture={() => {
        if (!focused) app.workspace.dispatch({ type: 'focus', pane: id })
      }}
      onPointerDownCapture={() => {
        if (!focused) app.workspace.dispatch({ type: 'focus', pane: id })
      }}
    >
      <header class={alone && !zoomed ? 'for-readers' : 'pane-head'}>
        <h1>{title}</h1>
        {(!alone || zoomed) && (
          <span class="pane-actions">
            <IconButton
              icon="zoom"
              label={zoomed ? 'Show all panes' : 'Zoom this pane'}
              pressed={zoomed}
              chord={app.commands.keyOf('pane.zoom')}
              onClick={() => {
                app.workspace.dispatch({ type: 'focus', pane: id })
                app.workspace.dispatch({ type: 'zoom' })
              }}
            />
            <IconButton
              icon="close"
              label={`Close the pane ${title}`}
              onClick={() => app.workspace.dispatch({ type: 'close', pane: id })}
            />
          </span>
        )}
      </header>
      {kind ? (
        <Guarded key={place.kind} kind={kind} app={app} place={place} pane={id} focused={focused} />
      ) : (
        <EmptyState
          icon="warning"
          title="This page cannot show that"
          text={`It knows no view called “${place.kind}”. A newer one may.`}
        />
      )}
    </section>
  )
}

type Loaded =
  | { readonly name: 'loading' }
  | { readonly name: 'failed' }
  | { readonly name: 'ready'; readonly View: ComponentType<ViewProps> }

/** A view that fails takes nothing else with it. */
function Guarded({ kind, ...props }: ViewProps & { readonly kind: ViewKind }): JSX.Element {
  const [loaded, setLoaded] = useState<Loaded>(() => known.get(kind) ?? { name: 'loading' })
  const [error, forget] = useErrorBoundary()
  const [turn, setTurn] = useState(0)

  useEffect(() => {
    if (known.has(kind)) return undefined
    let current = true
    kind
      .load()
      .then(({ View }): Loaded => ({ name: 'ready', View }))
      .catch((): Loaded => ({ name: 'failed' }))
      .then((next) => {
        if (next.name === 'ready') known.set(kind, next)
        if (current) setLoaded(next)
      })
    return () => {
      current = false
    }
  }, [kind, turn])

  if (error || loaded.name === 'failed')
    return (
      <EmptyState
        icon="warning"
        title={`${kind.title} cannot be shown`}
        text={error ? 'Something in it went wrong.' : 'It could not be loaded.'}
      >
        <button
          type="button"
          class="button"
          onClick={() => {
            setLoaded(known.get(kind) ?? { name: 'loading' })
            setTurn(turn + 1)
            forget()
          }}
        >
          Try again
        </button>
      </EmptyState>
    )
  if (loaded.name === 'loading')
    return <div class="view-loading" role="status" aria-label="Loading" />
  return <loaded.View {...props} />
}

/** What was loaded once is drawn at once. */
const known = new Map<ViewKind, Loaded & { readonly name: 'ready' }>()
