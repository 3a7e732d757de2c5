import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { axeProblems } from './axe.ts'
import { DESK, PHONE, SKIPPED, usePageWorld } from './page-world.ts'

const background = (page: Page, selector: string): Promise<unknown> =>
  page.evaluate(`getComputedStyle(document.querySelector('${selector}')).backgroundColor`)

describe.skipIf(SKIPPED)('how the page looks', () => {
  const pages = usePageWorld()

  it.each(['light', 'dark'] as const)(
    'nobody is shut out when it is %s',
    async (colorScheme) => {
      const { page } = await pages.arrive({ ...DESK, colorScheme })
      await page.keyboard.press('Control+Shift+E')
      await until(async () => (await page.locator('[data-pane]').count()) === 2)
      expect(await axeProblems(page)).toEqual([])
      await page.keyboard.press('Control+Shift+F')
      await page.getByLabel('Find', { exact: true }).fill('x')
      expect(await axeProblems(page)).toEqual([])
      await page.keyboard.press('Escape')
      for (const [keys, role] of [
        ['Control+Shift+P', 'combobox'],
        ['Control+Shift+K', 'combobox'],
        ['Control+Shift+H', 'dialog'],
      ] as const) {
        await page.keyboard.press(keys)
        await page.getByRole(role).first().waitFor()
        expect(await axeProblems(page)).toEqual([])
        await page.keyboard.press('Escape')
        await until(async () => (await page.locator('dialog[open]').count()) === 0)
      }
      await page.keyboard.press('Control+Shift+S')
      await page.getByLabel('Ligatures').waitFor()
      expect(await axeProblems(page)).toEqual([])
      await page.locator('[role="tab"]').first().click()
      await page.locator('.stage').first().click({ button: 'right' })
      await page.getByRole('menu').waitFor()
      expect(await axeProblems(page)).toEqual([])
    },
    60_000,
  )

  it.each(['light', 'dark'] as const)(
    'nor on a phone when it is %s',
    async (colorScheme) => {
      const { page } = await pages.arrive({ ...PHONE, colorScheme })
      expect(await axeProblems(page)).toEqual([])
      await page.getByRole('button', { name: 'Show the sessions' }).tap()
      await page.getByRole('button', { name: 'Close the list' }).first().waitFor()
      expect(await axeProblems(page)).toEqual([])
    },
    60_000,
  )

  it('follows the system, until a person chooses', async () => {
    const { page } = await pages.arrive({ ...DESK, colorScheme: 'dark' })
    const dark = await background(page, 'body')
    await page.emulateMedia({ colorScheme: 'light' })
    await until(async () => (await background(page, 'body')) !== dark)
    await page.keyboard.press('Control+Shift+S')
    await page.getByLabel('Colours').first().selectOption('dark')
    await until(async () => (await background(page, 'body')) === dark)
    await page.reload()
    expect(await background(page, 'body')).toBe(dark)
  }, 40_000)

  it('gives terminals the colours, the size and the cursor that were chosen, also after a reload', async () => {
    const { page } = await pages.arrive()
    await page.keyboard.press('Control+Shift+S')
    await page.getByLabel('Colours').nth(1).selectOption('dracula')
    await page.getByLabel('Text size').fill('20')
    await page.getByLabel('Text size').press('Enter')
    for (const name of ['Ligatures', 'For screen readers']) await page.getByLabel(name).check()
    await page.locator('[role="tab"]').first().click()
    const looks = async (): Promise<boolean> =>
      (await page.evaluate(
        'getComputedStyle(document.querySelector(".xterm-rows")).fontSize === "20px" && getComputedStyle(document.querySelector(".xterm-scrollable-element")).backgroundColor === "rgb(40, 42, 54)"',
      )) === true
    await until(looks)
    await page.locator('.xterm-accessibility').waitFor({ state: 'attached' })
    await page.reload()
    await page.locator('.xterm-rows').waitFor()
    await until(looks)
  }, 40_000)

  it('finds commands by a few letters, and says so to readers', async () => {
    const { page } = await pages.arrive()
    await page.keyboard.press('Control+Shift+P')
    const field = page.getByRole('combobox', { name: 'Commands' })
    await field.fill('split')
    const active = async (): Promise<string | null> => {
      const id = await field.getAttribute('aria-activedescendant')
      return page.locator(`[id="${id}"]`).getAttribute('data-item')
    }
    const first = page.getByRole('option').first()
    await until(async () => (await active()) === 'pane.splitDown')
    expect(await first.getAttribute('aria-selected')).toBe('true')
    await field.press('ArrowDown')
    await until(async () => (await active()) === 'pane.splitRight')
    await field.press('Enter')
    await until(async () => (await page.locator('[data-pane]').count()) === 2)
    await page.keyboard.press('Control+Shift+K')
    await page.getByRole('combobox').fill('>open settings')
    await until(async () => (await first.getAttribute('data-item')) === 'view.settings')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+Shift+L')
    await until(() => page.evaluate('document.activeElement.classList.contains("session-open")'))
  }, 40_000)
})
