import { createUser, launchChromium, type User } from '@conductor/browser'
import type { Browser } from 'playwright-core'
import {
  type ConductorServer,
  PASSWORD,
  type Session,
  startConductor,
} from '../conductor-server.ts'
import type { Measurement } from '../context.ts'
import { figure } from '../figure.ts'
import {
  countFrames,
  type Frames,
  type Glyphs,
  inPage,
  loadedBytes,
  typeGlyphs,
} from '../web/in-page.ts'
import { startRawPeer } from '../web/raw-peer.ts'
import { ECHO } from './echo.ts'

/** Letters typed in each round. */
const KEYS = 100
const HISTORY_BYTES = 10 * 1024 * 1024
const LISTED = 200
/** Of the list, in each second of five. */
const EVENTS_PER_S = 200

/** Writes this much and then waits. */
const history: readonly string[] = [
  'sh',
  '-c',
  `yes "$(seq -s ' ' 30)" | head -c ${HISTORY_BYTES}; printf '\\nALL-HERE\\n'; exec cat`,
]

async function visit(browser: Browser, port: number, session?: Session): Promise<User> {
  const viewport = { width: 1280, height: 800 }
  const user = await createUser(browser, `http://127.0.0.1:${port}`, {
    password: PASSWORD,
    viewport,
  })
  await user.logIn()
  await user.page.locator('.sidebar').waitFor()
  if (session) await user.page.locator(`[data-session="${session.id}"] .session-open`).click()
  return user
}

const leave = (user: User): Promise<void> => user.page.context().close()

async function ourEcho(browser: Browser, server: ConductorServer): Promise<Glyphs> {
  const session = await server.create('persistent', ECHO)
  const user = await visit(browser, session.address.port, session)
  await user.sees(/READY/)
  await user.page.locator('.xterm-helper-textarea').focus()
  const found = await typeGlyphs(user.page, KEYS)
  await leave(user)
  return found
}

async function rawEcho(browser: Browser): Promise<Glyphs> {
  const peer = await startRawPeer(ECHO)
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(peer.url)
  await page.locator('.xterm-rows', { hasText: 'READY' }).waitFor()
  const found = await typeGlyphs(page, KEYS)
  await page.context().close()
  await peer.close()
  return found
}

/** From the beginning of the load until the newest line of 10 MB stands there. */
async function firstPaintMs(browser: Browser, session: Session): Promise<number> {
  const user = await visit(browser, session.address.port, session)
  await user.sees(/ALL-HERE/, 60_000)
  await user.page.reload({ waitUntil: 'commit' })
  await inPage(user.page, `document.querySelector('.xterm-rows')?.textContent.includes('ALL-HERE')`)
  const ms = (await user.page.evaluate('performance.now()')) as number
  await leave(user)
  return ms
}

async function floodFrames(browser: Browser, server: ConductorServer): Promise<Frames> {
  const session = await server.create('persistent', ['yes', 'a line of a flood that does not end'])
  const user = await visit(browser, session.address.port, session)
  await user.sees(/a flood/)
  const found = await countFrames(user.page, () => user.page.waitForTimeout(5_000))
  await leave(user)
  return found
}

async function listFrames(browser: Browser, server: ConductorServer): Promise<Frames> {
  const sessions: Session[] = []
  while (sessions.length < LISTED) sessions.push(await server.create('server', ['sleep', '1000']))
  const [first] = sessions
  if (!first) throw new Error('no sessions')
  const { port, headers } = first.address
  const token = headers[0]?.split(': ')[1] ?? ''
  const user = await visit(browser, port)
  await user.page
    .locator('.session-row')
    .nth(LISTED - 1)
    .waitFor()
  await user.page.evaluate(`(() => {
    const list = document.querySelector('.sidebar-list')
    const step = () => {
      list.scrollTop = (list.scrollTop + 40) % (list.scrollHeight - list.clientHeight)
      requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  })()`)
  const rename = ({ id }: Session, n: number): Promise<unknown> =>
    fetch(`http://127.0.0.1:${port}/api/sessions/${id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'x-session-token': token },
      body: JSON.stringify({ name: `renamed ${n}` }),
    }).then((answer) => answer.text())
  const found = await countFrames(user.page, async () => {
    const fromMs = performance.now()
    for (let n = 0; n < 5 * EVENTS_PER_S; n += 10) {
      await Promise.all(
        sessions.slice(n % LISTED, (n % LISTED) + 10).map((each) => rename(each, n)),
      )
      const aheadMs = (n / EVENTS_PER_S) * 1_000 - (performance.now() - fromMs)
      if (aheadMs > 0) await user.page.waitForTimeout(aheadMs)
    }
  })
  await leave(user)
  return found
}

export const web: Measurement = {
  name: 'web',
  about: `${KEYS} letters from key to glyph in Chromium, against the same xterm.js on a raw WebSocket; 10 MB of history, a flood, 200 sessions`,
  async run({ dir, rounds }) {
    const browser = await launchChromium()
    const server = await startConductor({ dir })
    try {
      const old = await server.create('persistent', history)
      const first = await visit(browser, old.address.port)
      const weight = await loadedBytes(first.page)
      await leave(first)
      const ours: Glyphs[] = []
      const raw: Glyphs[] = []
      const paints: number[] = []
      const floods: Frames[] = []
      for (let round = 1; round <= rounds; round++) {
        raw.push(await rawEcho(browser))
        ours.push(await ourEcho(browser, server))
        paints.push(await firstPaintMs(browser, old))
        floods.push(await floodFrames(browser, server))
      }
      const lists = [await listFrames(browser, server)]
      const ratio = (of: keyof Glyphs): number[] =>
        ours.map((each, at) => each[of] / (raw[at]?.[of] ?? Number.NaN))
      const all = (from: readonly Glyphs[], of: keyof Glyphs): number[] =>
        from.map((each) => each[of])
      return [
        figure('web.raw.p50', 'key to glyph, raw WebSocket, p50', 'ms', all(raw, 'p50')),
        figure('web.raw.p99', 'key to glyph, raw WebSocket, p99', 'ms', all(raw, 'p99')),
        figure('web.ours.p50', 'key to glyph, Conductor, p50', 'ms', all(ours, 'p50')),
        figure('web.ours.p99', 'key to glyph, Conductor, p99', 'ms', all(ours, 'p99')),
        figure('web.ratio.p50', 'key to glyph, ratio to raw, p50', 'x', ratio('p50')),
        figure('web.ratio.p99', 'key to glyph, ratio to raw, p99', 'x', ratio('p99')),
        figure('web.history', 'reload to the newest of 10 MB', 'ms', paints),
        figure(
          'web.flood.frames',
          'frames under a flood, of 60 a second',
          'x',
          floods.map(({ share }) => share),
        ),
        figure(
          'web.list.frames',
          'frames, 200 sessions scrolled, 200 events/s',
          'x',
          lists.map(({ share }) => share),
        ),
        figure(
          'web.list.long',
          'the same 5 s: tasks over 50 ms, together',
          'ms',
          lists.map(({ longMs }) => longMs),
        ),
        figure('web.weight', 'what the page loads at first', 'kB', [weight / 1_000]),
      ]
    } finally {
      await browser.close()
      await server.close()
    }
  },
}
