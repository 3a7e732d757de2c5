import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { Api } from '../api/api.ts'
import { ApiError, errorText } from '../api/api-error.ts'
import type { SessionInfo } from '../api/session-info.ts'
import type { Pane, Panes } from './panes.ts'
import type { SessionList } from './session-list.ts'
import type { Toasts } from './toasts.ts'

export interface AppOptions {
  readonly api: Api
  readonly list: SessionList
  readonly panes: Panes
  readonly toasts: Toasts
  /** Where a person wants to be next time. */
  readonly remember: (id: string | undefined) => void
  readonly onLoggedOut: () => void
}

/** What a person can do on this page, and what it shows. */
export interface App {
  readonly list: SessionList
  readonly toasts: Toasts
  readonly pane: ReadonlySignal<Pane | undefined>
  /** How the session that is shown is called: also after it has left the list. */
  readonly name: ReadonlySignal<string>
  /** Whether a session is being made. */
  readonly creating: ReadonlySignal<boolean>
  /** Whether the list covers the page; only where there is no room for both. */
  readonly drawerOpen: ReadonlySignal<boolean>
  setDrawer(open: boolean): void
  select(id: string): void
  /** Goes back to a session of an earlier visit, if it still exists. */
  restore(id: string | undefined): void
  create(): Promise<void>
  rename(id: string, name: string): Promise<void>
  remove(id: string): Promise<void>
  logout(): Promise<void>
}

export function createApp(options: AppOptions): App {
  const { api, list, panes, toasts, remember, onLoggedOut } = options
  const pane = signal<Pane | undefined>(undefined)
  const creating = signal(false)
  const drawerOpen = signal(false)
  let lastName = ''

  const name = computed(() => {
    const id = pane.value?.id
    // Reading the state makes this follow the list.
    const found = list.state.value.name === 'ready' ? list.find(id) : undefined
    if (found) lastName = found.name
    return id === undefined ? '' : lastName
  })

  function select(id: string): void {
    drawerOpen.value = false
    if (pane.value?.id !== id) {
      lastName = list.find(id)?.name ?? id
      pane.value = panes.show(id)
      remember(id)
    }
    pane.value?.xterm.focus()
  }

  function deselect(): void {
    panes.showNone()
    pane.value = undefined
    remember(undefined)
  }

  /** Runs what may fail, and tells a person when it did. */
  async function attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      const isLogin = error instanceof ApiError && error.status === 401
      if (!isLogin) toasts.show('problem', errorText(error))
    }
  }

  return {
    list,
    toasts,
    pane,
    name,
    creating,
    drawerOpen,
    setDrawer(open) {
      drawerOpen.value = open
    },
    select,
    restore(id) {
      if (id !== undefined && list.find(id)) select(id)
    },
    create: () =>
      attempt(async () => {
        if (creating.value) return
        creating.value = true
        try {
          const { state } = list
          const known = state.value.name === 'ready' ? state.value.sessions : []
          const size = pane.value?.xterm.measure()
          const session = await api.createSession({ name: nextName(known), ...size })
          list.apply({ type: 'changed', session })
          select(session.id)
        } finally {
          creating.value = false
        }
      }),
    rename: (id, wanted) =>
      attempt(async () => {
        const session = list.find(id)
        if (!session || wanted === '' || wanted === session.name) return
        list.apply({ type: 'changed', session: { ...session, name: wanted } })
        try {
          await api.renameSession(id, wanted)
        } catch (error) {
          await list.refresh()
          throw error
        }
      }),
    remove: (id) =>
      attempt(async () => {
        await api.deleteSession(id)
        if (pane.value?.id === id) deselect()
        panes.close(id)
        list.apply({ type: 'removed', id })
      }),
    logout: () =>
      attempt(async () => {
        await api.logout()
        for (const { id } of panes.all()) panes.close(id)
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
