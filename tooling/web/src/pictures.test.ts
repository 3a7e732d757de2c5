import { until } from '@conductor/testing'
import { describe, it } from 'vitest'
import { SKIPPED, usePageWorld } from './page-world.ts'

/** Red, 10 by 6 pixels. */
const SIXEL = String.raw`printf '\ePq#0;2;100;0;0#0!10~\e\\'`

/** One pixel, as iTerm2 has pictures. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
const ITERM = String.raw`printf '\e]1337;File=inline=1;size=70;width=20px;height=20px:${PNG}\a'`

/** Whether anything is drawn over the text. */
const DRAWN = `(() => {
  const layer = document.querySelector('canvas.xterm-image-layer')
  if (!layer) return false
  const { data } = layer.getContext('2d').getImageData(0, 0, layer.width, layer.height)
  return data.some((value) => value > 0)
})()`

describe.skipIf(SKIPPED)('a picture of a program', () => {
  const pages = usePageWorld()

  it('is drawn where the settings allow it', async () => {
    const user = await pages.arrive()
    const { page } = user
    await page.evaluate(
      `localStorage.setItem('conductor.settings', '{"version":1,"values":{"images":true}}')`,
    )
    await page.reload()
    await user.sees(/[#$]/)
    for (const picture of [SIXEL, ITERM]) {
      await user.type(`clear; ${picture}; echo; echo shown`)
      await user.sees(/^shown$/m)
      await until(() => page.evaluate(DRAWN), { timeoutMs: 15_000 })
    }
  }, 60_000)
})
