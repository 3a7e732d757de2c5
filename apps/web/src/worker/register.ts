export interface RegisteredWorker {
  /** `undefined` where there can be none. */
  readonly registration: Promise<ServiceWorkerRegistration | undefined>
  /** Why there can be none, as a sentence. */
  readonly problem: string | undefined
}

export interface RegisterOptions {
  readonly base: URL
  /** A newer version of the page is there; the one that is open goes on as it is. */
  readonly onNewer: () => void
  /** A person has tapped on a message about this session. */
  readonly onOpen: (sessionId: string) => void
}

/** Browsers allow one on HTTPS and on the machine itself. A page that is being developed has none. */
export function registerWorker({ base, onNewer, onOpen }: RegisterOptions): RegisteredWorker {
  const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined
  const problem = isSecureContext
    ? workers
      ? undefined
      : 'This browser cannot be told while no page is open.'
    : 'Browsers allow this only to pages that come by HTTPS.'
  if (!workers || problem || import.meta.env.DEV)
    return { registration: Promise.resolve(undefined), problem }

  workers.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    const message = data as { readonly type?: unknown; readonly sessionId?: unknown } | null
    if (message?.type === 'open' && typeof message.sessionId === 'string') onOpen(message.sessionId)
  })
  const hadOne = workers.controller !== null
  // The first one is no newer one.
  if (hadOne) workers.addEventListener('controllerchange', onNewer)
  const registration = workers
    .register(new URL('sw.js', base), { scope: base.pathname, updateViaCache: 'none' })
    .catch(() => undefined)
  return { registration, problem }
}
