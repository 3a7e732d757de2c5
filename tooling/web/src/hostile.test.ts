import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { User } from '@conductor/browser'
import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { FILE_NAMES, MARKUP, OUTPUT, UNICODE } from './hostile-text.ts'
import { SKIPPED, usePageWorld } from './page-world.ts'

// That no box opens, nothing is asked of elsewhere and nothing is said on the console holds in every
// test here: `arrive` looks at the end.

/** Elements that only somebody else's text could have made. */
const FOREIGN = `[...document.querySelectorAll('*')].filter((each) =>
    each.matches('iframe, object, embed, base, math, meta[http-equiv=refresh], script:not([src]), img:not([src^="blob:"])')
    || [...each.attributes].some(({ name, value }) => name.startsWith('on') || /^javascript:/i.test(value.trim()) && /^(href|src|action)$/.test(name)))
  .map((each) => each.outerHTML.slice(0, 100))`

const isClean = async (page: Page): Promise<void> =>
  expect(await page.evaluate(FOREIGN)).toEqual([])

/** Gives the terminal files to send, as somebody who drops or pastes them. */
const pasteFiles = (page: Page, names: readonly string[]): Promise<unknown> =>
  page.evaluate(`(() => {
    const data = new DataTransfer()
    for (const name of ${JSON.stringify(names)})
      data.items.add(new File(['<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'], name, { type: 'image/svg+xml' }))
    document.activeElement.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  })()`)

async function stillWorks(user: User): Promise<void> {
  await user.type('echo fine-$((40 + 2))')
  await user.sees(/^fine-42/m)
}

describe.skipIf(SKIPPED)('text that somebody hostile has written', () => {
  const pages = usePageWorld()

  it('is text in names of sessions, wherever they stand', async () => {
    const user = await pages.arrive()
    const { page } = user
    const { api } = pages.world
    const taken: string[] = []
    for (const name of [...MARKUP, ...UNICODE]) {
      const answer = await api.request('POST', '/api/sessions', { name, durability: 'server' })
      // Some are no name at all; none is a failure of the server.
      expect([201, 400]).toContain(answer.status)
      if (answer.status === 201) taken.push(((await answer.json()) as { name: string }).name)
    }
    expect(taken.length).toBeGreaterThan(MARKUP.length / 2)
    await until(async () => {
      const shown = await page.locator('.session-name').allTextContents()
      return taken.every((name) => shown.includes(name))
    })
    await isClean(page)
    const name = '<img src=x onerror=alert(1)>'
    await page.locator('.session-open', { hasText: name }).first().click()
    await until(async () => (await page.title()).includes(name))
    await page.keyboard.press('Control+Shift+K')
    await page.getByRole('combobox').fill('img onerror')
    await page.getByRole('option').first().waitFor()
    await isClean(page)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: `Delete ${name}` }).click()
    await page.getByRole('alertdialog').getByText(name).first().waitFor()
    await isClean(page)
    await page.keyboard.press('Escape')
    await page.reload()
    await page.locator('.session-open', { hasText: name }).first().waitFor()
    await isClean(page)
  }, 90_000)

  it('is text in output and in titles, and the terminal goes on', async () => {
    const user = await pages.arrive()
    const { page } = user
    const file = join(pages.world.server.dir, 'hostile')
    // Each is followed by a reset, so that none hides in what another has done.
    writeFileSync(file, OUTPUT.map((text) => `${text}\n\u001bc`).join(''))
    await user.type(`cat ${file}; printf '\\033c'; echo "all-$((40 + 2))-written"`)
    await user.sees(/^all-42-written/m, 20_000)
    await isClean(page)
    await stillWorks(user)
    // The longest title has been cut, and turns nothing round.
    const title = await page.evaluate('document.title + document.body.innerText')
    expect(String(title).length).toBeLessThan(20_000)
    expect(title).not.toContain('\u202e')
    // Read once more by a page that knows nothing yet.
    await page.reload()
    await user.sees(/^fine-42/m, 15_000)
    await isClean(page)
    await page.keyboard.press('Control+Shift+P')
    await page.keyboard.type('screen readers')
    await page.keyboard.press('Enter')
    await page.locator('.xterm-accessibility').waitFor({ state: 'attached' })
    await isClean(page)
    await page.keyboard.press('Control+Shift+P')
    await page.keyboard.type('read the session as text')
    await page.keyboard.press('Enter')
    await page.locator('.terminal[data-reading="true"]').waitFor()
    await isClean(page)
  }, 60_000)

  it('is text in names of files that are sent, and one word of the shell', async () => {
    const user = await pages.arrive()
    const { page } = user
    await page.keyboard.type('printf "[%s]" ')
    await pasteFiles(page, FILE_NAMES)
    await page.locator('.toast').first().waitFor()
    await isClean(page)
    await until(async () => (await user.screen()).split(/svg|png/).length > FILE_NAMES.length)
    await page.keyboard.type('; echo; ls evil; echo sent-$((40 + 2))')
    await page.keyboard.press('Enter')
    await user.sees(/^sent-42/m)
    expect(await user.screen()).toMatch(/cannot access 'evil'/)
    await isClean(page)
  }, 60_000)

  it('is text in what the server complains of', async () => {
    const { page } = await pages.arrive()
    pages.forgive(/status of 500/)
    for (const error of MARKUP.slice(0, 8)) {
      await page.route('**/api/sessions', (route) =>
        route.request().method() === 'POST'
          ? route.fulfill({
              status: 500,
              contentType: 'application/json',
              body: JSON.stringify({ error }),
            })
          : route.continue(),
      )
      await page.keyboard.press('Control+Shift+Enter')
      await page.locator('.toast', { hasText: error }).first().waitFor()
      await isClean(page)
      await page.unroute('**/api/sessions')
    }
  }, 60_000)

  it('is no name of a process', async () => {
    await pages.arrive()
    for (const name of MARKUP) {
      const body = { processes: [{ name, command: 'true' }] }
      const answer = await pages.world.api.request('PUT', '/api/processes?wait=false', body)
      if (/^[\w.-]+$/.test(name)) continue
      expect({ name, status: answer.status }).toEqual({ name, status: 400 })
    }
  }, 40_000)

  it('is no address that the page follows', async () => {
    const { page } = await pages.arrive()
    for (const text of MARKUP) {
      await page.evaluate(
        `location.hash = '#/view/' + ${JSON.stringify(encodeURIComponent(text))} + '/' + ${JSON.stringify(encodeURIComponent(text))}`,
      )
      await page.evaluate(`location.hash = '#/session/' + ${JSON.stringify(text)}`)
    }
    await isClean(page)
    pages.forgive(/404/)
  }, 60_000)
})
