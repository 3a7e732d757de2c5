import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PASSWORD } from '@conductor/chaos/server-process'
import { createWorld, type World } from '@conductor/chaos/world'
import { temporaryFolder, until } from '@conductor/testing'
import type { Page } from 'playwright-core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { axeProblems } from './axe.ts'
import { PHONE, SKIPPED, usePageWorld } from './page-world.ts'

/** For a person who looks at what the page looks like. */
const shot = async (page: Page, name: string): Promise<void> => {
  const folder = process.env['CONDUCTOR_SHOTS']
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` })
}

/** Another machine, as far as anybody can tell. */
function farServer(): Promise<World> {
  return createWorld(onTestFinished, {
    dir: temporaryFolder(onTestFinished),
    env: { AI_CONDUCTOR_SILENCE: '25s' },
  })
}

async function addServer(page: Page, url: string, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Servers', exact: true }).click()
  await page.getByRole('button', { name: 'Add a server' }).click()
  await page.getByLabel('Address').fill(url)
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('heading', { name, exact: true }).first().waitFor()
}

const statusOf = (page: Page): Promise<string | null> =>
  page.locator('[data-remote-server]').first().getAttribute('data-status')

describe.skipIf(SKIPPED)('several servers in one page', () => {
  const pages = usePageWorld()

  it('shows the sessions of another one, which goes and comes back by itself', async () => {
    const far = await farServer()
    const user = await pages.arrive()
    const { page } = user
    await page.getByRole('button', { name: 'Servers', exact: true }).click()
    await shot(page, 'servers-none')
    await page.getByRole('button', { name: 'Add a server' }).click()
    await page.getByLabel('Address').fill('http://127.0.0.1:1')
    await page.getByLabel('Password').fill(PASSWORD)
    // The browser writes it on its console that this was refused: it is what is asked for here.
    const complaints = user.complaints.length
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('127.0.0.1:1 cannot be reached: nothing listens there.').waitFor()
    await shot(page, 'servers-add')
    expect(await axeProblems(page)).toEqual([])
    // It is an array; only nobody else should take out of it.
    expect((user.complaints as string[]).splice(complaints)).toHaveLength(1)
    await page.keyboard.press('Escape')

    await addServer(page, far.server.url, 'Workshop')
    await page.getByText('Connected, 0 sessions.').waitFor()
    await page.getByRole('button', { name: 'New session on Workshop' }).click()
    await user.sees(/[#$] *\n/)
    await user.type('echo far-$((40+2))')
    await user.sees(/far-42/)
    expect(await far.api.list()).toHaveLength(1)
    await shot(page, 'servers-session')
    expect(await axeProblems(page)).toEqual([])
    // A place on another server is one after a reload, too.
    await page.reload()
    await user.sees(/far-42/)

    await far.server.kill()
    await page.getByRole('button', { name: 'Servers', exact: true }).click()
    await until(async () => (await statusOf(page)) === 'unreachable', { timeoutMs: 60_000 })
    await shot(page, 'servers-away')
    expect(await axeProblems(page)).toEqual([])
    // Nobody waits for it.
    await page.getByRole('button', { name: 'New session', exact: true }).first().click()
    await user.sees(/[#$] *\n/)
    await user.type('echo near-$((40+2))')
    await user.sees(/near-42/)

    await far.server.start()
    await page.getByRole('button', { name: 'Servers', exact: true }).click()
    await until(async () => (await statusOf(page)) === 'ok', { timeoutMs: 60_000 })
    await page.locator('[data-server]:not([data-server="here"]) .session-open').click()
    await user.sees(/far-42/)
    await user.type('echo back-$((40+2))')
    await user.sees(/back-42/, 20_000)

    await page.getByRole('button', { name: 'Servers', exact: true }).click()
    await page.getByRole('button', { name: 'Remove Workshop' }).click()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText('Only this server so far').waitFor()
    expect(await far.api.list()).toHaveLength(1)
  }, 180_000)

  it('wants the password again where a login has ended, and open terminals go on after it', async () => {
    const far = await farServer()
    const user = await pages.arrive()
    const { page } = user
    await addServer(page, far.server.url, '<b>Far</b> & <img src=x onerror=alert(1)>')
    await page.getByRole('button', { name: /^New session on <b>/ }).click()
    await user.sees(/[#$] *\n/)
    await user.type('echo far-$((40+2))')
    await user.sees(/far-42/)
    expect(await page.locator('img[src="x"]').count()).toBe(0)

    const { servers } = JSON.parse(
      readFileSync(join(pages.world.server.dir, 'state/servers.json'), 'utf8'),
    ) as { servers: { token: string }[] }
    await fetch(`${far.server.url}/api/logout`, {
      method: 'POST',
      headers: { 'X-Session-Token': servers.at(-1)?.token ?? '' },
    })
    await page.getByText('Wants its password.').first().waitFor({ timeout: 20_000 })
    await page.getByRole('button', { name: 'Log in', exact: true }).first().click()
    await page.locator('[data-remote-server]').getByRole('button', { name: 'Log in' }).click()
    await page.getByLabel('Password').fill(PASSWORD)
    await shot(page, 'servers-login')
    expect(await axeProblems(page)).toEqual([])
    await page.getByRole('dialog').getByRole('button', { name: 'Log in' }).click()
    await until(async () => (await statusOf(page)) === 'ok')
    await page.locator('[data-server]:not([data-server="here"]) .session-open').click()
    await user.type('echo again-$((40+2))')
    await user.sees(/again-42/, 20_000)
    await page.getByRole('button', { name: 'Servers', exact: true }).click()
    await page.getByRole('button', { name: /^Remove/ }).click()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText('Only this server so far').waitFor()
  }, 90_000)

  it('has room on a phone', async () => {
    const far = await farServer()
    await far.api.create({ name: 'far away' })
    const added = await pages.world.api.request('POST', '/api/servers', {
      ...{ url: far.server.url, name: 'Workshop', password: PASSWORD },
    })
    const { id } = (await added.json()) as { id: string }
    const { page } = await pages.arrive(PHONE)
    await page.getByRole('button', { name: 'Show the sessions' }).tap()
    await page.getByRole('button', { name: /^far away/ }).waitFor()
    await shot(page, 'servers-phone-list')
    expect(await axeProblems(page)).toEqual([])
    await page.getByRole('button', { name: 'Servers', exact: true }).tap()
    await page.getByText('Connected, 1 session.').waitFor()
    await shot(page, 'servers-phone')
    expect(await axeProblems(page)).toEqual([])
    await pages.world.api.request('DELETE', `/api/servers/${id}`)
    await page.getByText('Only this server so far').waitFor()
  }, 60_000)
})
