import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { PASSWORD } from './server-process.ts'

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Sandboxing needs rights that containers lack; the rest keeps Chromium from calling home. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Without WebGL the terminal writes its text into the document, where a test can read it.
  '--disable-3d-apis',
]

/** Chromium of the system: `CHROME_PATH`, else where it usually lies. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = process.env['CHROME_PATH'] || PLACES.find((path) => existsSync(path))
  if (!executablePath)
    throw new Error('no Chromium: set CHROME_PATH, or CONDUCTOR_SKIP_BROWSER=1 to go without')
  return chromium.launch({ executablePath, args: ARGUMENTS })
}

/** A person at a browser. */
export interface User {
  readonly page: Page
  /** What the page complained about: errors on its console, exceptions, breaches of its own policy. */
  readonly complaints: readonly string[]
  /** How often the password was sent. */
  readonly logins: number
  logIn(password?: string): Promise<void>
  /** Opens a new session and waits for its prompt. */
  newSession(): Promise<void>
  /** Types into the terminal and presses Enter. */
  type(line: string): Promise<void>
  /** What the terminal shows, line by line. */
  screen(): Promise<string>
  /** Resolves with the match once the terminal shows it. */
  sees(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
}

export async function createUser(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<User> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  let logins = 0
  page.on('console', (message) => {
    if (message.type() === 'error' || message.text().includes('Content Security Policy'))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (request.url().endsWith('/api/login')) logins++
  })
  await page.goto(url)

  async function screen(): Promise<string> {
    return page.evaluate(() => {
      // Runs in the page, whose types this package does not have.
      const { document } = globalThis as unknown as { document: PageDocument }
      const rows = document.querySelectorAll('.xterm-rows > div')
      return Array.from(rows, (row) => row.textContent ?? '').join('\n')
    })
  }

  const user: User = {
    page,
    complaints,
    get logins() {
      return logins
    },
    async logIn(password = PASSWORD) {
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Log in' }).click()
    },
    async newSession() {
      await page.getByRole('button', { name: 'New session' }).first().click()
      await user.sees(/[#$] *\n/)
    },
    async type(line) {
      await page.keyboard.type(line)
      await page.keyboard.press('Enter')
    },
    screen,
    async sees(pattern, timeoutMs = 10_000) {
      const endMs = performance.now() + timeoutMs
      for (;;) {
        const text = await screen()
        const match = pattern.exec(text)
        if (match) return match
        if (performance.now() > endMs) throw new Error(`${pattern} is not on the screen:\n${text}`)
        await page.waitForTimeout(50)
      }
    },
  }
  return user
}

interface PageDocument {
  querySelectorAll(selector: string): ArrayLike<{ readonly textContent: string | null }>
}
