import type { PageClipboard } from './app.ts'
import type { Toasts } from './toasts.ts'

/** @param clipboard Of the browser; absent where the page came by plain HTTP from another machine. */
export function createClipboard(
  toasts: Toasts,
  clipboard: Clipboard | undefined = navigator.clipboard,
): PageClipboard {
  return {
    async write(text) {
      try {
        if (!clipboard) throw new TypeError('no clipboard')
        await clipboard.writeText(text)
      } catch {
        toasts.show('problem', 'The browser did not allow copying')
      }
    },
    async read() {
      try {
        if (!clipboard) throw new TypeError('no clipboard')
        return await clipboard.readText()
      } catch {
        toasts.show('problem', 'The browser did not allow that. Its own shortcut pastes always.')
        return undefined
      }
    },
  }
}
