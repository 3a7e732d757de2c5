import { expect, it, onTestFinished } from 'vitest'
import { loadXterm } from './load-xterm.ts'

const MOST = 2_147_483_647

async function shown(output: string): Promise<readonly string[]> {
  const { make } = await loadXterm()
  const terminal = make({ cols: 8, rows: 3, scrollback: 20 })
  onTestFinished(() => terminal.dispose())
  await new Promise<void>((resolve) => terminal.write(output, resolve))
  const { active } = terminal.buffer
  const rows = Array.from({ length: 3 }, (_, y) =>
    active.getLine(active.baseY + y)?.translateToString(true),
  )
  return [...rows.map(String), `${active.cursorX},${active.cursorY}`]
}

it.each([
  ['forward tabs', 'I', 8],
  ['backward tabs', 'Z', 8],
  ['inserted lines', 'L', 3],
  ['deleted lines', 'M', 3],
  ['lines scrolled up', 'S', 3],
  ['lines scrolled down', 'T', 3],
  ['repetitions', 'b', 24],
])(
  'two thousand million %s are done at once, as so many as there is room for',
  async (_, final, most) => {
    const before = 'one\r\ntwo\r\nthree\x1b[2;2Hx'
    expect(await shown(`${before}\x1b[${MOST}${final}`)).toEqual(
      await shown(`${before}\x1b[${most}${final}`),
    )
  },
)

it.each(['I', 'Z', 'L', 'M', 'S', 'T', 'b'])(
  'what is counted within reason is left to xterm.js: %s',
  async (final) => {
    const before = 'one\r\ntwo\r\nthree\x1b[2;2Hx'
    const [once, twice] = [
      await shown(`${before}\x1b[${final}`),
      await shown(`${before}\x1b[1${final}`),
    ]
    expect(once).toEqual(twice)
  },
)
