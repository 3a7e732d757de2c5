import type { PushPayloadJson } from '@conductor/api-types'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createWorker, type Worker } from './worker.ts'

const BASE = 'https://host/below/'
const PAYLOAD: PushPayloadJson = {
  ...{ v: 1, type: 'attention', sessionId: 's 1', name: 'Release', state: 'failed' },
  since: '2026-01-01T00:00:00.000Z',
}

/** What a service worker keeps, without a browser. */
class Caches {
  readonly all = new Map<string, Map<string, Response>>()
  async open(name: string) {
    const kept = this.all.get(name) ?? new Map<string, Response>()
    this.all.set(name, kept)
    const put = async (key: Request | string, value: Response) =>
      void kept.set(typeof key === 'string' ? key : key.url, value)
    return { put } as unknown as Cache
  }
  async keys() {
    return [...this.all.keys()]
  }
  async delete(name: string) {
    return this.all.delete(name)
  }
  async match(key: Request | string) {
    const url = typeof key === 'string' ? key : key.url
    for (const kept of this.all.values()) if (kept.has(url)) return kept.get(url)?.clone()
    return undefined
  }
}

let network: (url: string) => Response
let asked: string[]
let caches: Caches
let shown: [string, NotificationOptions | undefined][]
let windows: { url: string; focus: () => Promise<unknown>; postMessage: (m: unknown) => void }[]
let opened: string[]
const setAppBadge = vi.fn(async () => {})

function create(version = 'two'): Worker {
  return createWorker({
    version,
    offline: ['offline', 'assets/a.js'],
    scope: {
      caches: caches as unknown as CacheStorage,
      fetch: async (request) => {
        const url = typeof request === 'string' ? request : request.url
        asked.push(url)
        return network(url)
      },
      registration: {
        scope: BASE,
        showNotification: async (title, options) => void shown.push([title, options]),
        getNotifications: async () => shown.map(() => ({}) as Notification),
      },
      clients: {
        matchAll: async () => windows,
        openWindow: async (url) => void opened.push(url),
      },
      badge: { setAppBadge },
    },
  })
}

const request = (path: string, mode: RequestMode = 'cors', method = 'GET'): Request =>
  ({ url: BASE + path, mode, method }) as Request
const down = () => {
  throw new TypeError('the network is down')
}

beforeEach(() => {
  caches = new Caches()
  asked = []
  shown = []
  windows = []
  opened = []
  network = (url) => new Response(`from the network: ${url}`)
})

describe('a page', () => {
  it('comes from the network as long as there is one', async () => {
    const worker = create()
    await worker.install()
    const answer = await worker.answer(request('terminal', 'navigate'))
    expect(await answer?.text()).toBe(`from the network: ${BASE}terminal`)
  })

  it('is the one that says that the server is away, when it is, also behind a proxy', async () => {
    const worker = create()
    network = () => new Response('the offline page')
    await worker.install()
    network = down
    expect(await (await worker.answer(request('terminal', 'navigate')))?.text()).toBe(
      'the offline page',
    )
    network = () => new Response('bad gateway', { status: 502 })
    expect(await (await worker.answer(request('', 'navigate')))?.text()).toBe('the offline page')
    network = () => new Response('not built', { status: 503 })
    expect(await (await worker.answer(request('', 'navigate')))?.text()).toBe('not built')
  })

  it('fails as it would without a worker when nothing was kept', async () => {
    network = down
    await expect(create().answer(request('', 'navigate'))).rejects.toThrow('network')
  })
})

describe('what is asked of the server', () => {
  it.each([
    ['api/sessions', 'cors', 'GET'],
    ['api/events', 'cors', 'GET'],
    ['api/recordings/1', 'navigate', 'GET'],
    ['manifest.webmanifest', 'cors', 'GET'],
    ['terminal', 'navigate', 'POST'],
    ['assets/x.js', 'cors', 'POST'],
  ] as const)('%s (%s, %s) is not the worker’s business', (path, mode, method) => {
    expect(create().answer(request(path, mode, method))).toBeUndefined()
  })

  it('elsewhere is neither', () => {
    const elsewhere = { ...request(''), url: 'https://host/assets/x.js', method: 'GET' } as Request
    expect(create().answer(elsewhere)).toBeUndefined()
  })
})

describe('a file whose name changes with its content', () => {
  it('is asked for once', async () => {
    const worker = create()
    for (let n = 0; n < 2; n++) await worker.answer(request('assets/b.js'))
    expect(asked).toEqual([`${BASE}assets/b.js`])
  })

  it('that is not there is asked for again', async () => {
    network = () => new Response('', { status: 404 })
    const worker = create()
    for (let n = 0; n < 2; n++) await worker.answer(request('assets/b.js'))
    expect(asked).toHaveLength(2)
  })
})

describe('a new version', () => {
  it('keeps what the one before has kept, for pages that are still open, and nothing older', async () => {
    for (const name of ['conductor-zero', 'conductor-one', 'somebody-else']) await caches.open(name)
    const worker = create()
    await worker.install()
    await worker.activate()
    expect(await caches.keys()).toEqual(['conductor-one', 'somebody-else', 'conductor-two'])
  })

  it('is none when a part of it cannot be had', async () => {
    network = () => new Response('', { status: 404 })
    await expect(create().install()).rejects.toThrow('offline was answered with 404')
  })
})

describe('a push', () => {
  it('is shown, by name and state, one for each session, and counted', async () => {
    await create().pushed(PAYLOAD)
    expect(shown[0]?.[0]).toBe('Release has failed')
    expect(shown[0]?.[1]).toMatchObject({
      ...{ tag: 'conductor-s 1', data: { sessionId: 's 1' }, icon: `${BASE}icons/192.png` },
    })
    expect(shown[0]?.[1]).not.toHaveProperty('body')
    expect(setAppBadge).toHaveBeenCalledWith(1)
  })

  it('that is tapped leads to its session: in the page that is open, else in a new one', async () => {
    const worker = create()
    await worker.clicked('s 1')
    expect(opened).toEqual([`${BASE}terminal#/session/s%201`])
    const page = { url: `${BASE}terminal#/x`, focus: vi.fn(async () => {}), postMessage: vi.fn() }
    windows = [{ ...page, url: BASE }, page]
    await worker.clicked('s 1')
    expect(page.postMessage).toHaveBeenCalledWith({ type: 'open', sessionId: 's 1' })
    expect(page.focus).toHaveBeenCalledOnce()
    expect(opened).toHaveLength(1)
  })
})
