import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { axeProblems } from './axe.ts'
import { DESK, PHONE, SKIPPED, usePageWorld } from './page-world.ts'

const DOWNTIME = /ERR_|Failed to load resource|WebSocket connection|failed to fetch/i

describe.skipIf(SKIPPED)('the page as an installed one', () => {
  const pages = usePageWorld()

  const ready = (page: Page): Promise<unknown> =>
    page.evaluate(
      'navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller ? true : new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done))).then(() => true)',
    )

  const start = (): Promise<void> =>
    pages.world.server.start(process.env['CONDUCTOR_SERVER_PROGRAM'])

  it('says that the server is away, and comes back by itself to where it was', async () => {
    const user = await pages.arrive({ ...PHONE, colorScheme: 'dark' })
    const { page } = user
    pages.forgive(DOWNTIME)
    await ready(page)
    const address = page.url()
    await pages.world.server.kill()
    await page.reload()
    await page.getByRole('heading', { name: 'The server cannot be reached' }).waitFor()
    expect(await axeProblems(page)).toEqual([])
    expect(page.url()).toBe(address)
    let loads = 0
    page.on('framenavigated', () => loads++)
    await page.waitForTimeout(2_500)
    expect(loads).toBe(0)
    await start()
    await page.locator('.terminal[data-connection="live"]').waitFor({ timeout: 20_000 })
    expect(page.url()).toBe(address)
    expect(loads).toBe(1)
  }, 60_000)

  it('keeps nothing that the server knows', async () => {
    const { page } = await pages.arrive(DESK)
    await ready(page)
    await page.reload()
    await page.locator('.terminal[data-connection="live"]').waitFor()
    const kept = (await page.evaluate(
      'caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys())))).then((all) => all.flat().map(({ url }) => new URL(url).pathname))',
    )) as string[]
    expect(kept).toContain('/offline')
    expect(kept.every((path) => path === '/offline' || path.startsWith('/assets/'))).toBe(true)
  }, 40_000)

  it('can be installed: a manifest whose addresses are below its own, and icons of the sizes it says', async () => {
    const { page } = await pages.arrive(DESK)
    const link = await page.locator('link[rel="manifest"]').getAttribute('href')
    const at = new URL(link ?? '', page.url())
    const manifest = (await (await page.request.get(at.href)).json()) as {
      readonly start_url: string
      readonly scope: string
      readonly icons: readonly { readonly src: string; readonly sizes: string }[]
    }
    for (const address of [manifest.start_url, manifest.scope]) expect(address).toMatch(/^\.\//)
    for (const { src, sizes } of manifest.icons) {
      const picture = await (await page.request.get(new URL(src, at).href)).body()
      // In a PNG the width stands behind the signature and the head of the first chunk.
      expect(`${picture.readUInt32BE(16)}x${picture.readUInt32BE(20)}`).toBe(sizes)
    }
    const devtools = await page.context().newCDPSession(page)
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors')
    const ids = installabilityErrors.map(({ errorId }) => errorId)
    // Tests run in windows that leave no trace, and there nothing can be installed.
    expect(ids.filter((id) => id !== 'in-incognito')).toEqual([])
  }, 40_000)

  it('shows what is pushed to it, and counts it', async () => {
    const { page } = await pages.arrive(DESK)
    await page.context().grantPermissions(['notifications'])
    await ready(page)
    const devtools = await page.context().newCDPSession(page)
    let registrationId = ''
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      registrationId = registrations.at(-1)?.registrationId ?? registrationId
    })
    await devtools.send('ServiceWorker.enable')
    await until(() => registrationId !== '')
    const data = JSON.stringify({
      ...{ v: 1, type: 'attention', sessionId: 's1', name: 'Release', state: 'waiting' },
      ...{ since: '2026-01-01T00:00:00.000Z', text: 'May I push?' },
    })
    const origin = new URL(page.url()).origin
    await devtools.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data })
    const shown = (): Promise<unknown> =>
      page.evaluate(
        'navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) => all.map(({ title, body, tag }) => [title, body, tag]))',
      )
    await until(async () => ((await shown()) as unknown[]).length === 1)
    expect(await shown()).toEqual([['Release waits for you', 'May I push?', 'conductor-s1']])
  }, 40_000)

  it('goes to the session of a message that is tapped, in the page that is open', async () => {
    const { page } = await pages.arrive(DESK)
    await ready(page)
    const [session] = await pages.world.api.list()
    // What the service worker says to a page: see worker.ts.
    await page.evaluate(
      `navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data: { type: 'open', sessionId: '${session?.id}' } }))`,
    )
    await until(() => page.url().endsWith(`#/session/${session?.id}`))
  }, 40_000)
})
