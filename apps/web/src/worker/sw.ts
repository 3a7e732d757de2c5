import type { PushPayloadJson } from '@conductor/api-types'
import { createWorker, type WorkerClients } from './worker.ts'

// Built to `sw.js` beside the pages, so that its scope is theirs. What stands between `%` is put in
// by the build: see `../../build-worker.ts`.

interface ExtendableEvent extends Event {
  waitUntil(done: Promise<unknown>): void
}

interface WorkerEvents {
  readonly install: ExtendableEvent
  readonly activate: ExtendableEvent
  readonly fetch: ExtendableEvent & {
    readonly request: Request
    respondWith(response: Promise<Response>): void
  }
  readonly push: ExtendableEvent & { readonly data: { json(): unknown } | null }
  readonly notificationclick: ExtendableEvent & { readonly notification: Notification }
}

/** Its types belong to another library than those of pages, and only one of the two can be had. */
interface Scope {
  readonly registration: ServiceWorkerRegistration
  readonly clients: WorkerClients & { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener<K extends keyof WorkerEvents>(
    type: K,
    listener: (event: WorkerEvents[K]) => void,
  ): void
}

const self = globalThis as unknown as Scope

const worker = createWorker({
  scope: {
    caches,
    fetch: (request) => fetch(request),
    registration: self.registration,
    clients: self.clients,
    badge: navigator,
  },
  version: '%VERSION%',
  offline: ['offline', ...'%OFFLINE%'.split(' ')],
})

// A newer worker takes over at once: it answers navigations from the network, as the old one did, and
// reloads no page.
self.addEventListener('install', (event) => {
  event.waitUntil(worker.install().then(() => self.skipWaiting()))
})
self.addEventListener('activate', (event) => {
  event.waitUntil(worker.activate().then(() => self.clients.claim()))
})
self.addEventListener('fetch', (event) => {
  const answer = worker.answer(event.request)
  if (answer) event.respondWith(answer)
})
self.addEventListener('push', (event) => {
  // The server's own format: see `PushPayloadJson`.
  const payload = event.data?.json() as PushPayloadJson | undefined
  if (payload?.v === 1) event.waitUntil(worker.pushed(payload))
})
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const { sessionId } = event.notification.data as { readonly sessionId: string }
  event.waitUntil(worker.clicked(sessionId))
})
