import type { ComponentType } from 'preact'
import type { Command } from '../commands/commands.ts'
import type { Place } from '../layout/place.ts'
import type { App } from '../state/app.ts'
import type { IconName } from '../ui/icons.tsx'

export interface ViewProps {
  readonly app: App
  /** What to show; it changes when somebody follows an address to another part of the same thing. */
  readonly place: Place
  /** For `app.workspace.dispatch({ type: 'navigate', pane, place })`. */
  readonly pane: string
  /** Whether this pane has, or should have, the keyboard. */
  readonly focused: boolean
}

/** A kind of thing that a pane can show. */
export interface ViewKind {
  /** As in `#/view/<kind>/…`: lower case. */
  readonly kind: string
  /** As in the palette and on a tab. */
  readonly title: string
  readonly icon: IconName
  /** Comes when it is first shown, in a file of its own: `async () => ({ View: (await import('./x.tsx')).X })`. */
  readonly load: () => Promise<{ readonly View: ComponentType<ViewProps> }>
  /** What stands on the tab (default: `title`). Reads signals, so it follows them. */
  readonly titleOf?: ((place: Place, app: App) => string) | undefined
  /** Whether it can be opened as it is, without being told of what (default: true). */
  readonly alone?: boolean | undefined
  /** Shortcut of the command that opens it. */
  readonly keys?: readonly string[] | undefined
  /** What else can be done, here or anywhere. */
  readonly commands?: ((app: App) => readonly Command[]) | undefined
}

export interface Views {
  readonly all: readonly ViewKind[]
  find(kind: string): ViewKind | undefined
  titleOf(place: Place, app: App): string
}

/** @throws when two are of the same kind. */
export function createViews(all: readonly ViewKind[]): Views {
  const byKind = new Map(all.map((view) => [view.kind, view]))
  if (byKind.size < all.length) throw new Error('two views are of the same kind')
  return {
    all,
    find: (kind) => byKind.get(kind),
    titleOf(place, app) {
      const view = byKind.get(place.kind)
      return view?.titleOf?.(place, app) ?? view?.title ?? place.kind
    },
  }
}

/** The commands that views bring: one that opens each, and their own. */
export function viewCommands(app: App): readonly Command[] {
  return app.views.all.flatMap((view) => [
    ...(view.alone === false ? [] : [openCommand(view, app)]),
    ...(view.commands?.(app) ?? []),
  ])
}

function openCommand({ kind, title, icon, keys }: ViewKind, app: App): Command {
  return {
    id: `view.${kind}`,
    title: `Open ${title.toLowerCase()}`,
    group: 'Views',
    icon,
    keys,
    run: () => app.workspace.open({ kind, id: '', params: {} }),
  }
}
