import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Exit } from './exit.ts'
import { type Delay, type Jitter, MAX_DELAY_MS, type RestartPolicyOptions } from './options.ts'
import { createRestartPolicy, type Decision, type RestartPolicy } from './restart-policy.ts'
import { isRestartState, type RestartState } from './restart-state.ts'

const ms = fc.integer({ min: 1, max: 100_000 })

const delays: fc.Arbitrary<Delay> = fc.oneof(
  fc.record({ kind: fc.constant('fixed' as const), delayMs: fc.nat(100_000) }),
  fc.record({
    kind: fc.constant('list' as const),
    delaysMs: fc.array(fc.nat(100_000), { minLength: 1 }),
  }),
  fc.record({
    kind: fc.constant('linear' as const),
    initialMs: ms,
    stepMs: ms,
    maxMs: fc.constant(MAX_DELAY_MS),
  }),
  fc.record({
    kind: fc.constant('exponential' as const),
    initialMs: ms,
    factor: fc.double({ min: 1, max: 1e6, noNaN: true }),
    maxMs: fc.integer({ min: 100_000, max: MAX_DELAY_MS }),
  }),
  fc.record({
    kind: fc.constant('steps' as const),
    initialMs: ms,
    maxMs: fc.integer({ min: 100_000, max: MAX_DELAY_MS }),
    steps: fc.integer({ min: 1, max: 50 }),
  }),
)

const jitters: fc.Arbitrary<Jitter> = fc.oneof(
  fc.constantFrom<Jitter>(
    { kind: 'none' },
    { kind: 'full' },
    { kind: 'equal' },
    { kind: 'decorrelated' },
  ),
  fc.record({
    kind: fc.constant('proportional' as const),
    ratio: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({ kind: fc.constant('additive' as const), upToMs: fc.nat(100_000) }),
)

const optionSets: fc.Arbitrary<RestartPolicyOptions> = fc
  .record({
    mode: fc.constantFrom('always' as const, 'on-failure' as const),
    delay: delays,
    jitter: jitters,
    budget: fc.record(
      {
        window: fc.record({ starts: fc.integer({ min: 1, max: 5 }), perMs: ms }),
        inARow: fc.nat(10),
        retryAfterMs: ms,
      },
      { requiredKeys: [] },
    ),
    stableAfterMs: fc.oneof(ms, fc.constant(Infinity)),
    afterStable: fc.constantFrom('first-delay' as const, 'at-once' as const),
  })
  .filter(({ delay, jitter }) => jitter.kind !== 'decorrelated' || 'maxMs' in delay)

/** One run of the program: late by `lateMs`, ready for so long, ended so; `backMs`: the clock goes back. */
interface Step {
  readonly lateMs: number
  readonly readyForMs: number | null
  readonly exit: Exit
  readonly backMs: number
}

const stepsOf = (maxBackMs: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      lateMs: fc.nat(50),
      readyForMs: fc.oneof(fc.constant(null), fc.nat(200_000)),
      exit: fc.constantFrom<Exit>(
        { kind: 'code', code: 1 },
        { kind: 'signal', signal: 'SIGKILL' },
        { kind: 'spawn-error', errno: 'EAGAIN' },
        { kind: 'probe', probe: 'liveness' },
        { kind: 'watchdog' },
        { kind: 'timeout', phase: 'start' },
        { kind: 'memory' },
        { kind: 'cpu' },
        { kind: 'unseen' },
      ),
      backMs: fc.nat(maxBackMs),
    }),
    { maxLength: 40 },
  )

interface Life {
  readonly decisions: Decision[]
  readonly states: RestartState[]
  /** How much time had really passed at each start. */
  readonly startsMs: number[]
}

/** Lives by the policy until it gives up for good; `keep` is what happens to the state between two calls. */
function live(
  policy: RestartPolicy,
  seed: number,
  steps: readonly Step[],
  keep = (state: RestartState): RestartState => state,
): Life {
  const life: Life = { decisions: [], states: [], startsMs: [] }
  let state = policy.initial(seed)
  let clockMs = 1e12
  let realMs = 0
  const pass = (passMs: number): void => {
    clockMs += passMs
    realMs += passMs
  }
  for (const { lateMs, readyForMs, exit, backMs } of steps) {
    pass(lateMs + Math.max(0, (state.dueMs ?? clockMs) - clockMs))
    state = keep(policy.onStart(state, clockMs))
    life.startsMs.push(realMs)
    if (readyForMs !== null) {
      state = keep(policy.onReady(state, clockMs))
      pass(readyForMs)
    }
    clockMs -= backMs
    const result = policy.onExit(state, exit, clockMs)
    state = keep(result.state)
    life.states.push(state)
    life.decisions.push(result.decision)
    if (result.decision.action === 'stop') break
    if (result.decision.action === 'give-up' && result.decision.retryAtMs === undefined) break
  }
  return life
}

const seeds = fc.integer()
const RUNS = { numRuns: 150 }

describe('whatever the options and whatever happens', () => {
  it('a delay is a whole number that preview foretold', () => {
    fc.assert(
      fc.property(optionSets, seeds, stepsOf(0), (options, seed, steps) => {
        const policy = createRestartPolicy(options)
        const foretold = policy.preview(50)
        for (const decision of live(policy, seed, steps).decisions) {
          if (decision.action !== 'restart') continue
          const { delayMs, attempt } = decision
          const { minMs, maxMs } = foretold[attempt - 1] ?? { minMs: 0, maxMs: 0 }
          expect(Number.isSafeInteger(delayMs)).toBe(true)
          expect(delayMs).toBeGreaterThanOrEqual(minMs)
          expect(delayMs).toBeLessThanOrEqual(maxMs)
        }
      }),
      RUNS,
    )
  })

  it('no window sees more starts than the budget has, also if the clock goes back', () => {
    fc.assert(
      fc.property(optionSets, seeds, stepsOf(1e6), (options, seed, steps) => {
        const window = options.budget?.window
        if (!window || !('starts' in window)) return
        const { startsMs } = live(createRestartPolicy(options), seed, steps)
        for (const [index, startMs] of startsMs.entries()) {
          const before = startsMs[index - window.starts]
          if (before !== undefined) expect(startMs - before).toBeGreaterThan(window.perMs)
        }
      }),
      RUNS,
    )
  })

  it('no row has more restarts than the budget has', () => {
    fc.assert(
      fc.property(optionSets, seeds, stepsOf(0), (options, seed, steps) => {
        const { inARow = Infinity } = options.budget ?? {}
        for (const decision of live(createRestartPolicy(options), seed, steps).decisions)
          if (decision.action === 'restart') expect(decision.attempt).toBeLessThanOrEqual(inARow)
      }),
      RUNS,
    )
  })

  it('a state that went through JSON has the same future', () => {
    fc.assert(
      fc.property(optionSets, seeds, stepsOf(1e6), (options, seed, steps) => {
        const stored = (state: RestartState): RestartState => {
          const parsed: unknown = JSON.parse(JSON.stringify(state))
          if (!isRestartState(parsed)) throw new Error(`no state: ${JSON.stringify(state)}`)
          return parsed
        }
        const straight = live(createRestartPolicy(options), seed, steps)
        expect(live(createRestartPolicy(options), seed, steps, stored)).toEqual(straight)
      }),
      RUNS,
    )
  })

  it('a clock that goes back makes no wait longer and no run stable', () => {
    fc.assert(
      fc.property(optionSets, seeds, stepsOf(1e12), (options, seed, steps) => {
        const policy = createRestartPolicy(options)
        const { decisions, states } = live(policy, seed, steps)
        for (const [index, decision] of decisions.entries()) {
          const { nowMs, dueMs, startsMs } = states[index] ?? policy.initial(0)
          if (decision.action === 'restart')
            expect((dueMs ?? 0) - (nowMs ?? 0)).toBe(decision.delayMs)
          for (const startMs of startsMs) expect(startMs).toBeLessThanOrEqual(nowMs ?? 0)
        }
        const still = steps.map((step) => ({ ...step, backMs: (step.readyForMs ?? 0) + 1 }))
        for (const decision of live(policy, seed, still).decisions)
          if (decision.action === 'restart') expect(decision.attempt).toBeGreaterThan(0)
      }),
      RUNS,
    )
  })

  it('there is no NaN in 10,000 attempts (cockatiel issue 86)', () => {
    fc.assert(
      fc.property(delays, jitters, seeds, (delay, jitter, seed) => {
        if (jitter.kind === 'decorrelated' && !('maxMs' in delay)) return
        const policy = createRestartPolicy({ delay, jitter })
        let state = policy.initial(seed)
        for (let attempt = 1; attempt <= 10_000; attempt++) {
          const result = policy.onExit(state, { kind: 'code', code: 1 }, attempt)
          state = result.state
          if (result.decision.action !== 'restart' || !(result.decision.delayMs >= 0))
            expect.fail(`attempt ${attempt}: ${JSON.stringify(result.decision)}`)
        }
        expect(isRestartState(state)).toBe(true)
      }),
      { numRuns: 10 },
    )
  })
})
