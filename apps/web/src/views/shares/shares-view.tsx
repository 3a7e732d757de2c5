import '../../styles/badge.css'
import './shares.css'
import type { ShareJson } from '@conductor/api-types'
import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { errorText } from '../../api/api-error.ts'
import type { Server } from '../../servers/server.ts'
import type { App } from '../../state/app.ts'
import { Confirm } from '../../ui/dialog.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { fullTime, relativeTime } from '../../ui/time-text.ts'
import type { ViewProps } from '../views.ts'

/** Times are told anew, and links that have expired go, this often. In milliseconds. */
const LOOK_MS = 15_000

interface Listed {
  readonly server: Server
  readonly share: ShareJson
}

type State =
  | { readonly name: 'loading' }
  | { readonly name: 'failed'; readonly text: string }
  | { readonly name: 'ready'; readonly shares: readonly Listed[]; readonly nowMs: number }

/** Every link that still opens something, and who has come by it. */
export function SharesView({ app, focused }: ViewProps): JSX.Element {
  const first = useRef<HTMLDivElement>(null)
  const visits = app.workspace.visits.value
  const [state, setState] = useState<State>({ name: 'loading' })
  const servers = app.servers.all.value.filter(({ reachable }) => reachable)
  const key = servers.map(({ id }) => id).join()

  async function load(): Promise<void> {
    const lists = await Promise.allSettled(
      servers.map(async (server) =>
        (await server.api.ask<readonly ShareJson[]>('GET', 'api/shares')).map((share) => ({
          server,
          share,
        })),
      ),
    )
    const [own] = lists
    if (own?.status === 'rejected') setState({ name: 'failed', text: errorText(own.reason) })
    else {
      const shares = lists.flatMap((each) => (each.status === 'fulfilled' ? each.value : []))
      setState({ name: 'ready', shares, nowMs: Date.now() })
    }
  }

  useLayoutEffect(() => {
    if (focused && app.dialogs.open.peek().length === 0)
      first.current?.focus({ preventScroll: true })
  }, [focused, visits])
  useEffect(() => {
    void load()
    const timer = setInterval(() => void load(), LOOK_MS)
    return () => clearInterval(timer)
  }, [key, visits])

  async function revoke({ server, share }: Listed): Promise<void> {
    const answer = await app.dialogs.show<true>((close) => (
      <Confirm
        title="Revoke this link?"
        text={`Whoever came by ${share.label ? `the link for ${share.label}` : 'it'} is out at once.`}
        action="Revoke"
        danger
        close={close}
      />
    ))
    if (!answer) return
    await app.sessions.attempt(
      async () =>
        void (await server.api.ask('DELETE', `api/shares/${encodeURIComponent(share.id)}`)),
    )
    await load()
  }

  return (
    // Somewhere for the keyboard to begin, and to scroll with.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <div ref={first} class="view shares" tabIndex={0}>
      <div class="view-body">
        <h2 class="view-title">Shared links</h2>
        <p class="view-lead">
          Each opens one session, for whoever has it. “Share …” in the menu of a terminal makes one.
        </p>
        <Body app={app} state={state} onRevoke={(listed) => void revoke(listed)} />
      </div>
    </div>
  )
}

interface BodyProps {
  readonly app: App
  readonly state: State
  readonly onRevoke: (listed: Listed) => void
}

function Body({ app, state, onRevoke }: BodyProps): JSX.Element {
  if (state.name === 'loading')
    return <div class="view-loading" role="status" aria-label="Loading" />
  if (state.name === 'failed') return <p role="alert">{state.text}.</p>
  if (state.shares.length === 0)
    return (
      <EmptyState
        icon="share"
        title="Nothing is shared"
        text="No link opens anything here. Nobody but you can see your terminals."
      />
    )
  return (
    <ul class="share-cards">
      {state.shares.map((listed) => (
        <Card
          key={`${listed.server.id}/${listed.share.id}`}
          app={app}
          listed={listed}
          nowMs={state.nowMs}
          onRevoke={onRevoke}
        />
      ))}
    </ul>
  )
}

interface CardProps {
  readonly app: App
  readonly listed: Listed
  readonly nowMs: number
  readonly onRevoke: (listed: Listed) => void
}

function Card({ app, listed, nowMs, onRevoke }: CardProps): JSX.Element {
  const { server, share } = listed
  const ref = { server: server.id, id: share.sessionId }
  const name = app.sessions.nameOf(ref)
  const now = server.viewers.of(ref.id).filter(({ via }) => via === `share:${share.id}`).length
  const several = app.servers.all.value.length > 1
  return (
    <li class="share-card" data-share={share.id}>
      <div class="share-head">
        <h3>
          <button type="button" class="link-button" onClick={() => app.sessions.open(ref)}>
            {name}
          </button>
          {several && <span class="share-server"> on {server.name}</span>}
        </h3>
        <span class="badge" data-mode={share.mode}>
          {share.mode === 'driver' ? 'may type' : 'looks on'}
        </span>
      </div>
      <p class="share-facts">
        {share.label && <span>for {share.label}</span>}
        <span title={fullTime(share.expiresAt)}>
          expires {relativeTime(Date.parse(share.expiresAt), nowMs)}
        </span>
        <span title={fullTime(share.createdAt)}>
          made {relativeTime(Date.parse(share.createdAt), nowMs)}
          {share.madeBy && ` by ${share.madeBy}`}
        </span>
        <span data-now={now}>{now === 0 ? 'nobody there now' : `${now} there now`}</span>
      </p>
      <button
        type="button"
        class="button danger"
        aria-label={`Revoke the link to ${name}${share.label ? ` for ${share.label}` : ''}`}
        onClick={() => onRevoke(listed)}
      >
        Revoke
      </button>
    </li>
  )
}
