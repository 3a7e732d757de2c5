import { createUser, launchChromium } from '@conductor/browser'
import { freePort, temporaryFolder, titled, whyMissing } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { BELOW, startNginx } from './proxies.ts'
import { PASSWORD, startServer } from './server.ts'

const missing =
  process.env['CONDUCTOR_SKIP_BROWSER'] === '1'
    ? 'CONDUCTOR_SKIP_BROWSER is 1'
    : whyMissing('nginx', 'openssl')

describe.skipIf(missing)(titled('a browser, nginx, and a path below another site', missing), () => {
  it('goes on typing over kill -9 of the server', { timeout: 120_000 }, async () => {
    const [port, serverPort] = [await freePort(), await freePort()]
    const origin = `https://127.0.0.1:${port}`
    const stateDir = temporaryFolder(onTestFinished)
    const start = () =>
      startServer(onTestFinished, {
        AI_CONDUCTOR_ADDR: `127.0.0.1:${serverPort}`,
        AI_CONDUCTOR_STATE_DIR: stateDir,
        AI_CONDUCTOR_DATA_DIR: `${stateDir}/sessions`,
        AI_CONDUCTOR_ALLOWED_ORIGINS: origin,
        AI_CONDUCTOR_BASE_PATH: BELOW.base,
      })
    const first = await start()
    await startNginx(onTestFinished, first.address, { ...BELOW, port })
    const browser = await launchChromium()
    onTestFinished(() => browser.close())

    // The certificate is the test's own, which no browser believes of a service worker.
    const how = { password: PASSWORD, ignoreHTTPSErrors: true, serviceWorkers: 'block' } as const
    const user = await createUser(browser, `${origin}${BELOW.base}`, how)
    expect(new URL(user.page.url()).pathname).toBe(`${BELOW.base}/`)
    await user.logIn()
    await user.newSession()
    expect(new URL(user.page.url()).pathname).toBe(`${BELOW.base}/terminal`)
    await user.type('echo pid=$$')
    const [, pid] = await user.sees(/^pid=(\d+)$/m)
    expect(user.complaints).toEqual([])

    first.program.child.kill('SIGKILL')
    await user.page
      .getByText(/Reconnecting/)
      .first()
      .waitFor({ timeout: 10_000 })
    await start()
    await user.sees(/^pid=\d+$/m, 30_000)
    await user.type('echo again=$$')
    const [, again] = await user.sees(/^again=(\d+)$/m, 30_000)
    expect(again).toBe(pid)
    expect(user.logins).toBe(1)
  })
})
