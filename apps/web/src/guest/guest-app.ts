import type { ShareJson } from '@conductor/api-types'
import type { Clock } from '@conductor/machine'
import { computed, signal } from '@preact/signals'
import { errorText } from '../api/api-error.ts'
import { createCalls } from '../attention/calls.ts'
import { type Command, createCommands } from '../commands/commands.ts'
import { createWorkspace } from '../layout/workspace.ts'
import { createPhone } from '../phone/phone.ts'
import { createServer, createServers, HERE } from '../servers/server.ts'
import { createSettings } from '../settings/settings-store.ts'
import { pageCommands } from '../shell/page-commands.tsx'
import type { App } from '../state/app.ts'
import { createBeep } from '../state/beep.ts'
import { createClipboard } from '../state/clipboard.ts'
import { createDialogs } from '../state/dialogs.ts'
import { mediaSignal } from '../state/page.ts'
import { createSessionActions } from '../state/session-actions.ts'
import { createTerminals } from '../state/terminals.ts'
import { createToasts } from '../state/toasts.ts'
import { view as terminalView } from '../views/terminal/kind.ts'
import { createOpenTerminal } from '../views/terminal/open-terminal.tsx'
import { createViews } from '../views/views.ts'

/** What a guest may do. Everything else would be refused by the server anyway; here it is not even offered. */
const FOR_ALL = [
  'font.larger',
  'font.smaller',
  'font.usual',
  'help.shortcuts',
  'palette.commands',
  'terminal.copy',
  'terminal.find',
  'terminal.reconnect',
  'terminal.scrollBottom',
  'terminal.scrollTop',
  'terminal.selectAll',
]

/** And what only those may who may type. */
const FOR_DRIVERS = ['terminal.claimSize', 'terminal.paste']

export interface GuestAppOptions {
  readonly base: URL
  readonly clock: Clock
  readonly share: ShareJson
  /** The link opens nothing any more. */
  readonly onOver: () => void
}

/** The page of somebody who came by a link: one session, and what goes with it. */
export function createGuestApp({ base, clock, share, onOver }: GuestAppOptions): App {
  const settings = createSettings({ storage: localStorage })
  const systemDark = mediaSignal('(prefers-color-scheme: dark)')
  const dark = computed(() => {
    const { theme } = settings.values.value
    return theme === 'system' ? systemDark.value : theme === 'dark'
  })
  const isDriver = share.mode === 'driver'
  // Keys on the screen are for those who may type.
  const narrow = isDriver ? mediaSignal('(max-width: 720px)') : signal(false)
  const coarse = mediaSignal('(pointer: coarse)')
  const toasts = createToasts(clock)
  // The layout of the same browser's own login stays what it is.
  const storage = { getItem: () => null, setItem: () => {}, removeItem: () => {} }
  const here = createServer({
    ...{ id: HERE, name: 'This server', base, clock, share: share.id },
    onUnauthorized: onOver,
  })
  const servers = createServers(here)
  const workspace = createWorkspace({ storage, onPlace: () => {} })
  const terminals = createTerminals((ref) =>
    createOpenTerminal(ref, {
      app,
      clock,
      look: () => ({ settings: settings.values.peek(), dark: dark.peek() }),
      onUnauthorized: onOver,
      ringSound: createBeep(),
    }),
  )
  const sessions = createSessionActions({
    servers,
    workspace,
    terminals,
    toasts,
    onLoggedOut: onOver,
  })
  const app: App = {
    servers,
    workspace,
    terminals,
    settings,
    toasts,
    sessions,
    remotes: NO_REMOTES,
    commands: createCommands({ onError: (error) => toasts.show('problem', errorText(error)) }),
    views: createViews([terminalView]),
    dialogs: createDialogs(workspace.refocus),
    clipboard: createClipboard(toasts),
    phone: createPhone({ clock, storage, wantsTicks: () => settings.values.peek().phoneTicks }),
    page: {
      dark,
      narrow,
      handheld: computed(() => narrow.value && coarse.value),
      sidebar: signal(false),
      coveredNow: () => false,
    },
    calls: createCalls({ sessions: () => [], storage }),
    // A guest is told of nothing while away: no part of this page asks for it.
    notifying: undefined as never,
  }
  app.commands.register(allowed([...pageCommands(app), ...(terminalView.commands?.(app) ?? [])]))
  return app

  function allowed(commands: readonly Command[]): readonly Command[] {
    const ids = new Set(isDriver ? [...FOR_ALL, ...FOR_DRIVERS] : FOR_ALL)
    return commands.filter(({ id }) => ids.has(id))
  }
}

/** A guest reaches one session, on one server. */
const NO_REMOTES: App['remotes'] = {
  list: signal([]),
  refresh: async () => {},
  add: async () => {},
  login: async () => {},
  rename: async () => {},
  remove: async () => {},
  close: () => {},
}
