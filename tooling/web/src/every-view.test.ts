import { readdirSync } from 'node:fs'
import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { axeProblems } from './axe.ts'
import { DESK, PHONE, SKIPPED, usePageWorld } from './page-world.ts'

/** Every folder with a `kind.ts` is a view; the one of terminals is tested by itself. */
const KINDS = readdirSync(new URL('../../../apps/web/src/views/', import.meta.url), {
  recursive: true,
  encoding: 'utf8',
})
  .flatMap((path) => /^([^/]+)\/kind\.ts$/.exec(path)?.[1] ?? [])
  .filter((kind) => kind !== 'terminal')
  .sort()

const LOOKS = [
  ['light, on a desk', { ...DESK, colorScheme: 'light' }],
  ['dark, on a desk', { ...DESK, colorScheme: 'dark' }],
  ['light, on a phone', { ...PHONE, colorScheme: 'light' }],
  ['dark, on a phone', { ...PHONE, colorScheme: 'dark' }],
  // WCAG 1.4.10: 1280 by 800 at 400 % is so wide.
  ['at 320 pixels', { viewport: { width: 320, height: 640 }, colorScheme: 'light' }],
  // 1280 by 800 at 200 %.
  [
    'at 200 %',
    { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2, colorScheme: 'dark' },
  ],
] as const

/** What is cut off at the side and cannot be scrolled to, of all that can be operated or read. */
const CUT_OFF = `[...document.querySelectorAll('.main button, .main a, .main input, .main select, .main h1, .main h2, .main p')]
  .filter((each) => {
    // For readers only, or belonging to the terminal, which pans by itself.
    if (each.closest('.for-readers, .skip-link, .xterm, [hidden]') || !each.checkVisibility()) return false
    const box = each.getBoundingClientRect()
    if (box.width < 2 || box.height < 2) return false
    for (let up = each.parentElement; up; up = up.parentElement) {
      const { overflowX } = getComputedStyle(up)
      if (overflowX === 'auto' || overflowX === 'scroll') return false
    }
    return box.right > innerWidth + 1 || box.left < -1
  })
  .map((each) => each.outerHTML.slice(0, 120))`

async function show(page: Page, kind: string, session: string): Promise<void> {
  await page.evaluate(`location.hash = '#/view/${kind}/${kind === 'replay' ? session : ''}'`)
  await page.locator(`[data-pane][data-kind="${kind}"]`).waitFor()
  await until(async () => (await page.locator('.view-loading').count()) === 0)
}

describe.skipIf(SKIPPED)('every view', () => {
  const pages = usePageWorld()

  it.each(LOOKS)(
    'shuts nobody out, and loses nothing at the side: %s',
    async (_, options) => {
      const { page } = await pages.arrive(options)
      const session = String((await pages.world.api.list()).at(-1)?.id)
      for (const kind of ['terminal', ...KINDS]) {
        if (kind !== 'terminal') await show(page, kind, session)
        expect({ kind, problems: await axeProblems(page) }).toEqual({ kind, problems: [] })
        expect({ kind, cut: await page.evaluate(CUT_OFF) }).toEqual({ kind, cut: [] })
        const isWider = await page.evaluate(
          'document.documentElement.scrollWidth > document.documentElement.clientWidth',
        )
        expect({ kind, isWider }).toEqual({ kind, isWider: false })
      }
    },
    90_000,
  )

  it('the login shuts nobody out either, at any width', async () => {
    const { page } = await pages.arrive()
    for (const [, options] of LOOKS) {
      await page.context().clearCookies()
      await page.emulateMedia({ colorScheme: options.colorScheme })
      if (options.viewport) await page.setViewportSize(options.viewport)
      await page.goto(pages.world.server.url)
      await page.getByLabel('Password').waitFor()
      expect(await axeProblems(page)).toEqual([])
      const isWider = await page.evaluate(
        'document.documentElement.scrollWidth > document.documentElement.clientWidth',
      )
      expect(isWider).toBe(false)
    }
  }, 40_000)
})
