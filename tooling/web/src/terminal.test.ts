import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { SKIPPED, usePageWorld } from './page-world.ts'

/** Pastes as a browser does: an event with the text, and perhaps files. */
async function paste(
  page: Page,
  text: string,
  file?: { name: string; type: string },
): Promise<void> {
  await page.evaluate(
    `(() => {
      const data = new DataTransfer()
      const [text, file] = ${JSON.stringify([text, file ?? null])}
      if (text) data.setData('text/plain', text)
      if (file) data.items.add(new File(['bytes'], file.name, { type: file.type }))
      document.activeElement.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      )
    })()`,
  )
}

describe.skipIf(SKIPPED)('a terminal in the page', () => {
  const pages = usePageWorld()

  it('is searched, with case and as an expression', async () => {
    const user = await pages.arrive()
    const { page } = user
    await user.type('for i in 1 2 3; do echo needle-$i NEEDLE; done; clear -x; echo over')
    await user.sees(/^over$/m)
    await user.type(
      'printf "x%.0s\\n" $(seq 5); for i in 1 2 3; do echo "a nee""dle $i Nee""dle"; done',
    )
    await user.sees(/a needle 3 Needle/)
    // Not a key of what follows the shortcut may reach the shell.
    await page.keyboard.press('Control+Shift+F')
    await page.keyboard.type('a needle [0-9]')
    const count = page.locator('.find-count')
    await until(async () => (await count.textContent()) === 'None')
    await page.getByRole('button', { name: 'Regular expression' }).click()
    await until(async () => (await count.textContent()) === '3 of 3')
    await page.getByLabel('Find', { exact: true }).press('Enter')
    await until(async () => (await count.textContent()) === '2 of 3')
    await page.getByRole('button', { name: 'Newer find' }).click()
    await until(async () => (await count.textContent()) === '3 of 3')
    await page.getByLabel('Find', { exact: true }).fill('a Needle [')
    await until(async () => (await count.textContent()) === 'No expression')
    await page.getByLabel('Find', { exact: true }).fill('a Needle .')
    await until(async () => (await count.textContent()) === '3 of 3')
    await page.getByRole('button', { name: 'Match case' }).click()
    await until(async () => (await count.textContent()) === 'None')
    await page.getByLabel('Find', { exact: true }).press('Escape')
    await user.type('echo typed-on')
    await user.sees(/^typed-on$/m)
  }, 40_000)

  it('shows several lines before they are pasted, unless the program knows what a paste is', async () => {
    const user = await pages.arrive()
    const { page } = user
    // `cat` knows no bracketed paste; the shell turns it off while it runs something.
    await user.type('cat')
    await until(
      async () => !(await page.evaluate('document.querySelector("dialog[open]") !== null')),
    )
    await page.waitForTimeout(200)
    await paste(page, 'first line\nsecond line')
    await page.getByRole('alertdialog').getByText('Paste 2 lines?').waitFor()
    await page.keyboard.press('Escape')
    await until(async () => (await page.getByRole('alertdialog').count()) === 0)
    await paste(page, 'one\ntwo\n')
    await page.getByRole('button', { name: 'Paste' }).click()
    await user.sees(/one\n+two\n+one/)
    expect(await user.screen()).not.toContain('first line')
    await page.keyboard.press('Control+C')
    await user.sees(/\^C[\s\S]*[#$] *\n/)
    await user.type("printf '\\e[?2004h'; read -r line")
    await page.waitForTimeout(200)
    await paste(page, 'three\nfour')
    expect(await page.getByRole('alertdialog').count()).toBe(0)
    await page.keyboard.press('Control+C')
  }, 40_000)

  it('behind another tab tells of output and of its bell, but not of old ones', async () => {
    const user = await pages.arrive()
    const { page } = user
    await user.type('sleep 1.5; echo something; sleep 1.5; printf "\\a"')
    await page.keyboard.press('Control+Shift+S')
    const tab = page.locator('.tab').first()
    await until(async () => (await tab.getAttribute('data-mark')) === 'activity')
    await until(async () => (await tab.getAttribute('data-mark')) === 'bell', { timeoutMs: 8_000 })
    await page.getByRole('tab').first().click()
    await until(async () => (await tab.getAttribute('data-mark')) === 'none')
    await page.keyboard.press('Control+Shift+S')
    await page.reload()
    await page.getByRole('tab').first().waitFor()
    expect(await tab.getAttribute('data-mark')).toBe('none')
  }, 40_000)

  it('shows where a link leads that stands behind other words', async () => {
    const user = await pages.arrive()
    const { page } = user
    await user.type("printf '\\e]8;;https://example.test/there\\e\\\\harmless\\e]8;;\\e\\\\\\n'")
    await user.sees(/^harmless/m)
    const row = page.locator('.xterm-rows > div', { hasText: /^harmless/ })
    const box = await row.boundingBox()
    const [x, y] = [(box?.x ?? 0) + 20, (box?.y ?? 0) + 8]
    await page.mouse.move(x + 3, y)
    await page.mouse.move(x, y)
    await until(() => page.evaluate('document.querySelector(".xterm-cursor-pointer") !== null'))
    await page.mouse.click(x, y)
    const dialog = page.getByRole('alertdialog')
    await dialog.getByText('https://example.test/there').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    expect(page.context().pages()).toHaveLength(1)
  }, 40_000)

  it('takes a picture that is pasted, and types where it lies', async () => {
    const user = await pages.arrive()
    const { page } = user
    await page.keyboard.type('cat ')
    await paste(page, '', { name: 'a shot.png', type: 'image/png' })
    await user.sees(/cat \S*shot\.png/)
    await page.keyboard.press('Enter')
    await user.sees(/^bytes/m)
  }, 40_000)

  it('gets larger and smaller by keyboard, and tells the program', async () => {
    const user = await pages.arrive()
    const { page } = user
    const columns = async (): Promise<number> => {
      await user.type('clear; stty size')
      const [, cols] = await user.sees(/^\d+ (\d+)$/m)
      return Number(cols)
    }
    const before = await columns()
    for (let n = 0; n < 6; n++) await page.keyboard.press('Control+Shift+Period')
    await until(async () => (await columns()) < before)
    await page.keyboard.press('Control+Shift+Backspace')
    await until(async () => (await columns()) === before)
  }, 40_000)

  it('puts text into the clipboard only as the settings say', async () => {
    const user = await pages.arrive()
    const { page } = user
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const copied = (): Promise<unknown> => page.evaluate('navigator.clipboard.readText()')
    await page.evaluate('navigator.clipboard.writeText("untouched")')
    const write = 'printf \'\\e]52;c;c2VjcmV0\\a\'; echo d""one'
    await user.type(write)
    await user.sees(/^done$/m)
    expect(await copied()).toBe('untouched')
    await page.keyboard.press('Control+Shift+S')
    await page.getByLabel('Put text into the clipboard').selectOption('ask')
    await page.getByRole('tab').first().click()
    await until(() => page.evaluate('document.activeElement.className.includes("xterm")'))
    await user.type(`clear; ${write}`)
    await page.getByRole('alertdialog').getByText('secret').waitFor()
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await until(async () => (await copied()) === 'secret')
  }, 40_000)
})
