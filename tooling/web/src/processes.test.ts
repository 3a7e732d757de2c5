import { readFileSync } from 'node:fs'
import { until } from '@conductor/testing'
import type { Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { axeProblems } from './axe.ts'
import { HOSTILE, type Managed, manage } from './managed.ts'
import { DESK, PHONE, SKIPPED, usePageWorld } from './page-world.ts'

const open = (page: Page, hash: string): Promise<unknown> =>
  page.evaluate(`location.hash = '${hash}'`)
const row = (page: Page, name: string): Locator =>
  page.locator('tr, .card').filter({ has: page.locator(`[data-process="${name}"]`) })
const says = (locator: Locator, text: RegExp | string): Promise<unknown> =>
  locator.filter({ hasText: text }).first().waitFor()
const log = (page: Page): Locator => page.locator('.log-scroll')
const lines = (page: Page): Locator => page.locator('.log-line')

describe.skipIf(SKIPPED)('processes', () => {
  const pages = usePageWorld()
  let managed: Managed

  it('are taught where there are none', async () => {
    const { page } = await pages.arrive()
    await page.keyboard.press('Control+Shift+P')
    await page.getByRole('combobox').fill('open processes')
    await page.keyboard.press('Enter')
    await page.getByText('No processes yet').waitFor()
    const file = (await page.locator('.copied pre').first().textContent()) ?? ''
    expect(file).toContain('processes:')
    expect(await axeProblems(page)).toEqual([])
  }, 40_000)

  describe('that run, crash and rest', () => {
    beforeAll(async () => {
      if (!SKIPPED) managed = await manage(pages.world)
    })

    it('are a table that lives by events alone, and nobody is shut out', async () => {
      const { page } = await pages.arrive({ ...DESK, colorScheme: 'light' })
      const asked: string[] = []
      await open(page, '#/view/processes')
      await says(row(page, 'web'), 'running')
      page.on('request', (request) => asked.push(request.url()))
      await says(row(page, 'crasher'), 'given up')
      await says(row(page, 'crasher'), 'exited with code 3')
      await says(row(page, 'rester'), 'stopped')
      await says(row(page, 'web'), String(managed.port))
      // Measured a second after the start, and told by an event.
      await says(row(page, 'web'), /\d MB/)
      expect(await axeProblems(page)).toEqual([])
      await page.emulateMedia({ colorScheme: 'dark' })
      await until(async () => (await axeProblems(page)).length === 0)
      await managed.put([{ name: 'late', command: 'sleep', args: ['1000'] }], ['late'])
      await says(row(page, 'late'), 'running')
      await says(row(page, 'late'), /\d (KB|MB)/)
      expect(asked.filter((url) => !/\/api\/(processes|events)$/.test(url))).toEqual([])
      await pages.world.api.request('DELETE', '/api/processes/late')
      await until(async () => (await row(page, 'late').count()) === 0)
    }, 40_000)

    it('are started at once, and stopped only after a question', async () => {
      const { page } = await pages.arrive()
      await open(page, '#/view/processes')
      await page.getByRole('button', { name: 'Start rester', exact: true }).click()
      await says(row(page, 'rester'), 'running')
      await page.getByRole('button', { name: 'Stop rester', exact: true }).click()
      const question = page.getByRole('alertdialog')
      await says(question, 'everything that it has started')
      await question.getByRole('button', { name: 'Cancel' }).click()
      await says(row(page, 'rester'), 'running')
      await page.getByRole('button', { name: 'Stop rester', exact: true }).click()
      await question.getByRole('button', { name: 'Stop' }).click()
      await says(row(page, 'rester'), 'stopped')
      await page.locator('[data-process="rester"]').click()
      await page.getByRole('tab', { name: 'Why' }).click()
      await says(page.locator('.death'), 'Asked for by')
      await says(page.locator('.death'), /stop/)
    }, 40_000)

    it('of a group are looked at, and told what to do, together', async () => {
      const { page } = await pages.arrive()
      await open(page, '#/view/processes')
      await page.getByRole('button', { name: /^shop 2$/ }).click()
      await until(async () => (await page.locator('[data-process]').count()) === 2)
      await page.getByRole('button', { name: 'Stop all' }).click()
      await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
      const pid = pages.world.api.request('GET', '/api/processes/web')
      expect(((await (await pid).json()) as { phase: string }).phase).toBe('running')
    }, 40_000)

    it('say why they ended, what they wrote last, and what came of it', async () => {
      const { page } = await pages.arrive()
      await page.keyboard.press('Control+Shift+P')
      await page.getByRole('combobox').fill('why did')
      await page.keyboard.press('Enter')
      await page.getByRole('combobox', { name: 'Why did which process restart' }).waitFor()
      await page.getByRole('combobox').fill('crash')
      await page.keyboard.press('Enter')
      await says(page.locator('.why-first'), 'exited with code 3')
      await says(page.locator('.why-tally'), '3 ends: 3 × exited with code 3')
      await says(page.locator('.death').first(), 'ERROR no such table: items')
      expect(await axeProblems(page)).toEqual([])
      // Again: the tally goes on while one looks.
      await page.getByRole('button', { name: 'Start crasher', exact: true }).click()
      await says(page.locator('.why-tally'), /[4-9] ends/)
      await says(page.locator('.detail-title'), 'given up')
      const tally = await pages.world.api.request('GET', '/api/processes/crasher/deaths')
      await says(page.locator('.why-tally'), `${((await tally.json()) as object[]).length} ends`)
    }, 40_000)

    it('write a log that is shown as it grows, beside a terminal', async () => {
      const user = await pages.arrive()
      const { page } = user
      await page.keyboard.press('Control+Shift+P')
      await page.getByRole('combobox').fill('show log of')
      await page.keyboard.press('Enter')
      await page.getByRole('combobox', { name: 'Show the log of which process' }).fill('web')
      await page.keyboard.press('Control+Enter')
      await until(async () => (await page.locator('[data-pane]').count()) === 2)
      await user.sees(/[#$]/)
      for (const line of HOSTILE.filter((each) => each.startsWith('<')))
        await says(lines(page), line)
      await managed.ask(2)
      await says(page.locator('.log-line[data-level="error"]'), '00:00:00.000 ERROR asked n=2')
      expect(await page.locator('.log-line [style*="--ansi-1"]').first().textContent()).toBe(
        '<b>red</b>',
      )
      expect(await axeProblems(page)).toEqual([])
    }, 40_000)

    it('write what is only ever read', async () => {
      const { page } = await pages.arrive()
      const nasty = HOSTILE.slice(0, 4).map((name) => ({
        ...{
          name,
          phase: 'failed',
          ready: false,
          failedHealthChecks: 0,
          restarts: 0,
          adopted: false,
        },
        ...{ lastStateChange: '', lastError: name, spec: { name, command: name, groups: [name] } },
      }))
      const data = JSON.stringify(nasty)
      await page.route('**/api/events', (route) =>
        route.fulfill({
          contentType: 'text/event-stream',
          body: `retry: 100\n\nevent: processes\ndata: ${data}\n\n`,
        }),
      )
      await page.route('**/api/processes', (route) => route.fulfill({ json: nasty }))
      await page.reload()
      await open(page, '#/view/processes')
      await until(async () => (await page.locator('[data-process]').count()) === 4)
      await page.locator('[data-process]').first().hover()
      await page
        .getByRole('button', { name: /^Start/ })
        .first()
        .focus()
      await page.unroute('**/api/events')
      await page.unroute('**/api/processes')
      await page.reload()
      await open(page, '#/view/processes/web')
      for (const line of HOSTILE.slice(0, 4)) await says(lines(page), line)
      expect(
        await page
          .locator(
            '.log img, .log svg:not(.icon), .log script, .log iframe, .log a:not([download])',
          )
          .count(),
      ).toBe(0)
      expect(await page.evaluate('window.pwned')).toBe(undefined)
      await page.getByRole('tab', { name: 'Details' }).click()
      await says(page.locator('.facts'), 'A_SECRET')
      expect(await page.content()).not.toContain('not to be seen')
    }, 40_000)

    it('write a log that can be found in, paused, left and come back to, and kept', async () => {
      const { page } = await pages.arrive()
      await open(page, '#/view/processes/web')
      await says(lines(page), HOSTILE[1] ?? '')
      await managed.ask(120)
      await says(lines(page), /asked n=12\d/)
      await page.getByLabel('Find in the log').fill('<SCRIPT>')
      await says(page.locator('.log-count'), '1')
      await page.keyboard.press('Enter')
      await says(page.locator('.log-count'), '1 of 1')
      await says(page.locator('.log-line[data-current="true"] mark'), '<script>')
      await page.getByRole('button', { name: 'To the end' }).click()
      await until(async () =>
        page.evaluate(
          'Math.abs(document.querySelector(".log-scroll").scrollHeight - document.querySelector(".log-scroll").scrollTop - document.querySelector(".log-scroll").clientHeight) < 2',
        ),
      )
      await page.getByRole('button', { name: 'Pause' }).click()
      const before = await log(page).getAttribute('data-lines')
      await managed.ask(3)
      await page.getByRole('button', { name: 'Newer lines' }).waitFor()
      expect(await log(page).getAttribute('data-lines')).toBe(before)
      await page.getByRole('button', { name: 'Newer lines' }).click()
      await until(
        async () => Number(await log(page).getAttribute('data-lines')) === Number(before) + 3,
      )
      await page.getByRole('button', { name: 'Make JSON readable' }).click()
      await says(lines(page), '{"level":')
      await page.getByRole('button', { name: 'Make JSON readable' }).click()
      const download = page.waitForEvent('download')
      await page.getByRole('link', { name: 'Download' }).click()
      const text = readFileSync((await (await download).path()) ?? '', 'utf8')
      expect(text).toContain(HOSTILE[0])
      expect(text.split('\n').length).toBe(Number(before) + 4)
    }, 60_000)

    it('may have written a hundred thousand lines, of which few are in the page', async () => {
      const { page } = await pages.arrive()
      const script =
        'seq -f "line %.0f of very many, and some words behind it" 1 100000; exec sleep 1000'
      await managed.put([{ name: 'flood', command: 'sh', args: ['-c', script] }], ['flood'])
      await open(page, '#/view/processes/flood')
      await says(lines(page), 'line 100000 of')
      await page.getByRole('button', { name: 'Show all that is kept' }).click()
      await until(async () => (await log(page).getAttribute('data-lines')) === '100000', {
        timeoutMs: 20_000,
      })
      await says(lines(page), 'line 100000 of')
      expect(await lines(page).count()).toBeLessThan(400)
      await page.evaluate('document.querySelector(".log-scroll").scrollTop = 0')
      await says(lines(page), 'line 1 of')
      await page.evaluate(
        '(e => { e.scrollTop = e.scrollHeight / 2 })(document.querySelector(".log-scroll"))',
      )
      await says(lines(page), /line (499|500)\d\d of/)
      await page.getByLabel('Find in the log').fill('line 77777 ')
      await says(page.locator('.log-count'), '1')
      await page.keyboard.press('Enter')
      await page.getByText('line 77777 of').waitFor()
      expect(await lines(page).count()).toBeLessThan(400)
      await pages.world.api.request('DELETE', '/api/processes/flood')
      await page.getByText('There is no process flood').waitFor()
    }, 60_000)

    it('are cards on a phone, and one at a time', async () => {
      const { page } = await pages.arrive({ ...PHONE, colorScheme: 'light' })
      await open(page, '#/view/processes')
      await says(row(page, 'web'), 'running')
      expect(await page.locator('.card').count()).toBe(3)
      expect(await page.locator('table').count()).toBe(0)
      expect(await axeProblems(page)).toEqual([])
      await page.locator('[data-process="web"]').tap()
      await says(lines(page), 'asked')
      expect(await axeProblems(page)).toEqual([])
      await page.getByRole('tab', { name: 'Details' }).tap()
      await says(page.locator('.facts'), 'pid ')
      expect(await axeProblems(page)).toEqual([])
      const overflows = await page.evaluate(
        'document.documentElement.scrollWidth > document.documentElement.clientWidth',
      )
      expect(overflows).toBe(false)
      await page.getByRole('button', { name: 'All processes' }).tap()
      await page.locator('.card').first().waitFor()
    }, 40_000)
  })
})
