import './processes.css'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { sessionOf } from '../../servers/session-ref.ts'
import type { ViewProps } from '../views.ts'
import { ProcessDetail } from './process-detail.tsx'
import { ProcessList } from './process-list.tsx'

/** All managed processes, or one of them. */
export function ProcessesView(props: ViewProps): JSX.Element {
  const { app, place, focused } = props
  const view = useRef<HTMLDivElement>(null)
  const visits = app.workspace.visits.value

  useEffect(() => {
    const hasFocus = view.current?.contains(document.activeElement)
    if (focused && !hasFocus && app.dialogs.open.peek().length === 0)
      view.current?.focus({ preventScroll: true })
  }, [focused, visits, place.id])

  return (
    // Somewhere for the keyboard to begin, and to scroll with.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <div ref={view} class="view processes" tabIndex={0} data-processes={place.id}>
      {place.id ? (
        <ProcessDetail key={place.id} {...props} process={sessionOf(place)} />
      ) : (
        <ProcessList {...props} />
      )}
    </div>
  )
}
