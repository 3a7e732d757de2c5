import { until } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
import { axeProblems } from './axe.ts'
import { DESK, PHONE, SKIPPED, usePageWorld } from './page-world.ts'

describe.skipIf(SKIPPED)('search and replay', () => {
  const pages = usePageWorld()

  it.each([
    ['a desk, light', { ...DESK, colorScheme: 'light' as const }],
    ['a desk, dark', { ...DESK, colorScheme: 'dark' as const }],
    ['a phone, light', { ...PHONE, colorScheme: 'light' as const }],
    ['a phone, dark', { ...PHONE, colorScheme: 'dark' as const }],
  ])(
    'shut nobody out on %s, and stay within the page',
    async (name, options) => {
      const { page } = await pages.arrive(options)
      const { api } = pages.world
      const { id } = await api.create({
        name: 'a build',
        command: '/bin/sh',
        cols: 100,
        rows: 30,
        args: [
          '-c',
          "for n in 1 2 3; do printf '\\033]133;A\\007\\033[32m$ \\033[0mmake part-%s\\r\\n' $n; seq -f 'compiled file %g of 40 with some words' 40; sleep 0.4; done; printf 'error: something \\033[31mfailed\\033[0m here\\r\\n'; cat",
        ],
      })
      await until(async () => (await api.output(id)).bytes.includes('failed'))
      const shot = async (what: string): Promise<void> => {
        const folder = process.env['CONDUCTOR_SCREENSHOTS']
        const path = `${folder}/${what}-${name.replace(/\W+/g, '-')}.png`
        if (folder) await page.screenshot({ path })
      }
      const fits = async (): Promise<void> => {
        expect(await axeProblems(page)).toEqual([])
        expect(
          await page.evaluate(
            'document.documentElement.scrollWidth > document.documentElement.clientWidth',
          ),
        ).toBe(false)
      }
      await page.evaluate(`location.hash = '#/view/search?q=file'`)
      await page.getByText(/lines, searched/).waitFor()
      await shot('search')
      await fits()
      await page.getByLabel('When').selectOption('range')
      await page.getByLabel('From').waitFor()
      await fits()
      await page.evaluate(`location.hash = '#/view/replay/${id}'`)
      await page.locator('.replay[data-seeking="false"]').waitFor()
      await until(async () => (await page.locator('.replay-reading').count()) === 0)
      await page.getByRole('button', { name: 'To the prompt before' }).click()
      await until(async () => (await page.locator('.replay[data-seeking="false"]').count()) === 1)
      await page.getByRole('button', { name: 'Skip pauses' }).click()
      await page.waitForTimeout(300)
      await shot('replay')
      await fits()
      await page.getByRole('button', { name: 'More', exact: true }).click()
      await page.getByRole('menu').waitFor()
      await shot('menu')
      await fits()
      await page.getByRole('menuitem', { name: 'Play a recording from a file' }).click()
      await page.getByText('Drop a recording here').waitFor()
      await shot('start')
      await fits()
    },
    60_000,
  )
})
