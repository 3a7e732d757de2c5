import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { axeProblems } from './axe.ts'
import { DESK, PHONE, SKIPPED, usePageWorld } from './page-world.ts'

const open = (page: Page): Promise<unknown> => page.evaluate("location.hash = '#/view/health'")

describe.skipIf(SKIPPED)('health', () => {
  const pages = usePageWorld()

  it('is told in plain words, and nobody is shut out', async () => {
    const { page } = await pages.arrive({ ...DESK, colorScheme: 'light' })
    await open(page)
    await page.getByText('All is well.').waitFor()
    await page.getByText('The server works through what it is asked.').waitFor()
    const facts = (await page.locator('.facts').textContent()) ?? ''
    expect(facts).toContain(`pid ${pages.world.server.pid}`)
    expect(facts).toMatch(/Heartbeat\d+ s ago/)
    expect(facts).toMatch(/\d (MB|GB|TB) free of/)
    expect(facts).toContain(`Node.js ${process.versions.node}`)
    expect(facts).toContain('No app has linked itself')
    await page.getByText('1 in all').waitFor()
    expect(await axeProblems(page)).toEqual([])
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.waitForFunction('getComputedStyle(document.body).color === "rgb(232, 233, 237)"')
    expect(await axeProblems(page)).toEqual([])
  }, 40_000)

  it('says what is wrong, and what to do, as it becomes so', async () => {
    const { page } = await pages.arrive(DESK)
    await open(page)
    await page.getByText('All is well.').waitFor()
    const check = (status: string) => [{ status, observedValue: 1, observedUnit: 'ms' }]
    // With status 200: a browser complains of any other, and that is not what is tested.
    await page.route('**/readyz', (route) =>
      route.fulfill({
        json: {
          status: 'fail',
          checks: { 'shutdown:responseTime': check('fail'), '<b>x</b>': check('pass') },
        },
      }),
    )
    await page.getByText('Something is wrong').waitFor({ timeout: 15_000 })
    await page.getByText('It was told to end').waitFor()
    await page.getByText('<b>x</b>').first().waitFor()
    await page.unroute('**/readyz')
    await page.getByText('All is well.').waitFor({ timeout: 15_000 })
  }, 60_000)

  it('fits on a phone', async () => {
    const { page } = await pages.arrive({ ...PHONE, colorScheme: 'dark' })
    await open(page)
    await page.getByText('All is well.').waitFor()
    expect(await axeProblems(page)).toEqual([])
    const overflows = await page.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    )
    expect(overflows).toBe(false)
  }, 40_000)
})
