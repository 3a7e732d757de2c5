import type { NewSessionJson } from '@conductor/api-types'
import { type ReadonlySignal, signal } from '@preact/signals'
import { ApiError, errorText } from '../api/api-error.ts'
import type { SessionInfo } from '../api/session-info.ts'
import type { Where } from '../layout/reduce.ts'
import type { Workspace } from '../layout/workspace.ts'
import { HERE, type Servers } from '../servers/server.ts'
import { type SessionRef, sessionKey, sessionOf, sessionPlace } from '../servers/session-ref.ts'
import type { Terminals } from './terminals.ts'
import type { Toasts } from './toasts.ts'

export interface SessionActionsOptions {
  readonly servers: Servers
  readonly workspace: Workspace
  readonly terminals: Terminals
  readonly toasts: Toasts
  readonly onLoggedOut: () => void
}

export interface NewSession extends NewSessionJson {
  /** On which server (default: our own). */
  readonly server?: string | undefined
  readonly where?: Where | undefined
}

/** What a person can do with sessions. What fails is told by a toast, and never thrown. */
export interface SessionActions {
  /** Whether a session is being made. */
  readonly creating: ReadonlySignal<boolean>
  find(ref: SessionRef): SessionInfo | undefined
  /** Every session there is, with where it is. */
  all(): readonly { readonly ref: SessionRef; readonly info: SessionInfo }[]
  /** What it is called: also after it has left the list. */
  nameOf(ref: SessionRef): string
  /** Whether this page has made it: then it may decide its size from the start. */
  isMine(ref: SessionRef): boolean
  open(ref: SessionRef, where?: Where): void
  create(wanted?: NewSession): Promise<void>
  rename(ref: SessionRef, name: string): Promise<void>
  remove(ref: SessionRef): Promise<void>
  logout(): Promise<void>
  /** Runs what may fail, and tells a person when it did. */
  attempt(action: () => Promise<void>): Promise<void>
}

export function createSessionActions(options: SessionActionsOptions): SessionActions {
  const { servers, workspace, terminals, toasts, onLoggedOut } = options
  const creating = signal(false)
  /** By server and id: what left the list is still called so. */
  const names = new Map<string, string>()
  const mine = new Set<string>()

  function find({ server, id }: SessionRef): SessionInfo | undefined {
    return servers.find(server)?.sessions.find(id)
  }

  function nameOf(ref: SessionRef): string {
    const key = `${ref.server}/${ref.id}`
    const name = find(ref)?.name
    if (name !== undefined) names.set(key, name)
    return name ?? names.get(key) ?? ref.id
  }

  async function attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      const isLogin = error instanceof ApiError && error.status === 401
      if (!isLogin) toasts.show('problem', errorText(error))
    }
  }

  /** As large as the terminal that a person is in, which is where the new one will be. */
  function sizeNow(): Pick<NewSessionJson, 'cols' | 'rows'> {
    const place = workspace.pane.peek()?.place
    const terminal = place?.kind === 'terminal' ? terminals.find(sessionOf(place)) : undefined
    return terminal?.xterm.measure() ?? {}
  }

  return {
    creating,
    find,
    nameOf,
    attempt,
    all: () =>
      servers.all.value.flatMap(({ id, sessions }) => {
        const { value } = sessions.state
        const known = value.name === 'ready' ? value.sessions : []
        return known.map((info) => ({ ref: { server: id, id: info.id }, info }))
      }),
    isMine: (ref) => mine.has(sessionKey(ref)),
    open: (ref, where) => workspace.open(sessionPlace(ref), where),
    create: ({ server: id = HERE, where = 'tab', ...wanted } = {}) =>
      attempt(async () => {
        const server = servers.find(id)
        if (creating.value || !server) return
        creating.value = true
        try {
          const { value } = server.sessions.state
          const known = value.name === 'ready' ? value.sessions : []
          const size = where === 'tab' ? sizeNow() : {}
          const session = await server.api.createSession({
            name: nextName(known),
            ...size,
            ...wanted,
          })
          mine.add(sessionKey({ server: id, id: session.id }))
          server.sessions.apply({ type: 'changed', session })
          workspace.open(sessionPlace({ server: id, id: session.id }), where)
        } finally {
          creating.value = false
        }
      }),
    rename: (ref, wanted) =>
      attempt(async () => {
        const server = servers.find(ref.server)
        const session = find(ref)
        if (!server || !session || wanted === '' || wanted === session.name) return
        server.sessions.apply({ type: 'changed', session: { ...session, name: wanted } })
        try {
          await server.api.renameSession(ref.id, wanted)
        } catch (error) {
          await server.sessions.refresh()
          throw error
        }
      }),
    remove: (ref) =>
      attempt(async () => {
        const server = servers.find(ref.server)
        if (!server) return
        await server.api.deleteSession(ref.id)
        workspace.dispatch({ type: 'forget', place: sessionPlace(ref) })
        terminals.close(ref)
        server.sessions.apply({ type: 'removed', id: ref.id })
      }),
    logout: () =>
      attempt(async () => {
        await servers.here.api.logout()
        for (const { ref } of terminals.all()) terminals.close(ref)
        onLoggedOut()
      }),
  }
}

/** The first of "Terminal 1", "Terminal 2" … that is free. */
export function nextName(sessions: readonly SessionInfo[]): string {
  const taken = new Set(sessions.map(({ name }) => name))
  let n = 1
  while (taken.has(`Terminal ${n}`)) n++
  return `Terminal ${n}`
}
