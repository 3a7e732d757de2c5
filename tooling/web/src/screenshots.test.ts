import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@conductor/testing'
import { describe, it } from 'vitest'
import { DESK, PHONE, SKIPPED, usePageWorld } from './page-world.ts'

/** Where the pictures of the README go; they are made anew only where this is set. */
const INTO = process.env['CONDUCTOR_SCREENSHOTS']

const WORKER = `
const levels = ['info', 'info', 'info', 'warn', 'error']
let n = 0
setInterval(() => console.log(JSON.stringify({ level: levels[n % 5], time: Date.now(), msg: 'job ' + ++n + ' done' })), 300)
`

/** What an agent's screen may look like, without one. */
const AGENT = String.raw`clear; printf '\e[1;38;5;173m*\e[0m \e[1mWelcome back\e[0m\n\n\e[2m> \e[0mmend the flaky test of the queue\n\n\e[38;5;114m●\e[0m The test waits 50 ms for what may take 80. I made it wait for the fact.\n\n  \e[38;5;114m+  await until(() => queue.isEmpty)\e[0m\n  \e[38;5;203m-  await sleep(50)\e[0m\n\n\e[38;5;114m●\e[0m \e[1mnpm test\e[0m  214 passed, 0 failed\n\n\e[38;5;179m? Commit this?\e[0m  (y/n) '; printf '\e]9;Commit this?\a'; read -r answer`

/** A project of nobody's. */
const SHELL = String.raw`PS1='\[\e[38;5;110m\]shop\[\e[0m\] $ '; mkdir -p shop/src shop/test shop/docs; cd shop; touch README.md package.json worker.mjs; chmod +x worker.mjs; clear; ls -lgo --time-style=+%H:%M --color=always | tail -n +2`

describe.skipIf(SKIPPED || !INTO)('the pictures of the README', () => {
  const pages = usePageWorld()

  it('are taken', async () => {
    const dir = INTO ?? ''
    mkdirSync(dir, { recursive: true })
    const { world } = pages
    const port = await freePort()
    writeFileSync(join(world.server.dir, 'worker.mjs'), WORKER)
    const processes = [
      {
        name: 'api',
        command: process.execPath,
        args: ['-e', `require('node:http').createServer((_, r) => r.end()).listen(${port})`],
        ready: { kind: 'check', check: { probe: { kind: 'tcp', port } } },
      },
      { name: 'worker', command: process.execPath, args: ['worker.mjs'], cwd: world.server.dir },
      {
        name: 'importer',
        command: 'sh',
        args: ['-c', 'sleep 2; echo "no such table: items"; exit 3'],
      },
    ]
    await world.api.request('PUT', '/api/processes?wait=false', {
      processes,
      start: ['api', 'worker', 'importer'],
    })

    const user = await pages.arrive({ ...DESK, colorScheme: 'dark' })
    const { page } = user
    const shot = (name: string) => page.screenshot({ path: join(dir, name) })
    await user.type(AGENT)
    await user.sees(/Commit this\?/)
    await page.keyboard.press('Control+Shift+E')
    await user.sees(/[#$] *\n/)
    await user.type(SHELL)
    await user.sees(/^shop \$/m)
    await shot('desktop.png')
    await page.evaluate(`location.hash = '#/view/processes'`)
    await page.locator('[data-process="worker"]').first().click()
    await page.locator('.log-line').nth(12).waitFor()
    await shot('processes.png')

    const [agent] = (await (await world.api.request('GET', '/api/sessions')).json()) as {
      id: string
    }[]
    const phone = await pages.arrive({ ...PHONE, colorScheme: 'dark' })
    await phone.page.evaluate(`location.hash = '#/session/${agent?.id}'`)
    await phone.sees(/Commit this\?/)
    await phone.page.screenshot({ path: join(dir, 'phone.png') })
  }, 120_000)
})
