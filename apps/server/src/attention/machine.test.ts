import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AttentionInput,
  type AttentionState,
  NOTHING_KNOWN,
  type Rules,
  transition,
} from './machine.ts'

const AGENT: Rules = { silenceMs: 100, isTold: false }
const TOLD: Rules = { silenceMs: undefined, isTold: true }
const SHELL: Rules = { silenceMs: undefined, isTold: false }

function after(rules: Rules, ...inputs: AttentionInput[]): AttentionState {
  return inputs.reduce<AttentionState>(
    (state, input) => transition(state, input, rules, 1_000)[0],
    NOTHING_KNOWN,
  )
}

const started = { type: 'started' } as const
const typed = { type: 'typed' } as const
const output = { type: 'output' } as const
const silent = { type: 'timeout', outputAtMs: 0 } as const
const called = { type: 'called', source: 'bell' } as const
const reported = (state: 'working' | 'waiting' | 'done' | 'failed') =>
  ({ type: 'reported', state }) as const
const ended = (isLong: boolean, ok: boolean) => ({ type: 'commandEnded', isLong, ok }) as const
const exited = (ok: boolean) => ({ type: 'exited', ok }) as const

describe('attention', () => {
  it.each([
    ['an agent works from its start on', AGENT, [started], 'active'],
    ['and waits when it falls silent', AGENT, [started, silent], 'quiet'],
    ['and works again when it writes', AGENT, [started, silent, output], 'active'],
    [
      'a word of it is believed over silence',
      AGENT,
      [started, reported('waiting'), output],
      'waiting',
    ],
    ['what was said ends with a key', AGENT, [started, reported('waiting'), typed], 'active'],
    ['an agent with hooks works after a key', TOLD, [reported('waiting'), typed], 'working'],
    ['and silence means nothing there', TOLD, [reported('working'), silent], 'working'],
    ['of a shell nothing is known', SHELL, [started, typed, output, silent], 'none'],
    ['until it calls', SHELL, [started, called], 'waiting'],
    ['and a key answers that', SHELL, [started, called, typed], 'none'],
    ['its commands are work', SHELL, [started, { type: 'commandStarted' }], 'working'],
    ['a short one is no news', SHELL, [{ type: 'commandStarted' }, ended(false, false)], 'none'],
    ['a long one is done', SHELL, [{ type: 'commandStarted' }, ended(true, true)], 'done'],
    ['or has failed', SHELL, [{ type: 'commandStarted' }, ended(true, false)], 'failed'],
    ['an exit is the last word', AGENT, [started, exited(true), output, silent], 'done'],
    ['also a bad one', AGENT, [started, exited(false), output, silent], 'failed'],
    ['a new program begins anew', AGENT, [exited(false), started], 'active'],
  ] as const)('%s', (_, rules, inputs, name) => {
    expect(after(rules, ...inputs).name).toBe(name)
  })

  it('waits on while a program writes, and no longer', () => {
    const state = after(AGENT, started)
    const wrote = { type: 'timeout', outputAtMs: 950 } as const
    const [next] = transition(state, wrote, AGENT, 1_000)
    expect(next).toEqual({ name: 'active', source: 'start', deadlineMs: 1_050 })
    expect(transition(next, wrote, AGENT, 1_050)[0].name).toBe('quiet')
  })

  it('never says again what has not changed', () => {
    const waiting = after(SHELL, called)
    expect(transition(waiting, called, SHELL, 2_000)[0]).toBe(waiting)
  })

  it('holds to its rules, whatever comes', () => {
    const text = fc.option(fc.string(), { nil: undefined })
    const input: fc.Arbitrary<AttentionInput> = fc.oneof(
      fc.constantFrom<AttentionInput>(started, typed, output, { type: 'commandStarted' }),
      fc.record({ type: fc.constant('timeout' as const), outputAtMs: fc.nat(2_000) }),
      fc.record({
        type: fc.constant('called' as const),
        source: fc.constantFrom('bell' as const, 'notification' as const),
        text,
      }),
      fc.record({
        type: fc.constant('commandEnded' as const),
        isLong: fc.boolean(),
        ok: fc.boolean(),
      }),
      fc.record({
        type: fc.constant('reported' as const),
        state: fc.constantFrom(
          'working' as const,
          'waiting' as const,
          'done' as const,
          'failed' as const,
        ),
        text,
      }),
      fc.record({ type: fc.constant('exited' as const), ok: fc.boolean(), text }),
    )
    const rules = fc.constantFrom(AGENT, TOLD, SHELL)
    fc.assert(
      fc.property(rules, fc.array(input, { maxLength: 40 }), (known, inputs) => {
        let state: AttentionState = NOTHING_KNOWN
        let nowMs = 0
        for (const each of inputs) {
          nowMs += 50
          const before = state
          ;[state] = transition(state, each, known, nowMs)
          // Guesses are made only where silence means something, and only then there is a timer.
          if (known.silenceMs === undefined) expect(['active', 'quiet']).not.toContain(state.name)
          expect('deadlineMs' in state).toBe(state.name === 'active')
          if (state.name === 'active') expect(state.deadlineMs).toBeLessThanOrEqual(nowMs + 2_100)
          // A word is believed, at once.
          if (each.type === 'reported') expect(state.name).toBe(each.state)
          if (each.type === 'called') expect(state.name).toBe('waiting')
          if (each.type === 'exited') expect(state.name).toBe(each.ok ? 'done' : 'failed')
          // What was told ends with a word or a key, never with output or its absence.
          const isTold = ['working', 'waiting', 'done', 'failed'].includes(before.name)
          if (isTold && (each.type === 'output' || each.type === 'timeout'))
            expect(state).toBe(before)
          // Nobody who was just typed to is said to wait.
          if (each.type === 'typed') expect(['waiting', 'quiet']).not.toContain(state.name)
        }
      }),
    )
  })
})
