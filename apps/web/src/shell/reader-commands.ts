import type { Command } from '../commands/commands.ts'
import type { App } from '../state/app.ts'

const FOCUSABLE =
  'button, a[href], input, select, textarea, [tabindex]:not([tabindex="-1"]), [contenteditable]'

/** For whoever has no mouse, and for whoever does not see the page. */
export function readerCommands({ settings, toasts }: App): readonly Command[] {
  return [
    {
      id: 'focus.onwards',
      title: 'Leave the terminal for what follows it',
      group: 'Find your way',
      icon: 'chevron',
      keys: ['Ctrl+Shift+Z'],
      run: focusOnwards,
    },
    {
      id: 'settings.screenReader',
      title: 'Write terminals for screen readers, or no more',
      group: 'Settings',
      icon: 'text',
      run() {
        const on = !settings.values.peek().screenReader
        settings.set('screenReader', on)
        toasts.show(
          'info',
          on
            ? 'Terminals are written as text for screen readers'
            : 'Terminals are no longer written for screen readers',
        )
      },
    },
  ]
}

/** What Tab does elsewhere; a terminal keeps Tab for its program. After the last one comes the first. */
function focusOnwards(): void {
  const all = [...document.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (each) =>
      each.tabIndex >= 0 && each.checkVisibility({ visibilityProperty: true }) && !isOut(each),
  )
  const from = document.activeElement
  const next = all.find(
    (each) => from && from.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING,
  )
  ;(next ?? all[0])?.focus()
}

/** Disabled, or in a part of the page that takes no keys. */
function isOut(element: HTMLElement): boolean {
  return element.matches(':disabled') || element.closest('[inert]') !== null
}
