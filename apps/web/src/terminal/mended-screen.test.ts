import { Terminal } from '@xterm/headless'
import type { Terminal as PageTerminal } from '@xterm/xterm'
import { expect, it } from 'vitest'
import { mendScreen } from './mended-screen.ts'

function screen() {
  const terminal = new Terminal({ cols: 20, rows: 4, allowProposedApi: true })
  // The headless one has all of the page's that is used.
  const mended = mendScreen(terminal as unknown as PageTerminal)
  const show = (data: string | Uint8Array): Promise<string> =>
    new Promise((resolve) =>
      mended.write(data, () =>
        resolve(terminal.buffer.active.getLine(0)?.translateToString(true) ?? ''),
      ),
    )
  return { show }
}

it('goes on after the erase of a screen without scrollback that freezes xterm.js', async () => {
  const { show } = screen()
  await show('\u001b[999;999H\u001b[1J')
  expect(await show('\u001b[Hstill here')).toBe('still here')
})

it('shows characters that are cut anywhere', async () => {
  const bytes = new TextEncoder().encode('a\u2014b \u201cq\u201d \u{1f600}\u00e9')
  for (let at = 1; at < bytes.length; at++) {
    const { show } = screen()
    await show(bytes.subarray(0, at))
    expect(await show(bytes.subarray(at))).toBe('a\u2014b \u201cq\u201d \u{1f600}\u00e9')
  }
})

it('forgets what was begun when something of our own is written', async () => {
  const { show } = screen()
  await show(new TextEncoder().encode('a\u2014').subarray(0, 3))
  await show('\u001b[H\u001b[2J')
  expect(await show(new TextEncoder().encode('\u00e9'))).toBe('\u00e9')
})
