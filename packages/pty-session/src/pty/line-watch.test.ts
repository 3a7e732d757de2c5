import { until } from '@conductor/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RAW_CAT, testPtys } from '../testing/test-pty.ts'
import { createLineWatch } from './line-watch.ts'

const testPty = testPtys(onTestFinished)

describe('a long line', () => {
  it('of 10,001 bytes typed to a program that reads lines is told, with what is kept', async () => {
    const pty = testPty('read line; echo kept $(printf %s "$line" | wc -c); read more')
    await pty.type(`${'x'.repeat(10_001)}\n`)
    await until(() => pty.notices.length > 0)
    expect(pty.notices).toEqual([
      ['LINE_TOO_LONG', expect.stringMatching(/line of 10001 bytes.* first 4095 bytes/)],
    ])
    await pty.said('kept 4095')
  })

  it('typed to a program that reads bytes is not', async () => {
    const pty = testPty(RAW_CAT)
    await pty.said('ready\n')
    await pty.type('x'.repeat(10_001))
    await until(() => pty.output.length === 10_007)
    // Whoever asks about the terminal now comes after the one who asked then.
    const other = testPty('read line; read more')
    await other.type(`${'x'.repeat(5_000)}\n`)
    await until(() => other.notices.length > 0)
    expect(pty.notices).toEqual([])
  })
})

describe('the watch for long lines', () => {
  function watch(canonical: boolean | Error = true) {
    const long: number[] = []
    let asked = 0
    const lines = createLineWatch({
      async isCanonical() {
        asked++
        if (canonical instanceof Error) throw canonical
        return canonical
      },
      onLong: (bytes) => long.push(bytes),
    })
    const type = (text: string) => lines.typed(Buffer.from(text))
    return { type, long, asked: () => asked }
  }
  const turn = () => new Promise(setImmediate)

  it('asks nothing for lines of up to 4,095 bytes', async () => {
    const { type, asked } = watch()
    for (const end of ['\n', '\r', '\r\n']) {
      type(`${'x'.repeat(4_095)}${end}`.repeat(10))
      for (let index = 0; index < 4_095; index++) type('x')
      type(end)
    }
    expect(asked()).toBe(0)
  })

  it('counts a line over many writes, and tells once of each', async () => {
    const { type, long, asked } = watch()
    for (let index = 0; index < 5_000; index++) type('x')
    type(`\nshort\n${'y'.repeat(4_096)}`)
    await turn()
    expect(long).toEqual([5_000, 4_096])
    type('y\n')
    await turn()
    expect(asked()).toBe(2)
  })

  it('tells nothing when the terminal reads bytes, or cannot be asked', async () => {
    for (const answer of [false, new Error('no stty')]) {
      const { type, long } = watch(answer)
      type('x'.repeat(9_000))
      await turn()
      expect(long).toEqual([])
    }
  })
})
