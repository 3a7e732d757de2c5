import type { PushPayloadJson } from '@conductor/api-types'
import { noticeOf } from '../attention/page-notices.ts'

/** The part of a service worker's surroundings that is used. */
export interface WorkerScope {
  readonly caches: Pick<CacheStorage, 'open' | 'keys' | 'delete' | 'match'>
  readonly fetch: (request: Request | string) => Promise<Response>
  readonly registration: Pick<
    ServiceWorkerRegistration,
    'scope' | 'showNotification' | 'getNotifications'
  >
  readonly clients: WorkerClients
  readonly badge: { setAppBadge?: (count: number) => Promise<void> }
}

export interface WorkerClients {
  matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<
    readonly {
      readonly url: string
      focus(): Promise<unknown>
      postMessage(message: unknown): void
    }[]
  >
  openWindow(url: string): Promise<unknown>
}

export interface WorkerOptions {
  readonly scope: WorkerScope
  /** Another one for every build. */
  readonly version: string
  /** What is shown when the server cannot be reached: its page, and what that needs. Below the scope. */
  readonly offline: readonly [page: string, ...rest: string[]]
}

export interface Worker {
  install(): Promise<void>
  activate(): Promise<void>
  /** @returns `undefined` for what is the browser's own business, as everything below `api/`. */
  answer(request: Request): Promise<Response> | undefined
  pushed(payload: PushPayloadJson): Promise<void>
  clicked(sessionId: string): Promise<void>
}

const PREFIX = 'conductor-'

/** A proxy in front of the server says that it is not there. */
const IS_AWAY: ReadonlySet<number> = new Set([502, 504])

/**
 * What the page's service worker does: it says that the server is away instead of the browser, keeps
 * files whose names change with their content, and shows what was pushed. Nothing that the server knows
 * is ever kept.
 */
export function createWorker({ scope, version, offline }: WorkerOptions): Worker {
  const { caches, fetch, registration, clients, badge } = scope
  const base = registration.scope
  const name = PREFIX + version

  async function navigate(request: Request): Promise<Response> {
    try {
      const response = await fetch(request)
      if (!IS_AWAY.has(response.status)) return response
      return (await offlinePage()) ?? response
    } catch (error) {
      const page = await offlinePage()
      if (page) return page
      throw error
    }
  }

  const offlinePage = (): Promise<Response | undefined> => caches.match(base + offline[0])

  async function keepAsset(request: Request): Promise<Response> {
    const kept = await caches.match(request)
    if (kept) return kept
    const response = await fetch(request)
    if (response.status === 200) await (await caches.open(name)).put(request, response.clone())
    return response
  }

  return {
    async install() {
      const cache = await caches.open(name)
      for (const path of offline) {
        const response = await fetch(base + path)
        if (!response.ok) throw new Error(`${path} was answered with ${response.status}`)
        await cache.put(base + path, response)
      }
    },
    async activate() {
      // Pages of the version before are still open, and may need what the server has no more.
      const old = (await caches.keys()).filter((key) => key.startsWith(PREFIX) && key !== name)
      await Promise.all(old.slice(0, -1).map((key) => caches.delete(key)))
    },
    answer(request) {
      if (request.method !== 'GET' || !request.url.startsWith(base)) return undefined
      const path = request.url.slice(base.length)
      if (path.startsWith('assets/')) return keepAsset(request)
      return request.mode === 'navigate' && !path.startsWith('api/') ? navigate(request) : undefined
    },
    async pushed(payload) {
      const [title, options] = noticeOf(payload)
      const pictures = { icon: `${base}icons/192.png`, badge: `${base}icons/badge.png` }
      await registration.showNotification(title, { ...options, ...pictures })
      await badge.setAppBadge?.((await registration.getNotifications()).length).catch(() => {})
    },
    async clicked(sessionId) {
      const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true })
      const page = pages.find(({ url }) => url.startsWith(`${base}terminal`))
      if (!page) {
        await clients.openWindow(`${base}terminal#/session/${encodeURIComponent(sessionId)}`)
        return
      }
      page.postMessage({ type: 'open', sessionId })
      await page.focus()
    },
  }
}
