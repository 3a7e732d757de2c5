import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { DESK, SKIPPED, usePageWorld } from './page-world.ts'

const linesOf = (screen: string): string => screen.replace(/[ \u00a0]+$/gm, '').trimEnd()

const rowsOf = async (page: Page): Promise<string> =>
  linesOf((await page.locator('.xterm-rows > div').allTextContents()).join('\n'))

/** 20 MB of coloured lines. */
const MUCH = `i=0; while [ $i -lt 20 ]; do seq -f "$(printf '\\033[3%dm' $((i % 8)))%.0f some text in a line that is about as long as lines are" 12000; i=$((i+1)); done; printf '\\033[0m'`

/** Asks two things again and again, and says how often each was answered, by round. */
const ASKING = `
process.stdin.setRawMode(true)
let heard = ''
let round = 0
process.stdin.on('data', (data) => { heard += data })
setInterval(() => {
  if (round) console.log('round ' + round + ': ' + heard.split('R').length + ' ' + heard.split('c').length + '\\r')
  heard = ''
  round++
  process.stdout.write('\\x1b[6n\\x1b[c')
}, 1000)`

describe.skipIf(SKIPPED)('a page that is far behind', () => {
  const pages = usePageWorld()

  async function started(args: readonly string[], command = '/bin/sh'): Promise<string> {
    return (await pages.world.api.create({ command, args, cols: 120, rows: 40 })).id
  }

  const end = async (id: string): Promise<number> =>
    (await pages.world.api.output(id, Number.MAX_SAFE_INTEGER)).end

  async function open(page: Page, id: string): Promise<void> {
    await page.evaluate(`location.hash = '#/session/${id}'`)
    await page.locator(`[data-terminal="here/${id}"][data-connection="live"]`).waitFor()
  }

  it('shows the end of 20 MB as one that has read all of them, and leads to what it passed over', async () => {
    const user = await pages.arrive()
    const { page } = user
    const id = await started(['-c', `${MUCH}; echo th''e end; cat`])
    await until(async () => (await end(id)) > 15_000_000, { timeoutMs: 60_000 })
    await until(async () => {
      const { bytes } = await pages.world.api.output(id, (await end(id)) - 100)
      return bytes.includes('the end')
    })
    await open(page, id)
    await user.sees(/the end/)
    const live = await rowsOf(page)
    await page.getByRole('button', { name: 'Earlier output' }).click()
    await page.locator('.replay[data-seeking="false"]').waitFor({ timeout: 60_000 })
    await until(async () => (await page.locator('.replay-reading').count()) === 0, {
      timeoutMs: 60_000,
    })
    await page.keyboard.press('End')
    await page.locator('.replay[data-seeking="false"]').waitFor()
    await user.sees(/the end/)
    expect((await rowsOf(page)).split('\n').slice(-20)).toEqual(live.split('\n').slice(-20))
  }, 120_000)

  it('works on in a program that draws all of the screen and wants the mouse', async () => {
    const user = await pages.arrive()
    const { page } = user
    const vim =
      "seq -f 'line %g' 100 > text; vim -u NONE -N -c 'set mouse=a ttymouse=sgr number' text"
    const id = await started(['-c', `${MUCH}; ${vim}`])
    await until(async () => (await end(id)) > 15_000_000, { timeoutMs: 60_000 })
    await until(async () =>
      (await pages.world.api.output(id, (await end(id)) - 3_000)).bytes.includes('line 20'),
    )
    await open(page, id)
    await user.sees(/ 12 line 12/)
    await page.getByRole('button', { name: 'Earlier output' }).waitFor()
    const row = page.locator('.xterm-rows > div', { hasText: / 12 line 12/ })
    const box = await row.boundingBox()
    await page.mouse.click((box?.x ?? 0) + 60, (box?.y ?? 0) + 8)
    await page.keyboard.type('Afrom a click')
    await user.sees(/ 12 line 12from a click/)
    await page.keyboard.press('Escape')
    await page.keyboard.type(':q!')
    await page.keyboard.press('Enter')
    await until(async () => (await user.screen()).includes('exited with code 0'))
  }, 120_000)

  it('answers no query that the session answers: each is answered once, with no, one and five pages', async () => {
    const id = await started(['-e', ASKING], process.execPath)
    const answers = async (): Promise<readonly string[]> => {
      const { bytes } = await pages.world.api.output(id)
      return [...bytes.toString().matchAll(/round \d+: (\d+ \d+)/g)].map(([, each = '']) => each)
    }
    const rounds = async (count: number): Promise<void> => {
      const before = (await answers()).length
      await until(async () => (await answers()).length >= before + count, { timeoutMs: 10_000 })
    }
    await rounds(2)
    const user = await pages.arrive()
    await open(user.page, id)
    await rounds(3)
    const others: Page[] = []
    for (let n = 0; n < 4; n++) {
      const page = await user.page.context().newPage()
      await page.goto(`${pages.world.server.url}/terminal#/session/${id}`)
      await page.locator('.terminal[data-connection="live"]').waitFor()
      others.push(page)
    }
    await rounds(3)
    await user.page.keyboard.press('Enter')
    await rounds(2)
    for (const page of others) await page.close()
    // What is split at each answer has one part more than there were answers.
    expect(new Set(await answers())).toEqual(new Set(['2 2']))
  }, 90_000)

  it('stays responsive while much is searched and many lines are found', async () => {
    const { page } = await pages.arrive(DESK)
    const id = await started(['-c', `${MUCH}; cat`])
    await until(async () => (await end(id)) > 15_000_000, { timeoutMs: 60_000 })
    await page.evaluate(`(() => {
      globalThis.longestMs = 0
      let last = performance.now()
      const frame = () => {
        const now = performance.now()
        longestMs = Math.max(longestMs, now - last)
        last = now
        requestAnimationFrame(frame)
      }
      requestAnimationFrame(frame)
      location.hash = '#/view/search?q=[0-9]5%20some&regex=1'
    })()`)
    await until(async () => (await page.locator('.hit').count()) >= 200, { timeoutMs: 30_000 })
    await page.getByText(/lines, searched/).waitFor()
    await page.getByRole('button', { name: 'Search further back' }).click()
    await until(async () => (await page.locator('.hit').count()) >= 400, { timeoutMs: 30_000 })
    // Frames come late on a busy machine; a page that is blocked draws none for the whole search.
    expect(await page.evaluate('longestMs')).toBeLessThan(3_000)
    await page.getByLabel('Search all sessions').fill('no such line anywhere')
    await page.keyboard.press('Enter')
    await page.getByText(/0 lines, searched/).waitFor()
  }, 120_000)
})
