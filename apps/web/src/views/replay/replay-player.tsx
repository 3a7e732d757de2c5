import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { placeKey } from '../../layout/place.ts'
import { sessionOf, sessionPlace } from '../../servers/session-ref.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FindBar } from '../terminal/find-bar.tsx'
import type { ViewProps } from '../views.ts'
import { createOpenReplay, type OpenReplay } from './open-replay.ts'
import { ReplayControls } from './replay-controls.tsx'
import { replayKey } from './replay-keys.ts'
import { findingIn, leftAt } from './replay-now.ts'
import { useOpenReplay } from './use-open-replay.ts'

export interface ReplayPlayerProps extends ViewProps {
  /** Instead of a session. */
  readonly file?: File | undefined
}

export function ReplayPlayer(props: ReplayPlayerProps): JSX.Element {
  const { app, place, focused, file } = props
  const key = placeKey(place)
  const ref = file ? undefined : sessionOf(place)
  const stage = useRef<HTMLElement>(null)
  const open: OpenReplay = useOpenReplay(() => createOpenReplay({ app, place, file }))
  const { replay, xterm } = open
  const state = replay.state.value
  const finding = findingIn(key)
  const visits = app.workspace.visits.value
  const { at, find } = place.params

  useEffect(() => {
    const element = stage.current
    if (!element) return undefined
    xterm.mount(element, () => {})
    return () => xterm.unmount()
  }, [xterm])

  useEffect(() => open.begin({ at: at ?? leftAt.get(key)?.toString(), find }), [open, at, find])
  useEffect(() => () => void leftAt.set(key, replay.state.peek().player.offset), [replay])
  useEffect(() => xterm.showRows(state.size.rows), [xterm, state.size.rows, state.isReady])
  useEffect(() => {
    if (focused && app.dialogs.open.peek().length === 0 && !app.page.coveredNow())
      stage.current?.focus({ preventScroll: true })
  }, [focused, visits])

  if (state.problem && !state.isReady)
    return (
      <EmptyState icon="warning" title="This cannot be replayed" text={state.problem}>
        {ref && app.sessions.find(ref) && (
          <button
            type="button"
            class="button"
            onClick={() => app.workspace.open(sessionPlace(ref), 'here')}
          >
            Open the session
          </button>
        )}
      </EmptyState>
    )
  return (
    <div
      class="terminal replay"
      data-follows="true"
      data-replay={key}
      data-seeking={state.isSeeking}
      data-playing={state.player.isPlaying}
      data-offset={state.player.offset}
      onKeyDownCapture={(event) => {
        if (!replayKey(event, replay, () => open.scale.peek())) return
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      {finding.value && <FindBar terminal={{ xterm, finding }} />}
      <section
        ref={stage}
        class="stage"
        aria-label="What the terminal showed"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys of the player
        tabIndex={0}
      />
      {!state.isReady && (
        <p class="replay-reading" role="status">
          Reading the recording…
        </p>
      )}
      <ReplayControls {...props} open={open} sessionRef={ref} />
    </div>
  )
}
