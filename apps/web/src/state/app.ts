import type { ReadonlySignal, Signal } from '@preact/signals'
import type { Calls } from '../attention/calls.ts'
import type { Notifying } from '../attention/start-attention.ts'
import type { Commands } from '../commands/commands.ts'
import type { Workspace } from '../layout/workspace.ts'
import type { Phone } from '../phone/phone.ts'
import type { Remotes } from '../servers/remotes.ts'
import type { Servers } from '../servers/server.ts'
import type { SettingsStore } from '../settings/settings-store.ts'
import type { Views } from '../views/views.ts'
import type { Dialogs } from './dialogs.ts'
import type { SessionActions } from './session-actions.ts'
import type { Terminals } from './terminals.ts'
import type { Toasts } from './toasts.ts'

/** What this page is made of: every view and every command gets it. Put together in `pages/terminal.tsx`. */
export interface App {
  readonly servers: Servers
  /** Those that are not our own. */
  readonly remotes: Remotes
  readonly workspace: Workspace
  readonly sessions: SessionActions
  readonly terminals: Terminals
  readonly commands: Commands
  readonly settings: SettingsStore
  readonly views: Views
  readonly dialogs: Dialogs
  readonly toasts: Toasts
  readonly page: PageState
  readonly phone: Phone
  /** Who waits for a person. */
  readonly calls: Calls
  /** How this browser is told of it. */
  readonly notifying: Notifying
  readonly clipboard: PageClipboard
}

/** The clipboard of the system. What the browser does not allow is told by a toast. */
export interface PageClipboard {
  write(text: string): Promise<void>
  /** `undefined` when the browser, or a person, has refused it. */
  read(): Promise<string | undefined>
}

export interface PageState {
  readonly dark: ReadonlySignal<boolean>
  /** Whether there is room for one pane only, as on a phone. */
  readonly narrow: ReadonlySignal<boolean>
  /** Whether it is also operated with fingers: then its size counts only where somebody types. */
  readonly handheld: ReadonlySignal<boolean>
  /** Whether the list of sessions is shown: beside the panes, or over them where it is narrow. */
  readonly sidebar: Signal<boolean>
  /** Whether the list lies over the panes just now. */
  coveredNow(): boolean
}
