import { createUser, launchChromium, type User } from '@conductor/browser'
import { PASSWORD } from '@conductor/chaos/server-process'
import { createWorld, type World } from '@conductor/chaos/world'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'

export const SKIPPED: boolean = process.env['CONDUCTOR_SKIP_BROWSER'] === '1'

export const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 800 } }
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 780 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
}

/** What a browser says of requests that nobody answered. */
export const CUT_OFF: RegExp =
  /ERR_INTERNET_DISCONNECTED|ERR_NETWORK|ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|WebSocket connection to/

export interface PageWorldOptions {
  /** Whether the browser keeps pages that are left, as those of people do (default: no). */
  readonly bfcache?: boolean
}

/** One server and one browser for the tests of a file. */
export interface PageWorld {
  readonly world: World
  readonly browser: Browser
  /** Somebody new at a browser, logged in, with one session open; whoever hears complaints fails the test. */
  arrive(options?: BrowserContextOptions): Promise<User>
  /** In this test, complaints like this are what it is about, as those of a browser without a server. */
  forgive(complaints: RegExp): void
}

export function usePageWorld({ bfcache = false }: PageWorldOptions = {}): PageWorld {
  let browser: Browser
  let world: World
  let forgiven: RegExp | undefined
  const endings: (() => void | Promise<void>)[] = []

  beforeAll(async () => {
    if (SKIPPED) return
    // Real people get real patience: the silence that is allowed by default.
    const env = { AI_CONDUCTOR_SILENCE: '25s' }
    const program = process.env['CONDUCTOR_SERVER_PROGRAM']
    world = await createWorld((act) => endings.push(act), { env, program })
    browser = await launchChromium({ bfcache })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    for (const end of endings.reverse()) await end()
  })

  return {
    get world() {
      return world
    },
    get browser() {
      return browser
    },
    async arrive(options = DESK) {
      const user = await createUser(browser, world.server.url, { password: PASSWORD, ...options })
      onTestFinished(async () => {
        await user.page.context().close()
        const pardon = forgiven
        forgiven = undefined
        expect(user.complaints.filter((text) => !pardon?.test(text))).toEqual([])
      })
      await user.logIn()
      await user.newSession()
      return user
    },
    forgive(complaints) {
      forgiven = complaints
    },
  }
}
