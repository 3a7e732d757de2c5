import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { seeded } from '@conductor/testing'
import { describe, expect, it } from 'vitest'
// biome-ignore lint/correctness/useImportExtensions: plain JavaScript, and its types stand beside it
import { createNumberedLines } from './numbered-lines.mjs'
import { createOracle, type Oracle } from './oracle.ts'

const generator = fileURLToPath(new URL('./generator.mjs', import.meta.url))
const SEED = 7
const stream = createNumberedLines(SEED).fill(Buffer.alloc(400_000), 0)

/** Gives `bytes` in pieces of random size, with true offsets. */
function give(oracle: Oracle, bytes: Buffer): void {
  const random = seeded(1)
  for (let at = 0; at < bytes.length; ) {
    const piece = bytes.subarray(at, at + 1 + Math.floor(random() * 9_000))
    oracle.accept(at, piece)
    at += piece.length
  }
}

describe('createOracle', () => {
  it('agrees with what the generator prints, to the byte', () => {
    const printed = execFileSync(process.execPath, [generator, '--bytes=200001', `--seed=${SEED}`])
    const oracle = createOracle({ seed: SEED })
    give(oracle, printed)
    expect(oracle).toMatchObject({ offset: 200_001, deviation: undefined })
  })

  it('can begin anywhere', () => {
    const oracle = createOracle({ seed: SEED, from: 123_456 })
    expect(oracle.accept(123_456, stream.subarray(123_456))).toBe(true)
  })

  it('sees one changed byte, and where', () => {
    const wrong = Buffer.from(stream)
    wrong.writeUInt8(stream.readUInt8(300_000) ^ 1, 300_000)
    const oracle = createOracle({ seed: SEED })
    give(oracle, wrong)
    expect(oracle.deviation).toMatchObject({ offset: 300_000 })
  })

  it('sees bytes that are missing without a word', () => {
    const oracle = createOracle({ seed: SEED })
    give(oracle, Buffer.concat([stream.subarray(0, 50_000), stream.subarray(60_000)]))
    expect(oracle.deviation).toMatchObject({ kind: 'lost' })
    expect(oracle.offset).toBeGreaterThanOrEqual(50_000)
    expect(oracle.offset).toBeLessThan(50_020)
  })

  it('sees bytes that come twice', () => {
    const oracle = createOracle({ seed: SEED })
    give(oracle, Buffer.concat([stream.subarray(0, 50_000), stream.subarray(40_000)]))
    expect(oracle.deviation).toMatchObject({ kind: 'repeated' })
  })

  it('believes no wrong offset', () => {
    const hole = createOracle({ seed: SEED })
    hole.accept(0, stream.subarray(0, 100))
    hole.accept(150, stream.subarray(150, 200))
    expect(hole.deviation).toMatchObject({ kind: 'lost', offset: 100, sizeBytes: 50 })

    const overlap = createOracle({ seed: SEED })
    overlap.accept(0, stream.subarray(0, 100))
    overlap.accept(90, stream.subarray(90, 200))
    expect(overlap.deviation).toMatchObject({ kind: 'repeated', offset: 100, sizeBytes: 10 })
  })

  it('is not convinced again after a deviation', () => {
    const oracle = createOracle({ seed: SEED })
    oracle.accept(5, stream.subarray(5, 10))
    expect(oracle.accept(0, stream.subarray(0, 10))).toBe(false)
  })
})
