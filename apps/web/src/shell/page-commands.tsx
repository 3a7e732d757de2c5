import type { Command } from '../commands/commands.ts'
import type { Side } from '../layout/geometry.ts'
import { sessionOf } from '../servers/session-ref.ts'
import { SETTINGS } from '../settings/schema.ts'
import type { App } from '../state/app.ts'
import { confirmDelete } from './confirm-delete.tsx'
import { openCommands, openSwitcher } from './open-palette.tsx'
import { readerCommands } from './reader-commands.ts'
import { ShortcutsHelp } from './shortcuts-help.tsx'
import { focusList } from './sidebar.tsx'

const SIDES: readonly Side[] = ['left', 'right', 'up', 'down']
const ARROWS = { left: 'ArrowLeft', right: 'ArrowRight', up: 'ArrowUp', down: 'ArrowDown' } as const

/** What can be done on every page: sessions, tabs, panes, finding one's way. Views bring the rest. */
export function pageCommands(app: App): readonly Command[] {
  return [
    ...paletteCommands(app),
    ...sessionCommands(app),
    ...layoutCommands(app),
    ...fontCommands(app),
    ...readerCommands(app),
  ]
}

function paletteCommands(app: App): readonly Command[] {
  const group = 'Find your way'
  return [
    {
      id: 'palette.switch',
      title: 'Go to a session or a view',
      group,
      icon: 'layers',
      keys: ['Ctrl+Shift+K'],
      run: () => openSwitcher(app),
    },
    {
      id: 'palette.commands',
      title: 'Show all commands',
      group,
      icon: 'command',
      keys: ['Ctrl+Shift+P'],
      run: () => openCommands(app),
    },
    {
      id: 'sidebar.focus',
      title: 'Leave the terminal for the list of sessions',
      group,
      icon: 'menu',
      keys: ['Ctrl+Shift+L'],
      run() {
        app.page.sidebar.value = true
        requestAnimationFrame(focusList)
      },
    },
    {
      id: 'sidebar.toggle',
      title: 'Show or hide the list of sessions',
      group,
      icon: 'menu',
      keys: ['Ctrl+Shift+B'],
      run() {
        app.page.sidebar.value = !app.page.sidebar.value
        if (!app.page.sidebar.value) app.workspace.refocus()
      },
    },
    {
      id: 'help.shortcuts',
      title: 'Show the keyboard shortcuts',
      group,
      icon: 'keyboard',
      keys: ['Ctrl+Shift+H'],
      run: () =>
        void app.dialogs.show((close) => <ShortcutsHelp app={app} onClose={() => close()} />),
    },
  ]
}

function sessionCommands(app: App): readonly Command[] {
  const { sessions, workspace } = app
  const group = 'Sessions'
  const here = () => {
    const place = workspace.pane.value?.place
    return place?.kind === 'terminal' ? sessionOf(place) : undefined
  }
  const exists = (): boolean => {
    const ref = here()
    return ref !== undefined && sessions.find(ref) !== undefined
  }
  return [
    {
      id: 'session.new',
      title: 'New session',
      group,
      icon: 'plus',
      keys: ['Ctrl+Shift+Enter'],
      run: () => sessions.create(),
    },
    {
      id: 'session.delete',
      title: 'Delete this session',
      group,
      icon: 'trash',
      when: exists,
      async run() {
        const ref = here()
        if (ref && (await confirmDelete(app, ref))) await sessions.remove(ref)
      },
    },
    {
      id: 'page.logout',
      title: 'Log out',
      group,
      icon: 'logout',
      run: () => sessions.logout(),
    },
  ]
}

function layoutCommands(app: App): readonly Command[] {
  const { workspace, sessions } = app
  const tabs = (): number => workspace.layout.value.tabs.length
  const isSplit = (): boolean => workspace.tab.value?.root.type === 'split'
  const close = (): void => {
    const pane = workspace.pane.value
    if (pane) workspace.dispatch({ type: 'close', pane: pane.id })
  }
  /** A new session beside this one, in the same folder and on the same machine. */
  const split = (where: 'right' | 'down') => async (): Promise<void> => {
    const place = workspace.pane.value?.place
    const ref = place?.kind === 'terminal' ? sessionOf(place) : undefined
    const cwd = ref && sessions.find(ref)?.cwd
    await sessions.create({ where, server: ref?.server, ...(cwd && { cwd }) })
  }
  return [
    {
      id: 'pane.splitRight',
      title: 'Split right with a new session',
      group: 'Panes',
      icon: 'splitRight',
      keys: ['Ctrl+Shift+E'],
      run: split('right'),
    },
    {
      id: 'pane.splitDown',
      title: 'Split down with a new session',
      group: 'Panes',
      icon: 'splitDown',
      keys: ['Ctrl+Shift+O'],
      run: split('down'),
    },
    {
      id: 'pane.zoom',
      title: 'Zoom this pane, or show all again',
      group: 'Panes',
      icon: 'zoom',
      keys: ['Ctrl+Shift+X'],
      when: isSplit,
      run: () => workspace.dispatch({ type: 'zoom' }),
    },
    {
      id: 'pane.close',
      title: 'Close this pane (its session goes on)',
      group: 'Panes',
      icon: 'close',
      keys: ['Ctrl+Shift+D'],
      when: () => tabs() > 0,
      run: close,
    },
    ...SIDES.map(
      (side): Command => ({
        id: `pane.go.${side}`,
        title: `Go to the pane ${{ left: 'on the left', right: 'on the right', up: 'above', down: 'below' }[side]}`,
        group: 'Panes',
        keys: [`Ctrl+Shift+${ARROWS[side]}`],
        // One pane alone leaves these keys to its program.
        when: isSplit,
        run: () => workspace.dispatch({ type: 'go', side }),
      }),
    ),
    {
      id: 'tab.next',
      title: 'Next tab',
      group: 'Tabs',
      keys: ['Ctrl+Shift+BracketRight'],
      when: () => tabs() > 1,
      run: () => workspace.dispatch({ type: 'step', by: 1 }),
    },
    {
      id: 'tab.previous',
      title: 'Previous tab',
      group: 'Tabs',
      keys: ['Ctrl+Shift+BracketLeft'],
      when: () => tabs() > 1,
      run: () => workspace.dispatch({ type: 'step', by: -1 }),
    },
    ...Array.from(
      { length: 9 },
      (_, index): Command => ({
        id: `tab.${index + 1}`,
        title: `Go to tab ${index + 1}`,
        group: 'Tabs',
        keys: [`Ctrl+Shift+${index + 1}`],
        unlisted: true,
        when: () => index < tabs(),
        run() {
          const tab = workspace.layout.value.tabs[index]
          if (tab) workspace.dispatch({ type: 'activate', tab: tab.id })
        },
      }),
    ),
  ]
}

function fontCommands({ settings }: App): readonly Command[] {
  const size = (by: number) => (): void =>
    settings.set('fontSize', settings.values.value.fontSize + by)
  const { least, most } = SETTINGS.fontSize
  return [
    {
      id: 'font.larger',
      title: 'Larger text in terminals',
      group: 'Terminal',
      keys: ['Ctrl+Shift+Period'],
      when: () => settings.values.value.fontSize < most,
      run: size(1),
    },
    {
      id: 'font.smaller',
      title: 'Smaller text in terminals',
      group: 'Terminal',
      keys: ['Ctrl+Shift+Comma'],
      when: () => settings.values.value.fontSize > least,
      run: size(-1),
    },
    {
      id: 'font.usual',
      title: 'Usual text size in terminals',
      group: 'Terminal',
      keys: ['Ctrl+Shift+Backspace'],
      run: () => settings.reset('fontSize'),
    },
  ]
}
