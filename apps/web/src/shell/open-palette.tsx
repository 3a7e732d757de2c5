import { HERE } from '../servers/server.ts'
import { sessionKey, sessionPlace } from '../servers/session-ref.ts'
import type { App } from '../state/app.ts'
import { Palette, type PaletteItem } from './palette.tsx'
import { sessionNote } from './session-text.ts'

/** Everything that can be done now. */
function commandItems({ commands }: App): readonly PaletteItem[] {
  return commands.all
    .peek()
    .filter(({ unlisted, when }) => !unlisted && when?.() !== false)
    .map(({ id, title, group, keys, icon }) => ({
      id,
      title,
      note: group,
      keys: keys?.[0],
      icon,
      run: () => commands.run(id),
    }))
}

/** Every session and every view: those that are open first, the one that a person is in last. */
function placeItems(app: App): readonly PaletteItem[] {
  const { workspace, servers, sessions, views, terminals } = app
  const here = workspace.pane.peek()?.place
  const several = servers.all.peek().length > 1
  const sessionItems = sessions.all().map(({ ref, info }): PaletteItem & { isHere: boolean } => ({
    id: `session-${sessionKey(ref)}`,
    title: info.name,
    note: [several && ref.server !== HERE && servers.find(ref.server)?.name, sessionNote(info)]
      .filter(Boolean)
      .join(' · '),
    icon: app.calls.of(ref) || terminals.find(ref)?.mark.peek() === 'bell' ? 'bell' : 'terminal',
    isHere: here?.kind === 'terminal' && here.id === ref.id,
    run: (beside) => workspace.open(sessionPlace(ref), beside ? 'right' : 'tab'),
  }))
  const viewItems = views.all
    .filter(({ alone }) => alone !== false)
    .map(({ kind, title, icon }) => ({
      id: `view-${kind}`,
      title,
      note: 'View',
      icon,
      isHere: here?.kind === kind,
      run: (beside: boolean) =>
        workspace.open({ kind, id: '', params: {} }, beside ? 'right' : 'tab'),
    }))
  return [...sessionItems, ...viewItems].sort((a, b) => Number(a.isHere) - Number(b.isHere))
}

/** Ctrl+Shift+P: commands. */
export function openCommands(app: App): void {
  void app.dialogs.show((close) => (
    <Palette
      label="Commands"
      placeholder="What to do"
      items={commandItems(app)}
      onClose={() => close()}
    />
  ))
}

/** Ctrl+Shift+K: sessions and views; `>` in front makes it the commands. */
export function openSwitcher(app: App): void {
  void app.dialogs.show((close) => (
    <Palette
      label="Go to a session or a view"
      placeholder="Where to go, or > for commands"
      items={placeItems(app)}
      itemsFor={(query) => (query.startsWith('>') ? commandItems(app) : undefined)}
      hint={
        <>
          <kbd>↵</kbd> opens <kbd>Ctrl ↵</kbd> opens beside <kbd>&gt;</kbd> commands
        </>
      }
      onClose={() => close()}
    />
  ))
}
