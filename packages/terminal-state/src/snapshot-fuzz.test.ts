import fc from 'fast-check'
import { expect, it } from 'vitest'
import { findDifference } from './testing/differential.ts'
import { vtOutput, vtSize } from './testing/vt-output.ts'

it('a snapshot, and then the rest, is the same as all, whatever the program says', async () => {
  await fc.assert(
    fc.asyncProperty(vtOutput, fc.array(fc.nat(), { maxLength: 4 }), async (output, places) => {
      const cuts = [...places.map((each) => each % (output.length + 1)), output.length]
      cuts.sort((a, b) => a - b)
      const difference = await findDifference({ ...vtSize, output, cuts, scrollback: 200 })
      expect(difference?.copy, difference?.at).toEqual(difference?.original)
    }),
    { numRuns: Number(process.env['RUNS'] ?? 300), seed: Number(process.env['SEED'] ?? 1) },
  )
})
