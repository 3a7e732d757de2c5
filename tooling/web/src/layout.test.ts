import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { PHONE, SKIPPED, usePageWorld } from './page-world.ts'

const shown = (page: Page): Promise<number> => page.locator('[data-pane]').count()
const focused = (page: Page): Promise<string | null> =>
  page.locator('[data-pane][data-focused="true"]').getAttribute('data-pane')
const tabs = (page: Page): Promise<string[]> =>
  page.locator('[role="tab"] .tab-title').allTextContents()
const isTyping = (page: Page): Promise<boolean> =>
  page.evaluate(
    'document.activeElement?.closest("[data-focused=true]") !== null && document.activeElement?.classList.contains("xterm-helper-textarea")',
  )

describe.skipIf(SKIPPED)('tabs and panes', () => {
  const pages = usePageWorld()

  it('split, are walked between, resized, zoomed and closed by keyboard', async () => {
    const user = await pages.arrive()
    const { page } = user
    await page.keyboard.press('Control+Shift+E')
    await until(async () => (await shown(page)) === 2)
    await page.keyboard.press('Control+Shift+O')
    await until(async () => (await shown(page)) === 3)
    await until(() => isTyping(page), { what: 'the new pane has the keyboard' })

    const low = await focused(page)
    await page.keyboard.press('Control+Shift+ArrowUp')
    await until(async () => (await focused(page)) !== low)
    await page.keyboard.press('Control+Shift+ArrowLeft')
    await until(() => isTyping(page))
    await page.keyboard.type('echo in-the-$((40 + 2))nd')
    await page.keyboard.press('Enter')
    await user.sees(/in-the-42nd/)

    const separator = page.getByRole('separator').first()
    expect(await separator.getAttribute('aria-valuenow')).toBe('50')
    await separator.press('ArrowRight')
    expect(await separator.getAttribute('aria-valuenow')).toBe('54')
    const box = await separator.boundingBox()
    await page.mouse.move(box?.x ?? 0, (box?.y ?? 0) + 200)
    await page.mouse.down()
    await page.mouse.move((box?.x ?? 0) - 200, (box?.y ?? 0) + 200)
    await page.mouse.up()
    await until(async () => Number(await separator.getAttribute('aria-valuenow')) < 45)

    await page.keyboard.press('Control+Shift+X')
    await until(async () => (await shown(page)) === 1)
    await page.keyboard.press('Control+Shift+X')
    await until(async () => (await shown(page)) === 3)
    await page.keyboard.press('Control+Shift+D')
    await until(async () => (await shown(page)) === 2)
  }, 40_000)

  it('come back after a reload, with those that have ended meanwhile', async () => {
    const { page } = await pages.arrive()
    const { world } = pages
    await page.keyboard.press('Control+Shift+Enter')
    await until(async () => (await tabs(page)).length === 2)
    await page.keyboard.press('Control+Shift+E')
    await until(async () => (await shown(page)) === 2)
    const before = await tabs(page)
    const ids = (await world.api.list()).map(({ id }) => id)
    const doomed = ids.at(-1)
    await world.api.remove(String(doomed))
    await page.reload()
    await until(async () => (await shown(page)) === 2)
    expect(await tabs(page)).toHaveLength(before.length)
    await page.getByText('This session has ended').last().waitFor()
  }, 40_000)

  it('are moved by keyboard and by dragging, and closed without ending their session', async () => {
    const { page } = await pages.arrive()
    const { world } = pages
    await page.keyboard.press('Control+Shift+Enter')
    await until(async () => (await tabs(page)).length === 2)
    const [first, second] = await tabs(page)
    const count = (await world.api.list()).length
    await page.getByRole('tab').nth(1).press('Alt+ArrowLeft')
    await until(async () => (await tabs(page))[0] === second)
    await page
      .locator('.tab')
      .nth(0)
      .dragTo(page.locator('.tab').nth(1), { targetPosition: { x: 150, y: 10 } })
    await until(async () => (await tabs(page))[0] === first)
    await page.locator('.tab').nth(1).click({ button: 'middle' })
    await until(async () => (await tabs(page)).length === 1)
    expect((await world.api.list()).length).toBe(count)
  }, 40_000)

  it('are led to by an address, and the address follows', async () => {
    const { page } = await pages.arrive()
    const { world } = pages
    const [session] = await world.api.list()
    await page.goto(`${world.server.url}/terminal#/view/settings?at=7`)
    await page.reload()
    await page.getByRole('heading', { name: 'Settings', level: 2 }).waitFor()
    await page.evaluate(`location.hash = '#/session/${session?.id}'`)
    await page.locator(`[data-terminal="here/${session?.id}"]`).waitFor()
    expect(page.url()).toContain(`#/session/${session?.id}`)
    await page.keyboard.press('Control+Shift+S')
    await until(() => page.url().endsWith('#/view/settings'))
    await page.goto(`${world.server.url}/terminal#/view/unheard-of`)
    await page.reload()
    await page.getByText('This page cannot show that').waitFor()
  }, 40_000)

  it('fit on a phone one at a time', async () => {
    const { page } = await pages.arrive(PHONE)
    await page.getByRole('button', { name: 'New session in a tab' }).tap()
    await until(async () => (await page.locator('.bottom-title .tab-count').textContent()) === '2')
    expect(await shown(page)).toBe(1)
    await page.getByRole('button', { name: 'Switch to another' }).tap()
    await page.getByRole('option', { name: 'Settings' }).tap()
    await page.getByRole('heading', { name: 'Settings', level: 2 }).waitFor()
    const overflows = await page.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    )
    expect(overflows).toBe(false)
  }, 40_000)
})
