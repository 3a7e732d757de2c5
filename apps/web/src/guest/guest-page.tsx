import type { ShareJson } from '@conductor/api-types'
import type { JSX } from 'preact'
import { Fragment } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { HERE } from '../servers/server.ts'
import { sessionPlace } from '../servers/session-ref.ts'
import type { App } from '../state/app.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { IconButton } from '../ui/icon-button.tsx'
import { Mark } from '../ui/icons.tsx'
import { fullTime, relativeTime } from '../ui/time-text.ts'
import { ToastList } from '../ui/toast-list.tsx'
import { TerminalPane } from '../views/terminal/terminal-pane.tsx'
import type { Claim } from './claim.ts'

/** How often "expires in 5 minutes" is told anew, in milliseconds. */
const TELL_MS = 15_000

/** Where a link has led: to one terminal, or to a few words. */
export function GuestPage({
  claim,
  app,
}: {
  readonly claim: Claim
  readonly app: App | undefined
}): JSX.Element {
  if (claim.name === 'claiming')
    return <main class="guest-words" role="status" aria-label="Opening the link" />
  if (claim.name === 'over' || !app)
    return (
      <main class="guest-words">
        <h1 class="for-readers">Conductor</h1>
        {claim.name === 'over' && <EmptyState icon="link" title={claim.title} text={claim.text} />}
      </main>
    )
  return <Guest app={app} share={claim.share} />
}

function Guest({ app, share }: { readonly app: App; readonly share: ShareJson }): JSX.Element {
  const { dialogs } = app
  const ref = { server: HERE, id: share.sessionId }
  const name = app.sessions.nameOf(ref)
  const nowMs = useNow()

  useEffect(() => {
    document.title = `${name} - Conductor`
  }, [name])
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (dialogs.open.peek().length > 0 || !app.commands.press(event)) return
      event.preventDefault()
      event.stopPropagation()
    }
    // Capturing, so that it comes before the terminal, which wants every key.
    addEventListener('keydown', onKeyDown, true)
    return () => removeEventListener('keydown', onKeyDown, true)
  }, [app, dialogs])

  return (
    <div class="guest">
      <header class="guest-head">
        <Mark />
        <h1>{name}</h1>
        <span class="badge" data-mode={share.mode}>
          {share.mode === 'driver' ? 'You may type' : 'You look on'}
        </span>
        <span class="guest-expiry" title={fullTime(share.expiresAt)}>
          expires {relativeTime(Date.parse(share.expiresAt), nowMs)}
        </span>
        <IconButton
          icon="search"
          label="Find in the terminal"
          chord={app.commands.keyOf('terminal.find')}
          onClick={() => app.commands.run('terminal.find')}
        />
        <IconButton
          icon="command"
          label="Show all commands"
          chord={app.commands.keyOf('palette.commands')}
          onClick={() => app.commands.run('palette.commands')}
        />
      </header>
      <main class="guest-terminal" data-pane="guest">
        <TerminalPane app={app} place={sessionPlace(ref)} pane="guest" focused />
      </main>
      <ToastList toasts={app.toasts} />
      {dialogs.open.value.map(({ id, render }) => (
        <Fragment key={id}>{render()}</Fragment>
      ))}
    </div>
  )
}

function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TELL_MS)
    return () => clearInterval(timer)
  }, [])
  return nowMs
}
