import { describe, expect, it } from 'vitest'
import type { Exit } from './exit.ts'
import type { RestartPolicyOptions } from './options.ts'
import { createRestartPolicy } from './restart-policy.ts'
import { createProgram } from './testing/program.ts'

const CRASH: Exit = { kind: 'code', code: 1 }
const fixed = (delayMs: number): RestartPolicyOptions => ({ delay: { kind: 'fixed', delayMs } })

describe('a row of restarts', () => {
  it('waits longer each time', () => {
    const program = createProgram({})
    expect([program.run(), program.run(), program.run()]).toEqual([
      { action: 'restart', delayMs: 1_000, attempt: 1, rule: 'mode:on-failure' },
      { action: 'restart', delayMs: 2_000, attempt: 2, rule: 'mode:on-failure' },
      { action: 'restart', delayMs: 4_000, attempt: 3, rule: 'mode:on-failure' },
    ])
  })

  it('begins anew after a run that was stable', () => {
    const program = createProgram({ stableAfterMs: 5_000 })
    program.run()
    program.run()
    expect(program.run({ readyForMs: 5_000 })).toMatchObject({ attempt: 1, delayMs: 1_000 })
  })

  it('counts the time from readiness, not from the start (systemd issue 43813)', () => {
    const program = createProgram({ stableAfterMs: 5_000 })
    program.run()
    expect(program.run({ startupMs: 60_000, readyForMs: 4_999 })).toMatchObject({ attempt: 2 })
    expect(program.run({ startupMs: 60_000 })).toMatchObject({ attempt: 3 })
  })

  it('counts from the first time that the run was ready', () => {
    const policy = createRestartPolicy({ stableAfterMs: 100 })
    let state = policy.onReady(policy.onStart(policy.initial(1), 0), 0)
    state = policy.onReady(state, 90)
    expect(policy.onExit({ ...state, attempt: 4 }, CRASH, 100).decision).toMatchObject({
      attempt: 1,
    })
  })

  it('does not count the end of a stable run that comes back at once', () => {
    const program = createProgram({ stableAfterMs: 5_000, afterStable: 'at-once' })
    program.run()
    expect(program.run({ readyForMs: 5_000 })).toMatchObject({ attempt: 0, delayMs: 0 })
    expect(program.run()).toMatchObject({ attempt: 1, delayMs: 1_000 })
  })

  it('is ended by a stop, also by one during the wait', () => {
    const policy = createRestartPolicy()
    const crashed = policy.onExit(policy.onStart(policy.initial(1), 0), CRASH, 10).state
    expect(crashed).toMatchObject({ attempt: 1, dueMs: 1_010 })
    const stopped = policy.onExit(crashed, { kind: 'requested' }, 20)
    expect(stopped.state).toMatchObject({ attempt: 0, previousMs: null, dueMs: null })
  })
})

describe('the budget in a row', () => {
  it('gives up for good when it is spent', () => {
    const program = createProgram({ ...fixed(0), budget: { inARow: 2 } })
    program.run()
    program.run()
    expect(program.run()).toEqual({ action: 'give-up', rule: 'budget:in-a-row' })
  })

  it('is not filled up by a start that went well, only by a stable run (the seed did)', () => {
    const program = createProgram({ ...fixed(0), budget: { inARow: 2 }, stableAfterMs: 5_000 })
    program.run({ readyForMs: 100 })
    program.run({ readyForMs: 100 })
    expect(program.run({ readyForMs: 100 })).toMatchObject({ action: 'give-up' })
  })

  it('tries a single time after a while, and again after the next failure (supervisor issue 1219)', () => {
    const budget = { inARow: 1, retryAfterMs: 60_000 }
    const program = createProgram({ ...fixed(0), budget, stableAfterMs: 5_000 })
    program.run()
    expect(program.run()).toMatchObject({ action: 'give-up', retryAtMs: program.nowMs() + 60_000 })
    expect(program.run()).toMatchObject({ action: 'give-up', retryAtMs: program.nowMs() + 60_000 })
    expect(program.run({ readyForMs: 5_000 })).toMatchObject({ action: 'restart', attempt: 1 })
  })
})

describe('the budget of a window', () => {
  const budget = { window: { starts: 3, perMs: 10_000 } }

  it('gives up when one more start would be too many', () => {
    const program = createProgram({ ...fixed(1_000), budget })
    program.run()
    program.run()
    expect(program.run()).toEqual({ action: 'give-up', rule: 'budget:window' })
  })

  it('looks at when the start would be, not at when the program ended', () => {
    const program = createProgram({ ...fixed(5_000), budget })
    for (let run = 0; run < 20; run++)
      expect(program.run({ startupMs: 1 })).toMatchObject({ action: 'restart' })
  })

  it('is not forgiven by a stable run', () => {
    const program = createProgram({ ...fixed(0), budget, stableAfterMs: 1 })
    program.run({ readyForMs: 10 })
    program.run({ readyForMs: 10 })
    expect(program.run({ readyForMs: 10 })).toMatchObject({ rule: 'budget:window' })
  })

  it('tries again only when there is room', () => {
    const program = createProgram({ ...fixed(0), budget: { ...budget, retryAfterMs: 1 } })
    program.run()
    program.run()
    expect(program.run()).toMatchObject({ action: 'give-up', retryAtMs: 10_001 })
  })

  it('counts a start that a person asked for, or leaves it out', () => {
    const both = [
      { starts: 1, perMs: 1_000 },
      { restarts: 1, perMs: 1_000 },
    ] as const
    const actions = both.map((window) => {
      const policy = createRestartPolicy({ ...fixed(0), budget: { window } })
      return policy.onExit(policy.onStart(policy.initial(1), 0), CRASH, 1).decision.action
    })
    expect(actions).toEqual(['give-up', 'restart'])
  })
})

describe('a clock that goes back', () => {
  it('stands for no time at all: what was remembered goes back with it', () => {
    const policy = createRestartPolicy({
      ...fixed(0),
      stableAfterMs: 100,
      budget: { window: { starts: 2, perMs: 1_000 } },
    })
    const state = policy.onReady(policy.onStart(policy.initial(1), 1e9), 1e9)
    const early = policy.onExit(state, CRASH, 50)
    expect(early.decision).toMatchObject({ action: 'restart', attempt: 1 })
    expect(early.state.startsMs).toEqual([50])
    expect(policy.onExit(policy.onStart(early.state, 60), CRASH, 70).decision).toMatchObject({
      action: 'give-up',
    })
    expect(policy.onExit(policy.onStart(early.state, 60), CRASH, 2_000).decision).toMatchObject({
      action: 'restart',
    })
  })
})

describe('what is no number', () => {
  it.each([Number.NaN, Infinity, -Infinity, 2 ** 60])('is refused as a moment: %s', (nowMs) => {
    const policy = createRestartPolicy()
    expect(() => policy.onStart(policy.initial(1), nowMs)).toThrow(
      `[restart-policy/BAD_NUMBER] nowMs is ${nowMs}`,
    )
  })

  it('is refused as a seed and as a count', () => {
    const policy = createRestartPolicy()
    expect(() => policy.initial(Number.NaN)).toThrow('[restart-policy/BAD_NUMBER] seed is NaN')
    expect(() => policy.preview(-1)).toThrow('[restart-policy/BAD_NUMBER] count is -1')
  })
})

describe('preview', () => {
  it('tells the delays before they happen', () => {
    const policy = createRestartPolicy({ jitter: { kind: 'equal' } })
    expect(policy.preview(3)).toEqual([
      { minMs: 500, maxMs: 1_000 },
      { minMs: 1_000, maxMs: 2_000 },
      { minMs: 2_000, maxMs: 4_000 },
    ])
  })

  it('ends where the policy gives up', () => {
    expect(createRestartPolicy({ budget: { inARow: 2 } }).preview(10)).toHaveLength(2)
  })
})
