import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PumpSocket, pump } from './pump.ts'

const HIGH_WATER_BYTES = 256 * 1024

/** A socket that a test reads from when it likes: what is sent waits in it, and what comes waits while it is paused. */
function fakeSocket(): PumpSocket & {
  readonly isPaused: boolean
  readonly taken: readonly Buffer[]
  /** The network brings this. @returns whether it was read, and not left with its sender. */
  brings(data: Buffer): boolean
  /** The kernel takes the next of what was sent. */
  drains(): boolean
} {
  const waiting: { readonly data: Buffer; readonly onSent: () => void }[] = []
  const taken: Buffer[] = []
  const listeners: ((data: Buffer, isBinary: boolean) => void)[] = []
  let isPaused = false
  return {
    get bufferedAmount() {
      return waiting.reduce((sum, { data }) => sum + data.length, 0)
    },
    get isPaused() {
      return isPaused
    },
    taken,
    send(data, _, onSent) {
      waiting.push({ data, onSent })
    },
    pause() {
      isPaused = true
    },
    resume() {
      isPaused = false
    },
    on(_, listener) {
      listeners.push(listener)
    },
    brings(data) {
      if (isPaused) return false
      for (const listener of listeners) listener(data, true)
      return true
    },
    drains() {
      const next = waiting.shift()
      if (!next) return false
      taken.push(next.data)
      next.onSent()
      return true
    },
  }
}

const step = fc.oneof(
  fc.record({
    kind: fc.constant('brings' as const),
    side: fc.nat(1),
    size: fc.integer({ min: 0, max: 300_000 }),
  }),
  fc.record({ kind: fc.constant('drains' as const), side: fc.nat(1), size: fc.nat(20) }),
)

describe('a pump', () => {
  it('loses, repeats and swaps nothing, holds a bounded amount, and never stands still for good', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const sides = [fakeSocket(), fakeSocket()] as const
        const told = [false, false]
        const sent: [string[], string[]] = [[], []]
        let count = 0
        for (const at of [0, 1] as const)
          pump({
            from: sides[at],
            to: sides[at === 0 ? 1 : 0],
            onPause: (paused) => {
              told[at] = paused
            },
          })
        for (const { kind, side, size } of steps) {
          const at = side === 0 ? 0 : 1
          if (kind === 'drains') {
            for (let n = 0; n < size; n++) sides[at].drains()
            continue
          }
          const data = Buffer.alloc(size + 4)
          data.writeUInt32BE(count++)
          // What is not read stays with its sender, who tries again later.
          if (sides[at].brings(data)) sent[at].push(data.toString('latin1'))
        }
        for (const at of [0, 1] as const) {
          expect(sides[at].bufferedAmount).toBeLessThanOrEqual(HIGH_WATER_BYTES + 300_004)
          expect(told[at]).toBe(sides[at].isPaused)
        }
        while (sides[0].drains() || sides[1].drains()) {}
        for (const at of [0, 1] as const) {
          expect(sides[at === 0 ? 1 : 0].taken.map((data) => data.toString('latin1'))).toEqual(
            sent[at],
          )
          expect(sides[at].isPaused).toBe(false)
        }
      }),
      { numRuns: 200 },
    )
  })
})
