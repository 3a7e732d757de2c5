import type { JSX } from 'preact'
import type { Command } from '../commands/commands.ts'
import type { App } from '../state/app.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Keys } from '../ui/keys.tsx'

/** Every shortcut there is, by group. */
export function ShortcutsHelp({
  app,
  onClose,
}: {
  readonly app: App
  readonly onClose: () => void
}): JSX.Element {
  const groups = grouped(withKeys(app))
  return (
    <Dialog
      title="Keyboard shortcuts"
      text="No program in a terminal hears of these. On a Mac, Command stands for Ctrl too. A terminal takes every other key, Tab too: Ctrl Shift L leads out of it to the list, Ctrl Shift Z to what follows it."
      class="wide"
      onClose={onClose}
      actions={
        <button type="button" class="button primary" onClick={onClose}>
          Close
        </button>
      }
    >
      {/* It can be scrolled, so it can be reached by keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <section class="shortcuts" tabIndex={0} aria-label="Shortcuts">
        <div class="shortcut-columns">
          {[...groups].map(([group, commands]) => (
            <section key={group}>
              <h3>{group}</h3>
              <dl>
                {commands.map(({ id, title, keys = [] }) => (
                  <div key={id}>
                    <dt>{title}</dt>
                    <dd>
                      <span class="for-readers">{keys[0]}</span>
                      {keys[0] && <Keys chord={keys[0]} />}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      </section>
    </Dialog>
  )
}

function withKeys({ commands }: App): readonly Command[] {
  return commands.all.peek().filter(({ keys, unlisted }) => keys?.length && !unlisted)
}

function grouped(commands: readonly Command[]): Map<string, Command[]> {
  const groups = new Map<string, Command[]>()
  for (const each of commands) groups.set(each.group, [...(groups.get(each.group) ?? []), each])
  return groups
}
