import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { sessionOf, sessionPlace } from '../../servers/session-ref.ts'
import { lazily } from '../../ui/lazily.ts'
import type { ViewProps } from '../views.ts'
import { FindBar } from './find-bar.tsx'
import { HeldInput } from './held-input.tsx'
import { StatusBar } from './status-bar.tsx'
import { TerminalMenu } from './terminal-menu.tsx'
import { ViewersChip } from './viewers-chip.tsx'

// What not everybody needs comes when somebody does.
const phoneParts = lazily(() => import('./phone-parts.ts'))
const readingPart = lazily(() => import('./reading-view.tsx'))

/** A session's screen in the page. */
export function TerminalPane({ app, place, focused }: ViewProps): JSX.Element {
  const ref = sessionOf(place)
  const terminal = app.terminals.get(ref)
  const { view, xterm, finding, mark, reading } = terminal
  const state = terminal.state.value
  const name = app.sessions.nameOf(ref)
  const visits = app.workspace.visits.value
  const stage = useRef<HTMLDivElement>(null)
  const area = useRef<HTMLDivElement>(null)
  const [menu, setMenu] = useState<{ x: number; y: number } | undefined>()

  useLayoutEffect(() => {
    const element = stage.current
    if (!element) return undefined
    xterm.mount(element, ({ cols, rows }) => view.fit(cols, rows))
    // Now its size is known, and the program gets it from the start.
    view.open()
    return () => xterm.unmount()
  }, [view, xterm])

  // At once, as above: keys follow fast upon a shortcut.
  useLayoutEffect(() => {
    mark.value = 'none'
    if (focused && app.dialogs.open.peek().length === 0 && !app.page.coveredNow()) xterm.focus()
  }, [focused, visits, xterm])

  const { owner, rows } = state.size
  const { follows } = state
  useEffect(() => xterm.showRows(follows ? rows : undefined), [xterm, follows, rows])

  // Guests who look on have no such command.
  const mayClaim = app.commands.all.value.some(({ id }) => id === 'terminal.claimSize')
  const phone = app.page.narrow.value ? phoneParts.get() : undefined
  const Reading = reading.value ? readingPart.get()?.ReadingView : undefined
  const stopped = state.status.name === 'stopped' || state.status.name === 'refused'
  return (
    <div
      class="terminal"
      data-terminal={terminal.key}
      data-connection={state.status.name}
      data-owner={owner}
      data-follows={follows}
      data-reading={reading.value}
      data-bell={terminal.ringing.value}
    >
      {finding.value && !reading.value && <FindBar terminal={terminal} />}
      <div ref={area} class="stage-area">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys do the same, in the terminal itself */}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above */}
        <div
          ref={stage}
          class="stage"
          onClick={() => stopped && view.reconnect()}
          onContextMenu={(event) => {
            // With Shift the browser's own menu comes, as in every other web terminal.
            if (event.shiftKey) return
            event.preventDefault()
            const { left, top } = event.currentTarget.getBoundingClientRect()
            const byKey = event.clientX === 0 && event.clientY === 0
            setMenu(byKey ? { x: left + 24, y: top + 24 } : { x: event.clientX, y: event.clientY })
          }}
        />
        {Reading && <Reading app={app} terminal={terminal} />}
        {phone && <phone.PullToReconnect terminal={terminal} area={area} />}
      </div>
      {menu && (
        <TerminalMenu app={app} terminal={terminal} at={menu} onClose={() => setMenu(undefined)} />
      )}
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
        name={name}
        state={state}
        viewers={<ViewersChip app={app} terminal={terminal} />}
        onReconnect={() => view.reconnect()}
        onEarlier={(offset) =>
          app.workspace.open(sessionPlace(ref, { at: String(offset) }, 'replay'))
        }
        onClaimSize={
          mayClaim
            ? () => {
                view.claimSize()
                xterm.focus()
              }
            : undefined
        }
      />
      {phone && <phone.PhoneInput app={app} terminal={terminal} />}
    </div>
  )
}
