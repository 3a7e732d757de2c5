import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

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

export interface LaunchOptions {
  /** Whether pages that are left are kept, as people's browsers do (default: no). */
  readonly bfcache?: boolean | undefined
}

/** Chromium of the system: `CHROME_PATH`, else where it usually lies. */
export async function launchChromium({ bfcache = false }: LaunchOptions = {}): Promise<Browser> {
  const executablePath = process.env['CHROME_PATH'] || PLACES.find((path) => existsSync(path))
  if (!executablePath)
    throw new Error('no Chromium: set CHROME_PATH, or CONDUCTOR_SKIP_BROWSER=1 to go without')
  return chromium.launch({
    executablePath,
    args: ARGUMENTS,
    ...(bfcache && { ignoreDefaultArgs: ['--disable-back-forward-cache'] }),
  })
}
