/**
 * What a socket wants to know of the page it runs in: a browser's `window`, or less.
 *
 * All of it is optional, and so it may as well be the global scope of Node or of a worker, where
 * nothing is ever hidden or offline.
 */
export interface Page {
  readonly document?: { readonly visibilityState: string } | undefined
  readonly navigator?: { readonly onLine?: boolean } | undefined
  readonly addEventListener?:
    | ((
        type: string,
        listener: (event: Event) => void,
        options: { readonly capture: boolean; readonly signal: AbortSignal },
      ) => void)
    | undefined
}

/** Whether nobody can see the page. */
export const isHidden = (page: Page): boolean => page.document?.visibilityState === 'hidden'

/**
 * Tells when the page, or its network, has come back from wherever it was.
 *
 * @param signal Ends the watch.
 */
export function watchPage(page: Page, onBack: () => void, signal: AbortSignal): void {
  const hear = ({ type, persisted }: Event & { readonly persisted?: boolean }): void => {
    // Every page is shown once when it has loaded; only a persisted one has been away.
    const back = type === 'pageshow' ? persisted : type !== 'visibilitychange' || !isHidden(page)
    if (back) onBack()
  }
  // Capturing, a window also hears what is told to its document and does not bubble.
  for (const type of ['visibilitychange', 'pageshow', 'resume', 'online'])
    page.addEventListener?.(type, hear, { capture: true, signal })
}
