import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { SKIPPED, usePageWorld } from './page-world.ts'

const replay = '.replay'

/** What stands on the screen of the replay, without empty lines at the end. */
const linesOf = (screen: string): string => screen.replace(/[ \u00a0]+$/gm, '').trimEnd()

async function offsetOf(page: Page): Promise<number> {
  return Number(await page.locator(replay).getAttribute('data-offset'))
}

async function settled(page: Page): Promise<void> {
  await until(
    async () =>
      (await page.locator(`${replay}[data-seeking="false"]`).count()) === 1 &&
      (await page.locator('.replay-reading').count()) === 0,
    { timeoutMs: 15_000, what: 'the replay is where it should be' },
  )
}

describe.skipIf(SKIPPED)('the past of sessions', () => {
  const pages = usePageWorld()

  /** A session whose program says this and ends, or waits. */
  async function said(name: string, script: string): Promise<string> {
    const { api } = pages.world
    const { id } = await api.create({ name, command: '/bin/sh', args: ['-c', script] })
    return id
  }

  const end = async (id: string): Promise<number> => (await pages.world.api.output(id)).end

  /** Opens an address of this page, as somebody does who got a link. */
  async function follow(page: Page, hash: string): Promise<void> {
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
  }

  it('is searched: a word with colours inside, in three sessions, and one leads to the line', async () => {
    const user = await pages.arrive()
    const { page } = user
    const ids = await Promise.all(
      [1, 2, 3].map((n) =>
        said(
          `colours ${n}`,
          `printf 'a purple\\033[1mwo\\033[31mrd${n}\\033[0m here\\r\\n'; seq 2000; cat`,
        ),
      ),
    )
    await Promise.all(ids.map((id) => until(async () => (await end(id)) > 9_000)))
    await follow(page, '#/view/search?q=purpleWORD')
    await until(async () => (await page.locator('.hit').count()) === 3)
    expect(await page.locator('.hit mark').allTextContents()).toEqual([
      'purpleword',
      'purpleword',
      'purpleword',
    ])
    expect(await page.locator('.hit-session span').allTextContents()).toHaveLength(3)
    await page.getByText(/3 lines, searched [\d.]+ [Mk]B/).waitFor()
    await page.getByRole('button', { name: 'Match case' }).click()
    await page.getByText(/0 lines/).waitFor()
    await page.getByRole('button', { name: 'Match case' }).click()
    await page.getByLabel('In which session').selectOption({ label: 'colours 2' })
    await until(async () => (await page.locator('.hit').count()) === 1)
    expect(page.url()).toContain('q=purpleWORD')
    await page.getByLabel('Search all sessions').press('ArrowDown')
    await page.keyboard.press('Enter')
    await settled(page)
    const screen = await user.sees(/a purpleword2 here/)
    expect(screen[0]).toBe('a purpleword2 here')
    // It is marked there.
    await until(async () => (await page.locator('.xterm-decoration-container > *').count()) > 0)
  }, 60_000)

  it('that an open terminal has still is shown in it', async () => {
    const user = await pages.arrive()
    const { page } = user
    await user.type("echo rare''thing; seq 500")
    await user.sees(/^500$/m)
    await follow(page, '#/view/search?q=^rarething$&regex=1')
    await page.locator('.hit').click()
    await user.sees(/^rarething$/m)
    expect(await page.locator(replay).count()).toBe(0)
  }, 60_000)

  it('is replayed as it was, in a program that draws all of the screen, back and forth', async () => {
    const user = await pages.arrive()
    const { page } = user
    const { api } = pages.world
    const id = page.url().split('/').at(-1) ?? ''
    const moments: { readonly at: number; readonly screen: string }[] = []
    async function note(): Promise<void> {
      // The screen has come along when it did not change while the output did not either.
      let before = ''
      await until(async () => {
        const now = `${(await api.output(id)).end} ${await user.screen()}`
        const isStill = now === before
        before = now
        await page.waitForTimeout(150)
        return isStill
      })
      moments.push({ at: await end(id), screen: linesOf(await user.screen()) })
    }
    await user.type("seq -f 'line %g of a text' 200 > text; vim -u NONE -N text")
    await user.sees(/line 1 of a text/)
    await note()
    await page.keyboard.type(':set number')
    await page.keyboard.press('Enter')
    await note()
    await page.keyboard.type('50Gihello world')
    await note()
    await page.setViewportSize({ width: 1000, height: 600 })
    await page.waitForTimeout(300)
    await note()
    await page.keyboard.press('Escape')
    await page.keyboard.type(':q!')
    await page.keyboard.press('Enter')
    await user.sees(/[#$]\s*$/)
    await note()
    expect(moments[2]?.screen).toContain('hello world')

    await page.setViewportSize({ width: 1280, height: 800 })
    await page.keyboard.press('Control+Shift+Y')
    await settled(page)
    for (const index of [2, 0, 3, 1, 4, 2]) {
      const { at, screen } = moments[index] ?? { at: 0, screen: '' }
      await page.locator('.replay-time').click()
      await page.getByLabel('Time or offset').fill(String(at))
      await page.keyboard.press('Enter')
      await until(async () => (await offsetOf(page)) === at)
      await settled(page)
      expect(linesOf(await user.screen())).toBe(screen)
    }
  }, 90_000)

  it('plays, pauses, steps and goes back by keyboard, and nothing of it is typed into the session', async () => {
    const user = await pages.arrive()
    const { page } = user
    const id = await said(
      'steps',
      "for n in 1 2 3 4; do printf '\\033[6n\\033[c\\033]133;A\\007prompt %s\\r\\n' $n; sleep 0.7; done; cat",
    )
    await until(async () => (await pages.world.api.output(id)).bytes.includes('prompt 4'))
    await page.waitForTimeout(800)
    const before = await end(id)
    await follow(page, `#/view/replay/${id}?at=0`)
    await settled(page)
    expect(linesOf(await user.screen())).toBe('')
    await page.keyboard.press('Space')
    await user.sees(/prompt 2/)
    await page.keyboard.press('Space')
    await until(async () => (await page.locator(replay).getAttribute('data-playing')) === 'false')
    expect(await user.screen()).not.toContain('prompt 4')
    await page.keyboard.press(']')
    await page.keyboard.press('End')
    await user.sees(/prompt 4/)
    await settled(page)
    await page.keyboard.press('[')
    await settled(page)
    await until(async () => !(await user.screen()).includes('prompt 4'))
    expect(await user.screen()).toContain('prompt 3')
    await page.keyboard.press('ArrowLeft')
    await settled(page)
    await until(async () => !(await user.screen()).includes('prompt 2'))
    await page.keyboard.type('typed')
    // `cat` would have said what was typed, and what was answered.
    expect(await end(id)).toBe(before)
  }, 60_000)

  it('is shared as a link to one moment, which another page opens', async () => {
    const user = await pages.arrive()
    const { page } = user
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await user.type('echo before-$((1 + 1)); sleep 1; echo after-$((1 + 1))')
    await user.sees(/after-2/)
    await page.keyboard.press('Control+Shift+Y')
    await settled(page)
    await page.keyboard.press('[')
    await settled(page)
    await until(async () => !(await user.screen()).includes('after-2'))
    const screen = linesOf(await user.screen())
    await page.getByRole('button', { name: 'Share this moment' }).click()
    await page.getByText('A link to this moment is in the clipboard').waitFor()
    const link = String(await page.evaluate('navigator.clipboard.readText()'))
    expect(link).toMatch(/#\/view\/replay\/[^?]+\?at=\d+$/)
    const other = await page.context().newPage()
    await other.goto(link)
    await settled(other)
    const rows = await other.locator('.xterm-rows > div').allTextContents()
    expect(linesOf(rows.join('\n'))).toBe(screen)
    await other.close()
    await page.getByRole('button', { name: 'Go live' }).click()
    await user.sees(/after-2/)
  }, 60_000)

  it('is taken away as a recording, which plays from the file', async () => {
    const user = await pages.arrive()
    const { page } = user
    const id = await said(
      'export',
      "printf 'one \\033[32mtwo\\033[0m\\r\\n'; sleep 0.2; echo three; cat",
    )
    await until(async () => (await pages.world.api.output(id)).bytes.includes('three'))
    await follow(page, `#/view/replay/${id}`)
    await settled(page)
    for (const [name, version] of [
      ['Download as asciicast v3', 3],
      ['Download as asciicast v2', 2],
    ] as const) {
      await page.getByRole('button', { name: 'More', exact: true }).click()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name }).click(),
      ])
      const file = join(pages.world.server.dir, `v${version}.cast`)
      await download.saveAs(file)
      const [head = '', ...events] = readFileSync(file, 'utf8').trimEnd().split('\n')
      expect(JSON.parse(head)).toMatchObject({ version })
      const said = events.map((line) => JSON.parse(line) as [number, string, string])
      const output = said.filter(([, code]) => code === 'o').map(([, , data]) => data)
      expect(output.join('')).toContain('one \x1b[32mtwo\x1b[0m\r')

      const sent: string[] = []
      page.on('request', (request) => sent.push(`${request.method()} ${request.url()}`))
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('menuitem', { name: 'Play a recording from a file' }).click()
      await page.locator('input[type="file"]').setInputFiles(file)
      await user.sees(/one two\n+three/)
      expect(sent.filter((request) => request.startsWith('POST'))).toEqual([])
      await follow(page, `#/view/replay/${id}`)
      await settled(page)
    }
    await follow(page, '#/view/replay')
    await page.getByRole('button', { name: 'More', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Play a recording from a file' }).click()
    const bad = { name: 'no.cast', mimeType: 'text/plain', buffer: Buffer.from('no recording') }
    await page.locator('input[type="file"]').setInputFiles(bad)
    await page.getByText('This file is no recording of asciinema').waitFor()
  }, 60_000)

  it('is text wherever it is shown, whatever programs have said', async () => {
    const user = await pages.arrive()
    const { page } = user
    const corpus = [
      '<img src=x onerror=alert(1)> xssword',
      '<script>alert(1)</script> xssword',
      '"><svg onload=alert(1)> xssword',
      'javascript:alert(1) xssword',
      'xssword \u202egnp.exe\u202c \u2066hidden\u2069 &lt;b&gt;',
    ]
    let alerts = 0
    page.on('dialog', (dialog) => {
      alerts++
      void dialog.dismiss()
    })
    const quoted = corpus.map((line) => `'${line.replaceAll("'", "'\\''")}'`).join(' ')
    await said('<b>xss</b><img src=x onerror=alert(1)>', `printf '%s\\r\\n' ${quoted}; cat`)
    await follow(page, '#/view/search?q=xssword')
    await until(async () => (await page.locator('.hit').count()) === corpus.length)
    const texts = await page.locator('.hit-text').allTextContents()
    for (const line of corpus.slice(0, 4)) expect(texts).toContain(line)
    expect(texts.join('')).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/)
    expect(await page.locator('.hit img, .hit script, .hit svg, .hit-session b').count()).toBe(0)
    await page.locator('.hit').first().click()
    await settled(page)
    expect(alerts).toBe(0)
  }, 60_000)
})
