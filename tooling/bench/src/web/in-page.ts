import type { Page } from 'playwright-core'
import { percentile } from '../statistics.ts'

/** Resolves in the frame in which this holds. The page's own policy forbids Playwright's way to wait. */
export async function inPage(page: Page, fact: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const look = () => (${fact}) ? resolve() : requestAnimationFrame(look)
    look()
  })`)
}

export interface Glyphs {
  readonly p50: number
  readonly p99: number
}

/**
 * Types letters, one after the other, and takes the time from the browser's own key event until the letter
 * stands in the page. The frame in which it is painted is the same for all.
 */
export async function typeGlyphs(page: Page, keys: number): Promise<Glyphs> {
  await page.evaluate(`(() => {
    const rows = document.querySelector('.xterm-rows')
    const count = () => (rows.textContent.match(/z/g) ?? []).length
    globalThis.glyphMs = []
    let seen = count()
    let pressedMs = 0
    addEventListener('keydown', ({ timeStamp }) => { pressedMs = timeStamp }, true)
    new MutationObserver(() => {
      const now = count()
      if (now > seen && pressedMs > 0) glyphMs.push(performance.now() - pressedMs)
      if (now > seen) pressedMs = 0
      seen = now
    }).observe(rows, { childList: true, characterData: true, subtree: true })
  })()`)
  for (let n = 1; n <= keys; n++) {
    await page.keyboard.press('z')
    await inPage(page, `glyphMs.length >= ${n}`)
  }
  const ms = (await page.evaluate('glyphMs')) as number[]
  return { p50: percentile(ms, 0.5), p99: percentile(ms, 0.99) }
}

export interface Frames {
  /** Of those that 60 a second would be, how many there were. */
  readonly share: number
  /** Of all tasks over 50 ms, together. */
  readonly longMs: number
}

/** Counts frames while `act` goes on. */
export async function countFrames(page: Page, act: () => Promise<void>): Promise<Frames> {
  await page.evaluate(`(() => {
    globalThis.counted = { frames: 0, longMs: 0, goes: true, fromMs: performance.now() }
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) counted.longMs += duration
    }).observe({ entryTypes: ['longtask'] })
    const step = () => { counted.frames++; if (counted.goes) requestAnimationFrame(step) }
    requestAnimationFrame(step)
  })()`)
  await act()
  const [frames, longMs, ms] = (await page.evaluate(
    '(counted.goes = false, [counted.frames, counted.longMs, performance.now() - counted.fromMs])',
  )) as [number, number, number]
  return { share: frames / ((ms / 1_000) * 60), longMs }
}

/** What the page has loaded so far, as it came over the network, in bytes. */
export async function loadedBytes(page: Page): Promise<number> {
  return page.evaluate(
    `[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter(({ name }) => !/\\/(api|ws)\\//.test(name))
      .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`,
  )
}
