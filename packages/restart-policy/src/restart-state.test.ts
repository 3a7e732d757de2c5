import { expect, it } from 'vitest'
import { createRestartPolicy } from './restart-policy.ts'
import { isRestartState, type RestartState } from './restart-state.ts'

const state: RestartState = createRestartPolicy().initial(7)

it('has these fields in version 1, for ever', () => {
  expect(state).toEqual({
    v: 1,
    nowMs: null,
    attempt: 0,
    previousMs: null,
    startsMs: [],
    readyMs: null,
    dueMs: null,
    rng: 7,
  })
})

it('is known from what is none', () => {
  expect(isRestartState(JSON.parse(JSON.stringify(state)))).toBe(true)
  const others: unknown[] = [
    null,
    'state',
    {},
    { ...state, v: 2 },
    { ...state, attempt: -1 },
    { ...state, dueMs: 'soon' },
    { ...state, startsMs: [null] },
    { ...state, rng: 2 ** 32 },
    { ...state, rng: Number.NaN },
  ]
  for (const other of others) expect([other, isRestartState(other)]).toEqual([other, false])
})

it('of another version is refused, not guessed at', () => {
  // As from a file of a later version.
  const later = { ...state, v: 2 } as unknown as RestartState
  expect(() => createRestartPolicy().onStart(later, 0)).toThrow(
    '[restart-policy/BAD_STATE] its version is 2, not 1',
  )
})

it('stays small: it keeps no more starts than the window counts', () => {
  const policy = createRestartPolicy({ budget: { window: { starts: 3, perMs: 1e9 } } })
  let now = state
  for (let start = 0; start < 100; start++) now = policy.onStart(now, start)
  expect(now.startsMs).toEqual([97, 98, 99])
})
