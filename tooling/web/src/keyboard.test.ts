import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { axeProblems } from './axe.ts'
import { CUT_OFF, DESK, SKIPPED, usePageWorld } from './page-world.ts'

/** What has the keyboard, by the name that a reader would say. */
const named = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const { activeElement: at } = document
    const label = at.getAttribute('aria-label') ?? at.textContent
    return label.replace(/\\s+/g, ' ').trim()
  })()`)

const inTerminal = (page: Page): Promise<boolean> =>
  page.evaluate('document.activeElement.classList.contains("xterm-helper-textarea")')

describe.skipIf(SKIPPED)('without a mouse, and without seeing the page', () => {
  const pages = usePageWorld()

  it('Tab comes to everything in the order in which it is read, beginning with the way past it', async () => {
    const user = await pages.arrive()
    const { page } = user
    await page.reload()
    await user.sees(/[#$] *\n/)
    await page.keyboard.press('Control+Shift+L')
    await until(async () => !(await inTerminal(page)))
    await page.evaluate('document.querySelector(".skip-link").focus()')
    expect(await named(page)).toBe('Skip to the terminal')
    const order: string[] = []
    while (!(await inTerminal(page)) && order.length < 60) {
      await page.keyboard.press('Tab')
      order.push(await named(page))
    }
    expect(order.slice(0, 2)).toEqual(['Hide the list', 'New session'])
    const at = (name: string): number => order.findIndex((each) => each.startsWith(name))
    const steps = [at('Terminal 1'), at('Settings'), at('Log out'), at('Split right')]
    expect(steps.every((step) => step > 0)).toBe(true)
    expect(steps).toEqual(steps.toSorted((a, b) => a - b))
    expect(order.at(-1)).toMatch(/^Terminal /)

    await page.evaluate('document.querySelector(".skip-link").focus()')
    await page.keyboard.press('Enter')
    await until(() => inTerminal(page))
  }, 40_000)

  it('a terminal says how one gets out of it, and so does the help', async () => {
    const { page } = await pages.arrive()
    const field = page.locator('.xterm-helper-textarea')
    const hint = await field.getAttribute('aria-describedby')
    expect(await page.locator(`[id="${hint}"]`).textContent()).toMatch(
      /Tab too.*Control Shift L.*Control Shift Z.*Control Shift H/,
    )
    await page.keyboard.press('Control+Shift+H')
    await page
      .getByRole('dialog')
      .getByText(/Ctrl Shift L leads out of it/)
      .waitFor()
    await page.keyboard.press('Escape')
    await until(() => inTerminal(page))
  }, 40_000)

  it('Tab is for the program; two keys lead out of the terminal, back and onwards', async () => {
    const user = await pages.arrive()
    const { page } = user
    await page.keyboard.type('echo ta')
    await page.keyboard.press('Tab')
    expect(await inTerminal(page)).toBe(true)
    await page.keyboard.press('Control+C')
    await page.keyboard.press('Control+Shift+L')
    await until(async () => (await named(page)).startsWith('Terminal '))
    expect(await inTerminal(page)).toBe(false)
    await page.keyboard.press('Enter')
    await until(() => inTerminal(page))
    await page.keyboard.press('Control+Shift+E')
    await until(async () => (await page.locator('[data-pane]').count()) === 2)
    await page.keyboard.press('Control+Shift+ArrowLeft')
    await until(() => inTerminal(page))
    await page.keyboard.press('Control+Shift+Z')
    await until(async () => !(await inTerminal(page)))
    expect(await named(page)).toBe('Size of the panes')
  }, 40_000)

  it('the output is written as text once a person says so, and that is said', async () => {
    const user = await pages.arrive()
    const { page } = user
    const region = page.locator('.toasts')
    expect(await region.getAttribute('aria-live')).toBe('polite')
    expect(await region.getAttribute('aria-atomic')).toBe('false')
    await page.keyboard.press('Control+Shift+P')
    await page.keyboard.type('screen readers')
    await page.getByRole('option', { name: /for screen readers/ }).waitFor()
    await page.keyboard.press('Enter')
    await region.getByText('Terminals are written as text for screen readers').waitFor()
    await page.locator('.xterm-accessibility').waitFor({ state: 'attached' })
    await user.type('echo spoken-$((40 + 2))')
    const said = page.locator('.xterm-accessibility')
    await until(
      async () =>
        /^spoken-42/m.test((await said.allTextContents()).join('\n')) ||
        /spoken-42/.test(String(await said.textContent())),
    )
    expect(await page.locator('.xterm-accessibility [aria-live]').count()).toBeGreaterThan(0)
    expect(await axeProblems(page)).toEqual([])
  }, 40_000)

  it('a lost connection is said once, and once that it is back', async () => {
    const { page } = await pages.arrive()
    const { world } = pages
    await page.evaluate(`(() => {
      const region = document.querySelector('.status-bar [role="status"]')
      globalThis.said = []
      new MutationObserver(() => said.push(region.textContent))
        .observe(region, { childList: true, characterData: true, subtree: true })
    })()`)
    const said = (): Promise<readonly string[]> => page.evaluate('said')
    await world.server.kill()
    await page.getByText(/Reconnecting \(2\/20\)/).waitFor({ timeout: 15_000 })
    await world.server.start()
    await until(async () => (await said()).at(-1) === 'Connected again', { timeoutMs: 20_000 })
    expect(await said()).toEqual([
      'Connection lost. Reconnecting by itself; typing is kept.',
      'Connected again',
    ])
    pages.forgive(CUT_OFF)
  }, 60_000)

  it('nothing moves for whoever wants it still', async () => {
    const { page } = await pages.arrive({ ...DESK, reducedMotion: 'reduce' })
    await page.keyboard.press('Control+Shift+P')
    await page.getByRole('combobox').waitFor()
    const slow = await page.evaluate(
      `[...document.querySelectorAll('*')].map((each) => getComputedStyle(each))
        .filter((style) => [style.transitionDuration, style.animationDuration]
          .some((text) => text.split(', ').some((part) => parseFloat(part) > 0.001))).length`,
    )
    expect(slow).toBe(0)
  }, 40_000)

  it('what is chosen, on or focused can be told where the system has taken the colours', async () => {
    const { page } = await pages.arrive({ ...DESK, forcedColors: 'active' })
    const outline = (selector: string): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).outlineStyle`)
    for (const chosen of ['.tab[data-selected="true"]', '.session-row[data-selected="true"]'])
      expect(await outline(chosen)).toBe('solid')
    await page.locator('.stage').first().click({ button: 'right' })
    await page.getByRole('menu').waitFor()
    await until(async () => (await outline('.menu-item:focus')) === 'solid')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+Shift+P')
    await until(async () => (await outline('.palette-item[aria-selected="true"]')) === 'solid')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+Shift+S')
    const ground = (selector: string): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).backgroundColor`)
    await page.locator('.switch').first().waitFor()
    expect(await ground('.switch:checked')).not.toBe(await ground('.switch:not(:checked)'))
    expect(await axeProblems(page)).toEqual([])
  }, 40_000)
})
