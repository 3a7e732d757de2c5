import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { followLines } from './log-lines.ts'
import type { LogPiece } from './log-store.ts'

async function linesOf(pieces: readonly LogPiece[]): Promise<string[]> {
  const lines: string[] = []
  async function* each() {
    yield* pieces
  }
  await followLines(each(), (line) => lines.push(line))
  return lines
}

describe('lines', () => {
  it('are the same however the bytes are cut', async () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n\ufeff]/g, ''))
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat(20)), async (lines, cuts) => {
        const all = Buffer.from(lines.map((each) => `${each}\n`).join(''))
        const pieces: LogPiece[] = []
        let offset = 0
        for (const cut of [...cuts, all.length]) {
          const bytes = all.subarray(offset, offset + cut)
          pieces.push({ offset, bytes })
          offset += bytes.length
        }
        expect(await linesOf(pieces)).toEqual(lines)
      }),
    )
  })

  it('end at a gap', async () => {
    const pieces = [
      { offset: 0, bytes: Buffer.from('one\nhal') },
      { offset: 100, bytes: Buffer.from('f\ntwo\n') },
    ]
    expect(await linesOf(pieces)).toEqual(['one', 'hal', 'f', 'two'])
  })

  it('come in pieces if they are very long', async () => {
    const bytes = Buffer.from(`${'x'.repeat(20_000)}\n`)
    const lines = await linesOf([{ offset: 0, bytes }])
    expect(lines.map((each) => each.length)).toEqual([8_192, 8_192, 3_616])
  })
})
