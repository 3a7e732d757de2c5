import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

/** A person at a browser. */
export interface User {
  readonly page: Page
  /**
   * What the page complained about: errors on its console, exceptions, breaches of its own policy, boxes
   * of the browser that no page of ours opens, requests to anywhere else.
   */
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

export interface UserOptions extends BrowserContextOptions {
  /** The server's. */
  readonly password: string
}

export async function createUser(
  browser: Browser,
  url: string,
  { password: known, ...options }: UserOptions,
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
  page.on('dialog', (dialog) => {
    // The only one that is ours asks before typing is lost; whoever closes the page goes anyway.
    if (dialog.type() !== 'beforeunload') complaints.push(`a box: ${dialog.message()}`)
    void (dialog.type() === 'beforeunload' ? dialog.accept() : dialog.dismiss())
  })
  context.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    const isOurs = host === new URL(url).host || protocol === 'blob:' || protocol === 'data:'
    if (!isOurs) complaints.push(`a request to ${request.url()}`)
  })
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
    async logIn(password = known) {
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
