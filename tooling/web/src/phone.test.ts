import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { axeProblems as problems } from './axe.ts'
import { PHONE, SKIPPED, usePageWorld } from './page-world.ts'

const DOWNTIME = /ERR_|Failed to load resource|WebSocket connection|failed to fetch/i

const key = (page: Page, name: string | RegExp) =>
  page.getByRole('toolbar', { name: 'Keys' }).getByRole('button', { name, exact: true })
const field = (page: Page) => page.locator('.compose-text')
const send = (page: Page) => page.locator('.compose-send')
const terminalHasKeyboard = (page: Page): Promise<boolean> =>
  page.evaluate('document.activeElement?.classList.contains("xterm-helper-textarea") === true')
const countOf = (text: string, part: string): number => text.split(part).length - 1

describe.skipIf(SKIPPED)('typing on a phone', () => {
  const pages = usePageWorld()

  it('has the keys that its keyboard lacks, which leave the keyboard as it is', async () => {
    const user = await pages.arrive(PHONE)
    const { page } = user
    await page.locator('.stage').tap()
    await until(() => terminalHasKeyboard(page))
    await user.type('cat > /dev/null')
    await key(page, /Control$/).tap()
    expect(await key(page, /Control, for the next key$/).getAttribute('data-stick')).toBe('once')
    expect(await terminalHasKeyboard(page)).toBe(true)
    await page.keyboard.type('c')
    await user.sees(/\^C/)
    expect(await key(page, /Control$/).getAttribute('data-stick')).toBe('off')
    await page.keyboard.type('echo ab')
    await key(page, 'Left').tap()
    await page.keyboard.type('X')
    await key(page, 'Enter').tap()
    await user.sees(/^aXb$/m)
    expect(await terminalHasKeyboard(page)).toBe(true)
  }, 40_000)

  it('locks Control after two taps, until a third', async () => {
    const user = await pages.arrive(PHONE)
    const { page } = user
    await page.locator('.stage').tap()
    await user.type('cat -v')
    await key(page, /Control$/).dblclick()
    await until(async () => (await key(page, /Control, locked$/).count()) === 1)
    // Control V and A: the terminal quotes the A, and `cat -v` shows it.
    await page.keyboard.type('va')
    await key(page, /Control, locked$/).tap()
    await page.keyboard.press('Enter')
    await user.sees(/\^A\n\^A/)
    await key(page, 'Control C').tap()
  }, 40_000)

  it('repeats an arrow for as long as it is held', async () => {
    const user = await pages.arrive(PHONE)
    const { page } = user
    await page.locator('.stage').tap()
    await page.keyboard.type('echo 123456789')
    const left = key(page, 'Left')
    await left.dispatchEvent('pointerdown')
    await page.waitForTimeout(900)
    await left.dispatchEvent('pointerup')
    await page.keyboard.type('X')
    await page.keyboard.press('Enter')
    const [, before = ''] = await user.sees(/^(\d*)X\d+$/m)
    expect(before.length).toBeLessThan(7)
  }, 40_000)

  it('sends what was composed in one piece, and keeps a draft over a reload', async () => {
    const user = await pages.arrive(PHONE)
    const { page } = user
    await field(page).fill('echo one; \\\necho "two  three"')
    await page.reload()
    await user.sees(/[#$] *\n/)
    expect(await field(page).inputValue()).toBe('echo one; \\\necho "two  three"')
    await send(page).tap()
    await user.sees(/^two {2}three$/m)
    expect(await field(page).inputValue()).toBe('')
    await page.getByRole('button', { name: 'What was sent' }).tap()
    await page.getByRole('menuitem').first().tap()
    expect(await field(page).inputValue()).toContain('two  three')
    await page.getByRole('button', { name: 'With Enter behind it' }).tap()
    await field(page).fill('echo not-yet')
    await send(page).tap()
    await user.sees(/echo not-yet/)
    expect(await user.screen()).not.toMatch(/^not-yet/m)
    await send(page).tap()
    await user.sees(/^not-yet$/m)
  }, 40_000)

  it('sends once what was composed while the server was away, and shows that it waits', async () => {
    const user = await pages.arrive(PHONE)
    const { page } = user
    const { server } = pages.world
    pages.forgive(DOWNTIME)
    await page.locator('.stage').tap()
    await user.type('while read -r line; do echo "got:$line"; done')
    await server.kill()
    await page.locator('.terminal[data-connection="reconnecting"]').waitFor()
    await field(page).fill('written in a tunnel')
    await send(page).tap()
    await page.locator('.pending').getByText('written in a tunnel').waitFor()
    expect(await field(page).inputValue()).toBe('')
    await server.start(process.env['CONDUCTOR_SERVER_PROGRAM'])
    await user.sees(/got:written in a tunnel/, 30_000)
    await field(page).fill('after it')
    await send(page).tap()
    await user.sees(/got:after it/)
    expect(countOf(await user.screen(), 'got:written in a tunnel')).toBe(1)
    await key(page, 'Control C').tap()
  }, 80_000)

  it('attaches a picture: it is sent, and its path joins the text', async () => {
    const user = await pages.arrive(PHONE)
    const { page } = user
    await field(page).fill('look at')
    const chosen = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Attach a picture or a file' }).tap()
    await (await chosen).setFiles({
      ...{ name: 'a shot.png', mimeType: 'image/png', buffer: Buffer.from('bytes') },
    })
    await until(async () => /^look at \S*.*shot\S*\.png'? $/.test(await field(page).inputValue()))
  }, 40_000)

  it('fits above the keyboard, never scrolls the page, and turns over', async () => {
    const user = await pages.arrive({ ...PHONE, colorScheme: 'dark' })
    const { page } = user
    await page.setViewportSize({ width: 390, height: 420 })
    await until(() => page.evaluate('document.documentElement.dataset.keyboard === "true"'))
    expect(await page.locator('.bottom-bar').isVisible()).toBe(false)
    const isWhole = 'document.documentElement.scrollHeight <= innerHeight && scrollY === 0'
    expect(await page.evaluate(isWhole)).toBe(true)
    const box = await send(page).boundingBox()
    expect((box?.y ?? 999) + (box?.height ?? 0)).toBeLessThanOrEqual(420)
    await page.setViewportSize({ width: 844, height: 390 })
    await until(() => page.locator('.bottom-bar').isVisible())
    expect(await page.locator('.tab-strip').count()).toBe(0)
    expect(await send(page).isVisible()).toBe(true)
    await page.setViewportSize({ width: 390, height: 780 })
    await field(page).fill('some draft')
    expect(await problems(page)).toEqual([])
  }, 40_000)

  it('tries again when a lost terminal is pulled down', async () => {
    const user = await pages.arrive(PHONE)
    const { page } = user
    const { server } = pages.world
    pages.forgive(DOWNTIME)
    await server.kill()
    await page.locator('.terminal[data-connection="reconnecting"]').waitFor()
    // By now it would wait for seconds by itself.
    await page.getByText('[Reconnecting (4/').waitFor({ timeout: 20_000 })
    await server.start(process.env['CONDUCTOR_SERVER_PROGRAM'])
    await page.getByText('[Reconnecting (4/').waitFor()
    await pull(page, 30, 200)
    await page.locator('.terminal[data-connection="live"]').waitFor({ timeout: 2_500 })
  }, 60_000)
})

/** A finger goes down the page. */
async function pull(page: Page, fromY: number, toY: number): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  const at = (y: number) => [{ x: 195, y }]
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(fromY) })
  for (let y = fromY; y <= toY; y += 20)
    await devtools.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(y) })
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
}
