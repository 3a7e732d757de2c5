import './waiting-view.css'
import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { EmptyState } from '../../ui/empty-state.tsx'
import type { ViewProps } from '../views.ts'
import { NotifySettings } from './notify-settings.tsx'
import { WaitingCard } from './waiting-card.tsx'

/** Who waits for a person, since when and for what; and how that person is told. */
export function WaitingView({ app, focused }: ViewProps): JSX.Element {
  const first = useRef<HTMLDivElement>(null)
  const visits = app.workspace.visits.value
  const calls = app.calls.all.value
  const unseen = app.calls.unseen.value.length

  useEffect(() => {
    if (focused && app.dialogs.open.peek().length === 0)
      first.current?.focus({ preventScroll: true })
  }, [focused, visits])

  return (
    // Somewhere for the keyboard to begin, and to scroll with.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <div ref={first} class="view waiting" tabIndex={0}>
      <div class="view-body">
        <div class="waiting-head">
          <h2 class="view-title">Waiting for you</h2>
          {unseen > 1 && (
            <button
              type="button"
              class="button plain"
              onClick={() => app.commands.run('waiting.seeAll')}
            >
              Mark all as seen
            </button>
          )}
        </div>
        {calls.length === 0 ? (
          <EmptyState
            icon="check"
            title="Nothing waits for you"
            text="A session that needs an answer, has failed or is done stands here."
          />
        ) : (
          <ul class="waiting-list">
            {calls.map((call) => (
              <WaitingCard key={call.key} app={app} call={call} />
            ))}
          </ul>
        )}
        <NotifySettings app={app} />
      </div>
    </div>
  )
}
