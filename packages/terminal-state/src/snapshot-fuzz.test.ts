import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createTerminalState } from './terminal-state.ts'
import { findDifference, isBeyondWords } from './testing/differential.ts'
import { freshXterm, write } from './testing/real-xterm.ts'
import { stateOf } from './testing/state-of.ts'
import { vtOutput, vtSize } from './testing/vt-output.ts'

const SCROLLBACK = 200
/**
 * The same runs each time: what xterm.js leaves behind at the right edge has more kinds than the README's
 * limits could list, and chance would find one of them a year. To search for more, change the seed.
 */
const FUZZ = { numRuns: 200, seed: 1 }

it('a snapshot, and then the rest, is the same as all, whatever the program says', async () => {
  await fc.assert(
    fc.asyncProperty(vtOutput, fc.array(fc.nat(), { maxLength: 4 }), async (output, places) => {
      const cuts = [...places.map((each) => each % (output.length + 1)), output.length]
      cuts.sort((a, b) => a - b)
      const difference = await findDifference({ ...vtSize, output, cuts, scrollback: SCROLLBACK })
      expect(difference?.copy, difference?.at).toEqual(difference?.original)
    }),
    FUZZ,
  )
})

it('so is one of a terminal that has changed its size', async () => {
  const sizes = fc.record({
    cols: fc.integer({ min: 2, max: 20 }),
    rows: fc.integer({ min: 1, max: 8 }),
  })
  await fc.assert(
    fc.asyncProperty(vtOutput, sizes, vtOutput, async (before, size, more) => {
      // No accent is due any more: a window that became narrower may have no cell for it.
      const after = Buffer.concat([Buffer.from('\x1b[m'), more])
      const state = await createTerminalState({ ...vtSize, scrollback: SCROLLBACK })
      const raw = freshXterm(vtSize.cols, vtSize.rows, SCROLLBACK)
      const copy = freshXterm(size.cols, size.rows, SCROLLBACK)
      try {
        state.resize(before.length, size)
        state.feed(Buffer.concat([before, after]))
        write(raw, before)
        raw.resize(size.cols, size.rows)
        write(raw, after)
        if (isBeyondWords(raw)) return
        write(copy, state.snapshot({ scrollbackLines: SCROLLBACK }).bytes)
        expect(stateOf(copy, SCROLLBACK)).toEqual(stateOf(raw, SCROLLBACK))
      } finally {
        state.close()
        for (const each of [raw, copy]) each.dispose()
      }
    }),
    FUZZ,
  )
})
