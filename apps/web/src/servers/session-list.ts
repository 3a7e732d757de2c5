import { type ReadonlySignal, signal } from '@preact/signals'
import type { Api } from '../api/api.ts'
import { errorText } from '../api/api-error.ts'
import type { ServerEvents } from '../api/server-events.ts'
import { readSessionEvent, SESSION_EVENTS, type SessionListEvent } from '../api/session-events.ts'
import type { SessionInfo } from '../api/session-info.ts'

/** What is known of the sessions. */
export type SessionListState =
  | { readonly name: 'loading' }
  | { readonly name: 'failed'; readonly text: string }
  | { readonly name: 'ready'; readonly sessions: readonly SessionInfo[] }

export interface SessionListOptions {
  readonly api: Pick<Api, 'listSessions'>
  readonly events: Pick<ServerEvents, 'on' | 'onReopened'>
}

/** The sessions, oldest first, as the server tells of them. */
export interface SessionList {
  readonly state: ReadonlySignal<SessionListState>
  find(id: string | undefined): SessionInfo | undefined
  /** Asks for the whole list: at first, and where events may have been missed. */
  refresh(): Promise<void>
  apply(event: SessionListEvent): void
  close(): void
}

export function createSessionList({ api, events }: SessionListOptions): SessionList {
  const state = signal<SessionListState>({ name: 'loading' })
  /** Which news the list is: an answer that was asked for before them is older than they are. */
  let news = 0

  const stops = [
    ...SESSION_EVENTS.map((name) =>
      events.on(name, (data) => {
        const event = readSessionEvent(name, data)
        if (event) apply(event)
      }),
    ),
    events.onReopened(() => void refresh()),
  ]

  function sessions(): readonly SessionInfo[] {
    return state.value.name === 'ready' ? state.value.sessions : []
  }

  function apply(event: SessionListEvent): void {
    news++
    state.value = { name: 'ready', sessions: applied(sessions(), event) }
  }

  async function refresh(): Promise<void> {
    const before = news
    try {
      const found = await api.listSessions()
      if (news === before) state.value = { name: 'ready', sessions: found }
    } catch (error) {
      // What was known is still better than nothing.
      if (state.value.name !== 'ready') state.value = { name: 'failed', text: errorText(error) }
    }
  }

  return {
    state,
    find: (id) => sessions().find((each) => each.id === id),
    refresh,
    apply,
    close() {
      for (const stop of stops) stop()
    },
  }
}

function applied(
  sessions: readonly SessionInfo[],
  event: SessionListEvent,
): readonly SessionInfo[] {
  switch (event.type) {
    case 'list':
      return event.sessions
    case 'attention':
      return sessions.map((each) =>
        each.id === event.id ? { ...each, attention: event.attention } : each,
      )
    case 'removed':
      return sessions.filter(({ id }) => id !== event.id)
    case 'changed': {
      const { session } = event
      const known = sessions.some(({ id }) => id === session.id)
      if (!known) return [...sessions, session]
      return sessions.map((each) => (each.id === session.id ? session : each))
    }
  }
}
