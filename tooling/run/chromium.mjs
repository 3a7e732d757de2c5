import { existsSync } from 'node:fs'
import { run, say } from './command.mjs'
import { inPath } from './install.mjs'

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
]

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/**
 * A browser for the tests: `CHROME_PATH`, one that is installed, or one installed now.
 *
 * @returns {Promise<{ path: string } | { why: string }>}
 */
export async function findChromium() {
  const asked = process.env.CHROME_PATH
  if (asked) return existsSync(asked) ? { path: asked } : { why: `CHROME_PATH: no ${asked}` }
  const found = installed()
  if (found) return { path: found }
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !inPath('apt-get'))
    return { why: 'there is no Chromium here: install it, or name one in CHROME_PATH' }

  say('Installing Chromium for the browser tests (once) ...')
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const update = await run('apt-get', ['update'], { env })
  const install = await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], {
    env,
  })
  const path = installed()
  if (path) return { path }
  const said = `${update.output}${install.output}`.trim().split('\n').slice(-5).join('\n')
  return { why: `Chromium could not be installed:\n${said}` }
}

function installed() {
  return NAMES.map(inPath).find(Boolean) ?? PLACES.find((path) => existsSync(path))
}
