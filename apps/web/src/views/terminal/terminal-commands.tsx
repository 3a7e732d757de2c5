import type { Command } from '../../commands/commands.ts'
import { sessionOf } from '../../servers/session-ref.ts'
import type { App } from '../../state/app.ts'
import type { OpenTerminal } from '../../state/terminals.ts'
import { chooseFiles } from './choose-files.ts'

/** What can be done in a terminal. */
export function terminalCommands(app: App): readonly Command[] {
  const group = 'Terminal'

  function here(): OpenTerminal | undefined {
    const place = app.workspace.pane.value?.place
    return place?.kind === 'terminal' ? app.terminals.find(sessionOf(place)) : undefined
  }

  const inTerminal = (): boolean => here() !== undefined
  const act =
    (action: (terminal: OpenTerminal) => void | Promise<void>): (() => void | Promise<void>) =>
    () => {
      const terminal = here()
      return terminal && action(terminal)
    }

  return [
    {
      id: 'terminal.find',
      title: 'Find in the terminal',
      group,
      icon: 'search',
      keys: ['Ctrl+Shift+F'],
      when: inTerminal,
      run: act(({ finding }) => {
        // Once more puts the keyboard into the field again.
        finding.value = false
        queueMicrotask(() => {
          finding.value = true
        })
      }),
    },
    {
      id: 'terminal.copy',
      title: 'Copy what is marked',
      group,
      icon: 'copy',
      keys: ['Ctrl+Shift+C'],
      // With nothing marked too: else the browser takes the key for its developer tools.
      when: inTerminal,
      run: act(async ({ xterm }) => {
        if (xterm.selection !== '') await app.clipboard.write(xterm.selection)
      }),
    },
    {
      id: 'terminal.paste',
      title: 'Paste',
      group,
      icon: 'paste',
      when: inTerminal,
      run: act(async (terminal) => {
        const text = await app.clipboard.read()
        if (text !== undefined) await terminal.paste(text)
      }),
    },
    {
      id: 'terminal.selectAll',
      title: 'Mark everything',
      group,
      icon: 'check',
      keys: ['Ctrl+Shift+A'],
      when: inTerminal,
      run: act(({ xterm }) => xterm.selectAll()),
    },
    {
      id: 'terminal.upload',
      title: 'Send a file here and type its path',
      group,
      icon: 'upload',
      keys: ['Ctrl+Shift+U'],
      when: inTerminal,
      run: act(async (terminal) => {
        const files = await chooseFiles()
        if (files.length > 0) await terminal.upload(files)
      }),
    },
    {
      id: 'terminal.read',
      title: 'Read the session as text, or see its screen again',
      group,
      icon: 'text',
      when: inTerminal,
      run: act(({ reading }) => {
        reading.value = !reading.value
      }),
    },
    {
      id: 'terminal.share',
      title: 'Share …',
      group,
      icon: 'share',
      when: () => {
        const terminal = here()
        return terminal !== undefined && app.sessions.find(terminal.ref) !== undefined
      },
      run: act(async ({ ref }) => (await import('./share-dialog.tsx')).shareSession(app, ref)),
    },
    {
      id: 'terminal.scrollTop',
      title: 'Scroll to the beginning',
      group,
      keys: ['Ctrl+Shift+Home'],
      when: inTerminal,
      run: act(({ xterm }) => xterm.scroll('top')),
    },
    {
      id: 'terminal.scrollBottom',
      title: 'Scroll to the end',
      group,
      keys: ['Ctrl+Shift+End'],
      when: inTerminal,
      run: act(({ xterm }) => xterm.scroll('bottom')),
    },
    {
      id: 'terminal.claimSize',
      title: 'Make the terminal as large as this pane',
      group,
      icon: 'fit',
      when: () => here()?.state.value.size.owner === 'other',
      run: act(({ view }) => view.claimSize()),
    },
    {
      id: 'terminal.reconnect',
      title: 'Reconnect',
      group,
      icon: 'restart',
      when: () => ['stopped', 'reconnecting'].includes(here()?.state.value.status.name ?? ''),
      run: act(({ view }) => view.reconnect()),
    },
  ]
}
