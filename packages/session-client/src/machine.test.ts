import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type SessionInput, type SessionState, transition } from './machine.ts'

const exit = { code: 0, signal: undefined, complete: true }
const input: fc.Arbitrary<SessionInput> = fc.constantFrom<SessionInput>(
  { type: 'connected' },
  { type: 'lost' },
  { type: 'attached', next: 0, end: 0 },
  { type: 'attached', next: 0, end: 9 },
  { type: 'moved', next: 5 },
  { type: 'moved', next: 9 },
  { type: 'deferred', untilMs: 2_000 },
  { type: 'due' },
  { type: 'refused', code: 4404, reason: '' },
  { type: 'retry' },
  { type: 'exit', exit },
  { type: 'close' },
)

it('a session is live only after it was attached on the present connection, and over for good once ended', () => {
  fc.assert(
    fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
      let state: SessionState = { name: 'waiting' }
      let asked = false
      for (const each of inputs) {
        const before: SessionState = state
        const [next, ...effects]: ReturnType<typeof transition> = transition(before, each)
        state = next
        if (each.type === 'lost') asked = false
        if (effects.includes('attach')) asked = true
        if (state.name === 'live' || state.name === 'replaying') expect(asked).toBe(true)
        if (before.name === 'closed') expect([state, effects]).toEqual([before, []])
        if (before.name === 'ended' && each.type !== 'close') expect(state).toBe(before)
        if (before.name === 'refused' && state !== before)
          expect(['retry', 'close']).toContain(each.type)
      }
    }),
  )
})
