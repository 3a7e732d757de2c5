import type { JSX } from 'preact'
import type { App } from '../../state/app.ts'
import type { OpenTerminal } from '../../state/terminals.ts'
import { Menu, type MenuItem } from '../../ui/menu.tsx'

export interface TerminalMenuProps {
  readonly app: App
  readonly terminal: OpenTerminal
  readonly at: { readonly x: number; readonly y: number }
  readonly onClose: () => void
}

/** Commands of a terminal, in the order of their use. What each does stands in `terminal-commands.tsx`. */
const ITEMS: readonly (readonly string[])[] = [
  ['terminal.copy', 'terminal.paste', 'terminal.selectAll'],
  ['terminal.find', 'terminal.upload', 'replay.session'],
  ['pane.splitRight', 'pane.splitDown', 'pane.zoom', 'pane.close'],
  ['terminal.share'],
  ['session.delete'],
]

export function TerminalMenu({ app, terminal, at, onClose }: TerminalMenuProps): JSX.Element {
  const all = app.commands.all.value
  const items = ITEMS.flatMap((ids) =>
    ids.flatMap((id, index): MenuItem[] => {
      const command = all.find((each) => each.id === id)
      if (!command) return []
      const disabled = command.when?.() === false
      return [
        {
          label: command.title,
          icon: command.icon,
          keys: command.keys?.[0],
          separated: index === 0 && ids !== ITEMS[0],
          danger: id === 'session.delete',
          disabled,
          run: () => {
            terminal.xterm.focus()
            app.commands.run(id)
          },
        },
      ]
    }),
  )
  return (
    <Menu
      label="Terminal"
      items={items}
      at={at}
      onClose={() => {
        onClose()
        terminal.xterm.focus()
      }}
    />
  )
}
