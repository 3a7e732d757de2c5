import { createUser, launchChromium } from '@conductor/browser'
import { PASSWORD } from '@conductor/chaos/server-process'
import { until } from '@conductor/testing'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { axeProblems as problems } from './axe.ts'
import { DESK, PHONE, SKIPPED, usePageWorld } from './page-world.ts'

/** Names that somebody else has chosen, and that must stay words. */
const HOSTILE = '<img src=x onerror="document.title=\'owned\'">"\'`</script><script>1</script>'

const shot = async (page: Page, name: string): Promise<void> => {
  const folder = process.env['CONDUCTOR_SHOTS']
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` })
}

/** Shares the open session, as a person does. @returns the link. */
async function share(page: Page, mode: 'look on' | 'type along', label: string): Promise<string> {
  await page.locator('.stage').first().click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Share …' }).click()
  await page.getByLabel('They may').selectOption({ label: mode })
  await page.getByLabel('Name', { exact: true }).fill(label)
  await page.getByRole('button', { name: 'Make the link' }).click()
  const link = await page.getByLabel('Link', { exact: true }).inputValue()
  await page.getByAltText('The link as a QR code').waitFor()
  return link
}

describe.skipIf(SKIPPED)('sharing', () => {
  const pages = usePageWorld()
  let browser: Browser

  beforeAll(async () => {
    if (!SKIPPED) browser = await launchChromium()
  })
  afterAll(async () => void (await browser?.close()))

  /** Somebody who has nothing but the link. */
  async function guest(link: string, options: BrowserContextOptions = DESK) {
    const user = await createUser(browser, link, { password: PASSWORD, ...options })
    onTestFinished(() => user.page.context().close())
    return user
  }

  it('shows a viewer one session, who cannot type, until the link is revoked', async () => {
    const owner = await pages.arrive()
    const link = await share(owner.page, 'look on', 'Ana')
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/share#[\w-]{43}$/)
    await shot(owner.page, 'share-made')
    expect(await problems(owner.page)).toEqual([])
    await owner.page.getByRole('button', { name: 'Done' }).click()
    await owner.type('echo see-$((40+2))')

    const ana = await guest(link)
    await ana.sees(/see-42/)
    // The secret is gone from the address, and the page can be loaded again.
    expect(ana.page.url()).toMatch(/\/share\?share=[0-9a-f]+$/)
    await shot(ana.page, 'guest-viewer')
    expect(await problems(ana.page)).toEqual([])
    await ana.page.reload()
    await ana.sees(/see-42/)
    await ana.page.keyboard.type('x')
    await ana.page.getByText('You can look at this session, but not type into it.').waitFor()
    await ana.page.keyboard.press('Control+Shift+P')
    await ana.page.getByRole('option').first().waitFor()
    const commands = await ana.page.getByRole('option').allTextContents()
    expect(commands.join()).not.toMatch(/delete|session|paste|share|split|log out/i)
    await ana.page.keyboard.press('Escape')

    const chip = owner.page.getByRole('button', { name: /2 look on/ })
    await chip.waitFor()
    await until(async () => /2 look on, the owner types/.test((await chip.textContent()) ?? ''))
    await chip.click()
    await owner.page.getByRole('dialog', { name: 'Who is here' }).getByText('Ana').waitFor()
    await shot(owner.page, 'who-is-here')
    expect(await problems(owner.page)).toEqual([])
    await owner.page.getByRole('button', { name: 'Open shared links' }).click()
    await owner.page.getByText('1 there now').waitFor()
    await shot(owner.page, 'shares')
    expect(await problems(owner.page)).toEqual([])
    await owner.page.getByRole('button', { name: /^Revoke the link/ }).click()
    await owner.page.getByRole('button', { name: 'Revoke', exact: true }).click()
    await owner.page.getByText('Nothing is shared').waitFor()
    await ana.page.getByText('You are not let in any more').waitFor()
    await shot(ana.page, 'guest-over')
    expect(await problems(ana.page)).toEqual([])
    await ana.page.goto(link)
    await ana.page.getByText('This link opens nothing any more').waitFor()
  }, 60_000)

  it('lets a driver type along, on a phone too, and take the size', async () => {
    const owner = await pages.arrive()
    const link = await share(owner.page, 'type along', 'Ana')
    await owner.page.getByRole('button', { name: 'Done' }).click()
    const ana = await guest(link, PHONE)
    await ana.sees(/[#$] *\n/)
    await shot(ana.page, 'guest-phone')
    expect(await problems(ana.page)).toEqual([])
    await ana.page.locator('.stage').tap()
    await ana.type('echo from-$((40+2))')
    await owner.sees(/from-42/)
    await owner.page.getByRole('button', { name: /2 look on, Ana types/ }).waitFor()
    await owner.page.getByRole('button', { name: 'Use my size' }).click()
    await until(
      async () =>
        (await ana.page.locator('[data-terminal]').getAttribute('data-owner')) === 'other',
    )
    expect(ana.complaints).toEqual([])
  }, 60_000)

  it('says in plain words that a link has expired, while somebody watches', async () => {
    const owner = await pages.arrive()
    const { api } = pages.world
    const [session] = (await api.list()).slice(-1)
    const made = await api.request('POST', `/api/sessions/${session?.id}/shares`, {
      ...{ mode: 'viewer', expiresInSeconds: 4 },
    })
    const { url } = (await made.json()) as { url: string }
    const ana = await guest(url)
    await ana.sees(/[#$] *\n/)
    await ana.page.getByText('This link has expired').waitFor({ timeout: 10_000 })
    expect(owner.complaints).toEqual([])
  }, 40_000)

  it('shows what others have written as words, whatever they write', async () => {
    const owner = await pages.arrive()
    const { api } = pages.world
    const [session] = (await api.list()).slice(-1)
    await api.request('PUT', `/api/sessions/${session?.id}`, { name: HOSTILE })
    const link = await share(owner.page, 'look on', HOSTILE)
    await owner.page.getByRole('button', { name: 'Done' }).click()
    const ana = await guest(link)
    await ana.page.getByRole('heading', { name: '<img src=x' }).waitFor()
    await owner.page.getByRole('button', { name: /2 look on/ }).click()
    await owner.page.getByRole('dialog').getByText('<img src=x').waitFor()
    await owner.page.getByRole('button', { name: 'Open shared links' }).click()
    await owner.page.locator('.share-card').getByText('for <img src=x').waitFor()
    await owner.page.getByRole('button', { name: 'Who did what' }).click()
    await owner.page.locator('.audit-fact').getByText('<img src=x').first().waitFor()
    for (const { page } of [owner, ana]) {
      expect(await page.locator('img[src="x"]').count()).toBe(0)
      expect(await page.title()).not.toBe('owned')
    }
    expect(ana.complaints).toEqual([])
  }, 60_000)

  it('knows who did what, as it happens', async () => {
    const { page } = await pages.arrive()
    await page.getByRole('button', { name: 'Who did what' }).click()
    await page.locator('[data-fact="session.created"]').first().waitFor()
    await shot(page, 'audit')
    expect(await problems(page)).toEqual([])
    const { api } = pages.world
    const made = await api.create({ name: 'made by a program' })
    await page.locator('.audit-fact').getByText('made by a program').first().waitFor()
    await page
      .getByRole('combobox', { name: 'Kind', exact: true })
      .selectOption({ label: 'Logins' })
    await until(
      async () => (await page.locator('[data-fact]:not([data-fact^="log"])').count()) === 0,
    )
    await page
      .getByRole('combobox', { name: 'Kind', exact: true })
      .selectOption({ label: 'Everything' })
    await page.getByLabel('Person').fill('nobody of this name')
    await page.getByText('Nothing fits.').waitFor()
    await page.getByLabel('Person').fill('')
    await page
      .getByRole('combobox', { name: 'Session', exact: true })
      .selectOption({ label: 'made by a program' })
    await until(async () => (await page.locator('[data-fact]').count()) === 1)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as JSON lines' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/^audit-.*\.jsonl$/)
    const stream = await download.createReadStream()
    let text = ''
    for await (const chunk of stream) text += String(chunk)
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(lines).toEqual([expect.objectContaining({ type: 'session.created', session: made.id })])
  }, 60_000)
})
