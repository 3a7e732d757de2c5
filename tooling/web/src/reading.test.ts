import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { axeProblems as problems } from './axe.ts'
import { PHONE, SKIPPED, usePageWorld } from './page-world.ts'

const DESK_WIDE = { viewport: { width: 1700, height: 900 } }
const LONG = 'a sentence that goes on and on, '.repeat(6)
const reading = (page: Page) => page.locator('.reading-text')

describe.skipIf(SKIPPED)('a session of a desk, read on a phone', () => {
  const pages = usePageWorld()

  async function sizeOf(id: string): Promise<string> {
    const answer = await pages.world.api.request('GET', '/api/sessions')
    const sessions = (await answer.json()) as { id: string; cols: number; rows: number }[]
    const { cols, rows } = sessions.find((each) => each.id === id) ?? {}
    return `${cols}x${rows}`
  }

  async function open(page: Page, id: string): Promise<void> {
    await page.evaluate(`location.hash = '#/session/${id}'`)
    await page.locator(`[data-terminal="here/${id}"][data-connection="live"]`).waitFor()
  }

  const idOf = (page: Page): Promise<string> =>
    page.evaluate('decodeURIComponent(location.hash.split("/").at(-1))')

  it('stays as large as it is, however the phone looks at it, until the phone types', async () => {
    const desk = await pages.arrive(DESK_WIDE)
    const id = await idOf(desk.page)
    await until(async () => Number((await sizeOf(id)).split('x')[0]) > 150)
    const before = await sizeOf(id)
    const { page } = await pages.arrive(PHONE)
    await open(page, id)
    await page.getByRole('button', { name: 'Read as text' }).tap()
    await reading(page).waitFor()
    await page.getByRole('button', { name: 'Read as text' }).tap()
    await page.setViewportSize({ width: 780, height: 390 })
    await page.setViewportSize({ width: 390, height: 780 })
    expect(await sizeOf(id)).toBe(before)
    // With nobody at the desk any more, a phone that comes again still only reads.
    await desk.page.goto('about:blank')
    await page.reload()
    await page.locator(`[data-terminal="here/${id}"][data-connection="live"]`).waitFor()
    await until(
      async () => (await page.locator('[data-terminal]').getAttribute('data-follows')) === 'true',
    )
    expect(await sizeOf(id)).toBe(before)
    await page.locator('.stage').tap()
    await page.keyboard.type('x')
    await until(async () => Number((await sizeOf(id)).split('x')[0]) < 70)
  }, 60_000)

  it('is text in the width of the phone: whole lines, colours, links, and nobody is shut out', async () => {
    const { world } = pages
    const { id } = await world.api.create({
      ...{ cols: 200, rows: 50, command: '/bin/sh' },
      args: [
        '-c',
        `echo '${LONG}'; printf '\\033[31mred\\033[0m https://example.test/there\\n'; i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done; cat`,
      ],
    })
    const { page } = await pages.arrive({ ...PHONE, colorScheme: 'light' })
    await open(page, id)
    await page.getByRole('button', { name: 'Read as text' }).tap()
    await reading(page).getByText('line 299').waitFor()
    const fits = 'document.querySelector(".reading-text").scrollWidth <= innerWidth'
    expect(await page.evaluate(fits)).toBe(true)
    const line = reading(page).locator('p', { hasText: 'a sentence' }).first()
    expect((await line.textContent())?.trim()).toBe(LONG.trim())
    expect((await line.boundingBox())?.height).toBeGreaterThan(80)
    const link = reading(page).getByRole('link', { name: 'https://example.test/there' })
    expect(await link.getAttribute('href')).toBe('https://example.test/there')
    expect(await problems(page)).toEqual([])
    expect(await sizeOf(id)).toBe('200x50')
  }, 60_000)

  it('follows the end, keeps the place of whoever reads, and is zoomed by two fingers', async () => {
    const user = await pages.arrive(PHONE)
    const { page } = user
    await page.locator('.stage').tap()
    await user.type('for i in $(seq 200); do echo line-$i; done')
    await page.getByRole('button', { name: 'Read as text' }).tap()
    await reading(page).getByText('line-200').waitFor()
    const fromEnd = (): Promise<number> =>
      page.evaluate(
        '(e => e.scrollHeight - e.scrollTop - e.clientHeight)(document.querySelector(".reading-text"))',
      )
    await until(async () => (await fromEnd()) < 24)
    const field = page.locator('.compose-text')
    const say = async (text: string): Promise<void> => {
      await field.fill(text)
      await page.locator('.compose-send').tap()
    }
    await say('echo more-of-it')
    await reading(page)
      .locator('p', { hasText: /^more-of-it/ })
      .waitFor()
    await until(async () => (await fromEnd()) < 24)
    await page.evaluate('document.querySelector(".reading-text").scrollTop = 400')
    await page.getByRole('button', { name: 'Newest' }).waitFor()
    await say('echo and-more')
    await reading(page)
      .locator('p', { hasText: /^and-more/ })
      .waitFor({ state: 'attached' })
    expect(await page.evaluate('document.querySelector(".reading-text").scrollTop')).toBe(400)
    await page.getByRole('button', { name: 'Newest' }).tap()
    await until(async () => (await fromEnd()) < 24)
    const size = (): Promise<number> =>
      page.evaluate(
        'parseFloat(getComputedStyle(document.querySelector(".reading-text")).fontSize)',
      )
    const before = await size()
    await pinch(page, 60, 120)
    await until(async () => (await size()) > before * 1.5)
  }, 60_000)

  it('is drawn larger by two fingers, and moved about in by one', async () => {
    const { id } = await pages.world.api.create({
      ...{ cols: 200, rows: 50, command: '/bin/sh', args: ['-c', 'echo wide; cat'] },
    })
    const { page } = await pages.arrive(PHONE)
    await open(page, id)
    const width = async (): Promise<number> =>
      (await page.locator('.xterm-screen').boundingBox())?.width ?? 0
    await until(async () => (await width()) > 800)
    const before = await width()
    await pinch(page, 80, 160)
    await until(async () => (await width()) > before * 1.4)
    const left = 'document.querySelector(".terminal-host").scrollLeft'
    await page.evaluate(`${left} = 300`)
    expect(await page.evaluate(left)).toBe(300)
    expect(await sizeOf(id)).toBe('200x50')
  }, 40_000)
})

/** Two fingers go apart in the middle of the page, from so far from each other to so far. */
async function pinch(page: Page, from: number, to: number): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  const at = (apart: number) => [
    { x: 195, y: 300 - apart / 2, id: 0 },
    { x: 195, y: 300 + apart / 2, id: 1 },
  ]
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(from) })
  for (let apart = from; apart <= to; apart += 10)
    await devtools.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(apart) })
  await devtools.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
}
