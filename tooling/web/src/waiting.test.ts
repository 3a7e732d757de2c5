import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { axeProblems } from './axe.ts'
import { DESK, PHONE, SKIPPED, usePageWorld } from './page-world.ts'

describe.skipIf(SKIPPED)('what waits for a person', () => {
  const pages = usePageWorld()

  async function started(name: string): Promise<string> {
    const loop = 'while read -r line; do echo "got:$line"; done'
    const args = ['-c', `echo started; ${loop}`]
    return (await pages.world.api.create({ name, command: '/bin/sh', args, cols: 120, rows: 40 }))
      .id
  }

  async function says(id: string, state: string, text?: string): Promise<void> {
    const path = `/api/sessions/${id}/attention`
    const { status } = await pages.world.api.request('POST', path, { state, text })
    expect(status).toBe(200)
  }

  async function outputOf(id: string): Promise<string> {
    return (await pages.world.api.output(id)).bytes.toString()
  }

  const row = (page: Page, id: string) => page.locator(`.session-row[data-session="${id}"]`)
  const icon = (page: Page): Promise<string> =>
    page.evaluate('document.querySelector(\'link[rel="icon"]\').href')

  it('is marked on its tab, in the list, in the title and on the icon, and is gone to by a key', async () => {
    const { page } = await pages.arrive(DESK)
    const id = await started('Asks something')
    await page.evaluate(`location.hash = '#/session/${id}'`)
    await page.locator(`[data-terminal="here/${id}"][data-connection="live"]`).waitFor()
    await page.getByRole('tab').first().click()
    await says(id, 'waiting', 'May I?')
    await until(async () => (await row(page, id).getAttribute('data-attention')) === 'waiting')
    await row(page, id).getByText('May I?').waitFor()
    expect(await page.locator('.tab').nth(1).getAttribute('data-attention')).toBe('waiting')
    await until(async () => (await page.title()).startsWith('(1) '))
    expect(await icon(page)).toContain('data:image/svg+xml')
    expect(await axeProblems(page)).toEqual([])
    await page.keyboard.press('Control+Shift+J')
    await until(async () => page.url().endsWith(`#/session/${id}`))
    // Who looks at it has not answered it yet.
    expect(await row(page, id).getAttribute('data-attention')).toBe('waiting')
    await says(id, 'working')
    await until(async () => (await row(page, id).getAttribute('data-attention')) === 'none')
    await until(async () => !(await page.title()).startsWith('('))
    expect(await icon(page)).not.toContain('data:')
    await says(id, 'done')
    await page.waitForTimeout(200)
    // Who looks at what is done has seen it.
    expect(await row(page, id).getAttribute('data-attention')).toBe('none')
    await pages.world.api.remove(id)
  }, 40_000)

  it.each(['light', 'dark'] as const)(
    'is answered on a phone from the list of what waits, when it is %s',
    async (colorScheme) => {
      const { page } = await pages.arrive({ ...PHONE, colorScheme })
      const [asks, failed] = [await started('Asks'), await started('Fails')]
      await says(asks, 'waiting', 'Which colour?')
      await says(failed, 'failed', 'exit code 1')
      await page.getByRole('button', { name: /sessions wait for you/ }).tap()
      const card = page.locator(`.waiting-card[data-session="${asks}"]`)
      await card.getByText('Which colour?').waitFor()
      expect(await axeProblems(page)).toEqual([])
      await card.getByRole('button', { name: 'Answer' }).tap()
      await card.getByRole('textbox').fill('deep blue')
      expect(await axeProblems(page)).toEqual([])
      await card.getByRole('button', { name: 'Send' }).tap()
      await until(async () => (await outputOf(asks)).includes('got:deep blue'))
      // Typing is an answer: it waits no more.
      await card.waitFor({ state: 'detached' })
      const other = page.locator(`.waiting-card[data-session="${failed}"]`)
      await other.getByRole('button', { name: 'Seen' }).tap()
      await until(async () => (await other.getAttribute('data-seen')) === 'true')
      await page.reload()
      await other.waitFor()
      expect(await other.getAttribute('data-seen')).toBe('true')
      await other.getByRole('button', { name: 'Open' }).tap()
      await page.locator(`[data-terminal="here/${failed}"][data-connection="live"]`).waitFor()
      for (const id of [asks, failed]) await pages.world.api.remove(id)
    },
    60_000,
  )

  it('is told about as a person wants it: about what, when, and never about some', async () => {
    const { page } = await pages.arrive(PHONE)
    const id = await started('Never mind it')
    const settings = async (): Promise<unknown> =>
      (await pages.world.api.request('GET', '/api/push/settings')).json()
    await page.evaluate(`location.hash = '#/view/waiting'`)
    await page.getByLabel('When one is done').tap()
    await page.getByLabel('Quiet hours').tap()
    await page.getByLabel('From', { exact: true }).fill('21:30')
    await page.getByText('Each session').tap()
    await page.getByRole('switch', { name: 'Never mind it' }).tap()
    await until(async () => {
      const now = (await settings()) as Record<string, unknown>
      expect(now).toMatchObject({ states: ['waiting', 'failed', 'done'], muted: [id] })
      expect(now['quietHours']).toMatchObject({ from: '21:30', to: '07:00' })
      return true
    })
    expect(await axeProblems(page)).toEqual([])
    await page.getByLabel('Quiet hours').tap()
    await until(async () => !('quietHours' in ((await settings()) as object)))
  }, 40_000)

  it('is told by a hidden page, once it was allowed to, and taken back when it is over', async () => {
    const { page } = await pages.arrive(DESK)
    await page.context().grantPermissions(['notifications'])
    const id = await started('In the background')
    await row(page, id).waitFor()
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)')
    await page.evaluate(`{
      Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }`)
    const shown = (): Promise<string[]> =>
      page.evaluate(
        'navigator.serviceWorker.ready.then((worker) => worker.getNotifications()).then((all) => all.map(({ title }) => title))',
      )
    await says(id, 'waiting', 'secret')
    await until(async () => (await shown()).includes('In the background waits for you'))
    await says(id, 'working')
    await until(async () => (await shown()).length === 0)
  }, 40_000)
})
