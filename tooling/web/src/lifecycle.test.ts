import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { CUT_OFF, SKIPPED, usePageWorld } from './page-world.ts'

const connection = (page: Page): Promise<string | null> =>
  page.locator('.terminal').first().getAttribute('data-connection')

const isLive = async (page: Page): Promise<boolean> => (await connection(page)) === 'live'

/** How often this stands in all that the newest session has ever said. */
async function countInLog(pages: ReturnType<typeof usePageWorld>, text: string): Promise<number> {
  const id = String((await pages.world.api.list()).at(-1)?.id)
  const { bytes } = await pages.world.api.output(id)
  return bytes.toString('latin1').split(text).length - 1
}

describe.skipIf(SKIPPED)('a page', () => {
  const pages = usePageWorld({ bfcache: true })

  it('that was frozen goes on when it thaws, and has all that was said meanwhile', async () => {
    const user = await pages.arrive()
    const { page } = user
    const browser = await page.context().newCDPSession(page)
    await user.type(
      'for i in $(seq 30); do echo tick-$i; sleep 0.1; done; echo all-$((40 + 2))-said',
    )
    await user.sees(/^tick-2$/m)
    await browser.send('Page.setWebLifecycleState', { state: 'frozen' })
    await until(async () => (await countInLog(pages, 'all-42-said')) === 1, { timeoutMs: 15_000 })
    await browser.send('Page.setWebLifecycleState', { state: 'active' })
    await user.sees(/^all-42-said$/m, 15_000)
    const screen = await user.screen()
    for (let n = 12; n <= 30; n++)
      expect(screen.match(new RegExp(`^tick-${n}\\s*$`, 'gm'))).toHaveLength(1)
    await user.type('echo still-$((40 + 2))-typed')
    await user.sees(/^still-42-typed$/m)
  }, 60_000)

  it('without a network keeps what is typed, and types it once when the network is back', async () => {
    const user = await pages.arrive()
    const { page } = user
    pages.forgive(CUT_OFF)
    await page.context().setOffline(true)
    // What a dead network does to a socket takes time; what is typed before that counts as well.
    await user.type('echo typed-$((40 + 2))-offline')
    await page
      .getByText(/not sent yet|Reconnecting/)
      .first()
      .waitFor({ timeout: 40_000 })
    await page.context().setOffline(false)
    await user.sees(/^typed-42-offline$/m, 20_000)
    await until(() => isLive(page))
    await user.type('echo and-$((40 + 2))-on')
    await user.sees(/^and-42-on$/m)
    expect(await countInLog(pages, 'typed-42-offline')).toBe(1)
  }, 90_000)

  it('that somebody leaves and comes back to has its session, and goes on', async () => {
    const user = await pages.arrive()
    const { page } = user
    await page.evaluate(
      'addEventListener("pageshow", ({ persisted }) => { globalThis.cameBack = persisted })',
    )
    await user.type('echo before-$((40 + 2))')
    await user.sees(/^before-42$/m)
    // The browser says of the socket what it does with it.
    pages.forgive(/Page entered Back-Forward Cache/)
    await page.goto('about:blank')
    // A page that was kept is not loaded.
    await page.goBack({ waitUntil: 'commit' })
    await user.sees(/^before-42$/m, 15_000)
    await until(() => isLive(page))
    await user.type('echo after-$((40 + 2))')
    await user.sees(/^after-42$/m)
    expect(await page.evaluate('globalThis.cameBack')).toBe(true)
    expect((await user.screen()).match(/^before-42/gm)).toHaveLength(1)
    expect(user.logins).toBe(1)
  }, 60_000)

  it('that was in the background for ten minutes is back at once', async () => {
    const user = await pages.arrive()
    const { page } = user
    const { world } = pages
    pages.forgive(CUT_OFF)
    // Its clock is ours: ten minutes pass in a moment, and its timers with them.
    await page.clock.install()
    await page.reload()
    await user.sees(/[#$] *\n/)
    await until(() => isLive(page))
    const hide = (hidden: boolean): Promise<unknown> =>
      page.evaluate(`(() => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, value: ${hidden ? "'hidden'" : "'visible'"} })
        Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} })
        document.dispatchEvent(new Event('visibilitychange'))
      })()`)
    await hide(true)
    await world.server.kill()
    await until(async () => !(await isLive(page)))
    await page.clock.fastForward('10:00')
    await world.server.start()
    const cameBackMs = performance.now()
    await hide(false)
    await until(() => isLive(page), { timeoutMs: 10_000 })
    // A wait of the schedule would be up to 30 s; its clock stands still but for real time.
    expect(performance.now() - cameBackMs).toBeLessThan(10_000)
    await user.type('echo back-$((40 + 2))')
    await user.sees(/^back-42$/m)
  }, 60_000)
})
