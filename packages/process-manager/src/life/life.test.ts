import { createRestartPolicy, presets } from '@conductor/restart-policy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  KILL_PATIENCE_MS,
  type Life,
  type LifeEffect,
  type LifeInput,
  type LifeRules,
  lifeOf,
} from './life.ts'

const policy = createRestartPolicy(presets.ally)
const rules: LifeRules = { policy, startupTimeoutMs: 30_000, graceMs: 5_000, epochMs: 1_000_000 }
const transition = lifeOf(rules)
const stopped: Life = { name: 'stopped', policy: policy.initial(1) }

const crashed: LifeInput = {
  type: 'exited',
  exit: { kind: 'signal', signal: 'SIGKILL' },
  leftovers: false,
}
const up: readonly LifeInput[] = [{ type: 'start' }, { type: 'unblocked' }, { type: 'ready' }]

/** Plays inputs; a timeout comes exactly when the state says. */
function play(
  inputs: readonly LifeInput[],
  from: Life = stopped,
): { state: Life; effects: LifeEffect[]; nowMs: number } {
  let state = from
  let nowMs = 0
  const effects: LifeEffect[] = []
  for (const input of inputs) {
    if (input.type === 'timeout' && 'deadlineMs' in state) nowMs = state.deadlineMs ?? nowMs
    const [next, ...did] = transition(state, input, nowMs)
    state = next
    effects.push(...did)
  }
  return { state, effects, nowMs }
}

const names = (effects: readonly LifeEffect[]): string[] => effects.map(({ type }) => type)

describe('a life', () => {
  it('waits until it is unblocked, launches, and runs when it is ready', () => {
    expect(play(up.slice(0, 1))).toMatchObject({
      state: { name: 'waiting' },
      effects: [{ type: 'ask' }],
    })
    expect(play(up.slice(0, 2)).state).toMatchObject({ name: 'starting', deadlineMs: 30_000 })
    expect(play(up).state.name).toBe('running')
  })

  it('tries again after 5, 10 and 20 s, then gives up', () => {
    const again: LifeInput[] = [crashed, { type: 'timeout' }, { type: 'unblocked' }]
    const { state, nowMs, effects } = play([...up, ...again, ...again, ...again, crashed])
    expect(nowMs).toBe(35_000)
    expect(state).toMatchObject({ name: 'failed', reason: { rule: 'budget:in-a-row' } })
    expect(names(effects).filter((each) => each === 'launch')).toHaveLength(4)
  })

  it('asks the policy again when it dies on the way up, so that a flapper does not restart for ever', () => {
    const flap: LifeInput[] = [
      { type: 'ready' },
      crashed,
      { type: 'timeout' },
      { type: 'unblocked' },
    ]
    const { state } = play([...up.slice(0, 2), ...flap, ...flap, ...flap, ...flap.slice(0, 2)])
    expect(state.name).toBe('failed')
  })

  it('stays stopped when it is stopped during the wait', () => {
    const { state } = play([...up, crashed, { type: 'stop' }, { type: 'timeout' }])
    expect(state.name).toBe('stopped')
  })

  it('kills what does not stop in its grace, and names what even that leaves', () => {
    const late: LifeInput = { type: 'timeout' }
    const stopping = play([...up, { type: 'stop' }])
    expect(stopping.state).toMatchObject({ name: 'stopping', deadlineMs: 5_000, killed: false })
    const killed = play([...up, { type: 'stop' }, late])
    expect(names(killed.effects).slice(-2)).toEqual(['terminate', 'kill'])
    expect(killed.state).toMatchObject({ killed: true, deadlineMs: 5_000 + KILL_PATIENCE_MS })
    const given = play([...up, { type: 'stop' }, late, late])
    expect(given.state).toMatchObject({ name: 'failed', reason: { kind: 'survivors' } })
  })

  it('launches nothing beside survivors: they are ended first', () => {
    const late: LifeInput = { type: 'timeout' }
    const before = [...up, { type: 'stop' } as const, late, late]
    expect(play([...before, { type: 'start' }]).state.name).toBe('stopping')
    expect(play([...before, { type: 'start' }, { type: 'empty' }]).state.name).toBe('waiting')
  })

  it('is stopped only when its whole tree is gone, not with its leader', () => {
    const exited: LifeInput = { ...crashed, leftovers: true }
    expect(play([...up, { type: 'stop' }, exited]).state.name).toBe('stopping')
    expect(play([...up, { type: 'stop' }, exited, { type: 'empty' }]).state.name).toBe('stopped')
  })

  it('ends what a crashed leader left behind before it starts again', () => {
    const left = play([...up, { ...crashed, leftovers: true }])
    expect(left.state.name).toBe('stopping')
    expect(names(left.effects).at(-1)).toBe('terminate')
    expect(play([{ type: 'empty' }], left.state).state.name).toBe('backoff')
  })

  it('restarts what is condemned, and tells the policy why', () => {
    const exit = { kind: 'probe', probe: 'liveness' } as const
    const { effects, state } = play([...up, { type: 'condemn', exit }, { type: 'empty' }])
    expect(state).toMatchObject({ name: 'backoff', exit })
    expect(effects.at(-1)).toMatchObject({ type: 'died', exit, decision: { action: 'restart' } })
  })

  it('that is too slow to get ready is ended and tried again', () => {
    const { state } = play([...up.slice(0, 2), { type: 'timeout' }, { type: 'empty' }])
    expect(state).toMatchObject({ name: 'backoff', exit: { kind: 'timeout', phase: 'start' } })
  })

  it('is restarted at once when somebody asks, and the tally says who', () => {
    const { effects, state } = play([...up, { type: 'restart', by: 'me' }, { type: 'empty' }])
    expect(state.name).toBe('waiting')
    expect(effects).toContainEqual(
      expect.objectContaining({ type: 'died', by: 'me', exit: { kind: 'requested' } }),
    )
  })

  it('that ends as it should has completed', () => {
    const done: LifeInput = { ...crashed, exit: { kind: 'code', code: 0 } }
    expect(play([...up, done]).state).toMatchObject({ name: 'stopped', completed: true })
  })

  it('that is abandoned has no next try', () => {
    expect(play([...up, crashed, { type: 'abandon' }]).state).not.toHaveProperty('deadlineMs')
  })
})

const anyInput = fc.constantFrom<LifeInput>(
  { type: 'start' },
  { type: 'stop' },
  { type: 'restart' },
  { type: 'unblocked' },
  { type: 'launchFailed', errno: 'ENOENT' },
  { type: 'ready' },
  crashed,
  { ...crashed, leftovers: true },
  { type: 'empty' },
  { type: 'condemn', exit: { kind: 'memory' } },
  { type: 'abandon' },
  { type: 'timeout' },
)

describe('every life', () => {
  it('never has two trees alive, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 60 }), (inputs) => {
        let state: Life = stopped as Life
        let trees = 0
        let nowMs = 0
        for (const input of inputs) {
          // The world keeps these promises: a tree is empty when it was there, and is so once.
          const leaves =
            input.type === 'launchFailed' || (input.type === 'exited' && !input.leftovers)
          if ((leaves || input.type === 'empty') && trees === 0) continue
          if (leaves && state.name === 'stopping') continue
          if (input.type === 'empty' && state.name !== 'stopping') continue
          if (leaves || input.type === 'empty') trees--
          if (input.type === 'timeout' && 'deadlineMs' in state) nowMs = state.deadlineMs ?? nowMs
          const [next, ...effects] = transition(state, input, nowMs)
          state = next
          if (names(effects).includes('launch')) trees++
          expect(trees).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('comes to rest after a stop, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 40 }), (inputs) => {
        const { state } = play([...inputs, { type: 'stop' }, { type: 'empty' }])
        expect(state.name).toBe('stopped')
        expect(state).not.toHaveProperty('deadlineMs')
      }),
    )
  })

  it('left alone comes to rest: a program that always dies is given up', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 40 }), (inputs) => {
        let { state } = play(inputs)
        for (let step = 0; step < 100 && state.name !== 'failed'; step++) {
          if (state.name === 'stopped' || state.name === 'running') break
          const input: Record<string, LifeInput> = {
            waiting: { type: 'unblocked' },
            starting: crashed,
            stopping: { type: 'empty' },
          }
          state = transition(state, input[state.name] ?? { type: 'timeout' }, step * 1_000)[0]
        }
        expect(['stopped', 'failed', 'running']).toContain(state.name)
      }),
    )
  })
})
