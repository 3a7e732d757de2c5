import type { JSX } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Pane } from '../state/panes.ts'
import { HeldInput } from './held-input.tsx'
import { StatusBar } from './status-bar.tsx'

/** A session's screen in the page. */
export function TerminalPane({
  pane,
  name,
}: {
  readonly pane: Pane
  readonly name: string
}): JSX.Element {
  const { view, xterm } = pane
  const state = pane.state.value
  const stage = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const element = stage.current
    if (!element) return undefined
    xterm.mount(element, ({ cols, rows }) => view.fit(cols, rows))
    // Now its size is known, and the program gets it from the start.
    view.open()
    xterm.focus()
    return () => xterm.unmount()
  }, [view, xterm])

  const { owner, rows } = state.size
  useEffect(() => xterm.showRows(owner === 'other' ? rows : undefined), [xterm, owner, rows])

  const stopped = state.status.name === 'stopped' || state.status.name === 'refused'
  return (
    <section
      class="terminal"
      aria-label={`Terminal ${name}`}
      data-connection={state.status.name}
      data-owner={owner}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys do the same, in the terminal itself */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above */}
      <div ref={stage} class="stage" onClick={() => stopped && view.reconnect()} />
      {state.held && (
        <HeldInput
          held={state.held}
          onSend={() => {
            view.sendHeld()
            xterm.focus()
          }}
          onDiscard={() => {
            view.discardHeld()
            xterm.focus()
          }}
        />
      )}
      <StatusBar
        state={state}
        onReconnect={() => view.reconnect()}
        onClaimSize={() => {
          view.claimSize()
          xterm.focus()
        }}
      />
    </section>
  )
}
