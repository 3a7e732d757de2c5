import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe has against the page: nothing, or each rule with where. */
export async function axeProblems(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE)
  // What appears is faint for a moment; what it looks like then is not what it looks like.
  await page.evaluate(
    'Promise.all(document.getAnimations().filter((each) => each.effect.getComputedTiming().iterations !== Infinity).map((each) => each.finished.catch(() => {})))',
  )
  // The terminal's own elements are xterm's, and their colours the program's.
  return page.evaluate(
    `axe.run({ exclude: ['.xterm'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`,
  )
}
