import { createUser, launchChromium, type User } from '@conductor/browser'
import { until } from '@conductor/testing'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { PASSWORD } from './server-process.ts'
import { createWorld, type World } from './world.ts'

const skipped = process.env['CONDUCTOR_SKIP_BROWSER'] === '1'

describe.skipIf(skipped)('in a real Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  }, 60_000)
  afterAll(() => browser.close())

  async function setUp(options = {}): Promise<{ world: World; user: User }> {
    // Real people get real patience: the silence that is allowed by default.
    const world = await createWorld(onTestFinished, { env: { AI_CONDUCTOR_SILENCE: '25s' } })
    const user = await createUser(browser, world.server.url, { password: PASSWORD, ...options })
    onTestFinished(() => user.page.context().close())
    return { world, user }
  }

  it('a shell goes on by itself after kill -9 of the server, and nobody logs in again', async () => {
    const { world, user } = await setUp()
    const { page } = user
    await user.logIn()
    await user.newSession()
    await user.type('echo pid=$$')
    const [, pid] = await user.sees(/^pid=(\d+)$/m)
    expect(Number(pid)).toBe((await world.api.list())[0]?.pid)
    expect(user.complaints).toEqual([])

    await world.server.kill()
    const line = page.getByText('[Reconnecting (1/20)...]')
    await line.waitFor({ timeout: 3_000 })
    await user.type('echo typed-while-$((40 + 2))-down')
    await page.getByText(/characters not sent yet/).waitFor({ timeout: 3_000 })
    const complaintsWhileDown = () => user.complaints.length
    await world.server.start()

    await user.sees(/^typed-while-42-down$/m, 20_000)
    await page
      .getByText(/Reconnecting/)
      .first()
      .waitFor({ state: 'hidden' })
    const before = complaintsWhileDown()
    await user.type('echo again=$$')
    const [, again] = await user.sees(/^again=(\d+)$/m)
    expect(again).toBe(pid)
    expect((await user.screen()).match(/^pid=/gm)).toHaveLength(1)
    expect(user.logins).toBe(1)
    expect(user.complaints.slice(0, before).filter((text) => !isAboutTheDowntime(text))).toEqual([])
    expect(user.complaints.slice(before)).toEqual([])
  }, 60_000)

  it('a wrong password is told in words, and the right one still works', async () => {
    const { user } = await setUp()
    await user.logIn('not it')
    await expect.poll(() => user.page.getByRole('alert').textContent()).toMatch(/invalid password/i)
    await user.logIn()
    await user.page.getByRole('button', { name: 'New session' }).first().waitFor()
    // The browser itself reports every 401.
    expect(user.complaints.filter((text) => !text.includes('401'))).toEqual([])
  }, 30_000)

  it('a session is renamed, switched away from and back to, and deleted', async () => {
    const { world, user } = await setUp()
    const { page } = user
    await user.logIn()
    await user.newSession()
    await user.type('echo this is the fir""st')
    await user.sees(/^this is the first$/m)
    const name = String((await world.api.list())[0]?.name)
    await page.getByRole('button', { name: `Rename ${name}` }).click()
    await page.getByLabel(`New name of ${name}`).fill('build <b>&amp;')
    await page.keyboard.press('Enter')
    await until(async () => (await world.api.list())[0]?.name === 'build <b>&amp;')
    await page.getByRole('heading', { name: 'build <b>&amp;' }).waitFor()

    await user.newSession()
    await until(async () => (await world.api.list()).length === 2)
    await until(async () => !(await user.screen()).includes('this is the first'))
    await page.locator('.session-open', { hasText: 'build <b>' }).click()
    await user.sees(/^this is the first$/m)

    await page.getByRole('button', { name: 'Delete build <b>&amp;' }).click()
    await page.getByRole('button', { name: 'Delete session' }).click()
    await until(async () => (await world.api.list()).length === 1)
    await until(async () => (await page.locator('.session-open').count()) === 1)
    expect(user.complaints).toEqual([])
  }, 30_000)

  it('the end of a shell is told with its code, and the session leaves the list', async () => {
    const { world, user } = await setUp()
    await user.logIn()
    await user.newSession()
    await user.type('exit 5')
    await user.page.getByText('[Process exited with code 5]').first().waitFor()
    await until(async () => (await world.api.list()).length === 0)
    await until(async () => (await user.page.locator('.session-open').count()) === 0)
    expect(user.complaints).toEqual([])
  }, 30_000)

  it('a phone has room for a terminal, and the list of sessions comes and goes', async () => {
    const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }
    const { user } = await setUp(phone)
    const { page } = user
    await user.logIn()
    await user.newSession()
    await page.locator('.stage').tap()
    await user.type('stty size')
    const [, rows, cols] = await user.sees(/^(\d+) (\d+)$/m)
    expect(Number(cols)).toBeGreaterThanOrEqual(35)
    expect(Number(rows)).toBeGreaterThanOrEqual(15)
    const overflows = await page.evaluate(
      'document.documentElement.scrollWidth > document.documentElement.clientWidth',
    )
    expect(overflows).toBe(false)
    await page.getByRole('button', { name: 'Show the sessions' }).click()
    await page.locator('.session-open').waitFor()
    await page.getByRole('button', { name: 'Close the list' }).first().click()
    await until(async () => (await page.locator('.sidebar').getAttribute('inert')) !== null)
    expect(user.complaints).toEqual([])
  }, 30_000)

  it('the pages forbid themselves everything they do not need', async () => {
    const { world } = await setUp()
    const { headers } = await fetch(world.server.url)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/^default-src '(self|none)';/)
    expect(policy).toMatch(/script-src 'self' 'wasm-unsafe-eval';/)
    expect(policy).not.toContain("'unsafe-eval'")
    expect(policy).toContain("frame-ancestors 'none'")
  })
})

/** What a browser reports of requests that nobody answered. */
function isAboutTheDowntime(text: string): boolean {
  return /ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|WebSocket connection to/.test(text)
}
