import { expect, it } from 'vitest'
import type { RestartPolicyOptions } from './options.ts'
import { createRestartPolicy } from './restart-policy.ts'
import { RestartPolicyError } from './restart-policy-error.ts'

// As from a file: what the types would refuse, construction refuses too.
const wrong: readonly (readonly [text: string, options: unknown])[] = [
  ['mode is sometimes: pass always, on-failure', { mode: 'sometimes' }],
  ['exitRules[0].action is again: pass restart,', { exitRules: [{ action: 'again' }] }],
  ['exitRules[0] matches every exit: name codes', { exitRules: [{ action: 'fail' }] }],
  [
    'exitRules[1] has codes and signals, and no exit has both: make two',
    {
      exitRules: [
        { stable: true, action: 'fail' },
        { codes: { in: [1] }, signals: { in: ['SIGHUP'] }, action: 'fail' },
      ],
    },
  ],
  [
    'exitRules[0].codes has no list: pass { in: […] }',
    { exitRules: [{ codes: {}, action: 'fail' }] },
  ],
  [
    'exitRules[0].signals is TERM: pass its full name, as SIGTERM',
    { exitRules: [{ signals: { in: ['TERM'] }, action: 'fail' }] },
  ],
  [
    'exitRules[0].kinds is crash: pass code, signal,',
    { exitRules: [{ kinds: { in: ['crash'] }, action: 'fail' }] },
  ],
  ['cleanCodes[1] is -1: pass exit codes', { cleanCodes: [0, -1] }],
  ['cleanSignals[0] is int: pass its full name', { cleanSignals: ['int'] }],
  ['delay.kind is fibonacci: pass fixed, linear', { delay: { kind: 'fibonacci' } }],
  ['delay.delayMs is NaN: pass whole milliseconds', { delay: { kind: 'fixed', delayMs: NaN } }],
  [
    'delay.delayMs is 1000000001: pass whole milliseconds from 0 to 1000000000',
    { delay: { kind: 'fixed', delayMs: 1_000_000_001 } },
  ],
  ['delay.delaysMs is empty: pass one', { delay: { kind: 'list', delaysMs: [] } }],
  ['delay.delaysMs[1] is 0.5: pass whole', { delay: { kind: 'list', delaysMs: [1, 0.5] } }],
  [
    'delay.initialMs is 0: pass whole milliseconds from 1',
    { delay: { kind: 'exponential', initialMs: 0 } },
  ],
  ['delay.initialMs is undefined: pass whole', { delay: { kind: 'linear' } }],
  [
    'delay.factor is 0.5: pass 1 or more, 2 doubles',
    { delay: { kind: 'exponential', initialMs: 1, factor: 0.5 } },
  ],
  [
    'delay.maxMs is 60000, below delay.initialMs 90000: raise maxMs',
    { delay: { kind: 'exponential', initialMs: 90_000 } },
  ],
  [
    'delay.steps is 0: pass a whole number from 1',
    { delay: { kind: 'steps', initialMs: 1, maxMs: 2, steps: 0 } },
  ],
  ['jitter.kind is some: pass none, full', { jitter: { kind: 'some' } }],
  [
    'jitter.ratio is 10: pass a number from 0 to 1',
    { jitter: { kind: 'proportional', ratio: 10 } },
  ],
  ['jitter.upToMs is -1: pass whole', { jitter: { kind: 'additive', upToMs: -1 } }],
  [
    'jitter is decorrelated, which needs a cap, and delay fixed has none: use exponential',
    { jitter: { kind: 'decorrelated' }, delay: { kind: 'fixed', delayMs: 1 } },
  ],
  ['budget.inARow is 1.5: pass a whole number', { budget: { inARow: 1.5 } }],
  ['budget.window.starts is 0: pass', { budget: { window: { starts: 0, perMs: 1 } } }],
  ['budget.window.perMs is 0: pass', { budget: { window: { restarts: 1, perMs: 0 } } }],
  [
    'budget.window has starts and restarts: pass one',
    { budget: { window: { starts: 1, restarts: 1, perMs: 1 } } },
  ],
  ['budget.retryAfterMs is 0: pass', { budget: { retryAfterMs: 0 } }],
  ['stableAfterMs is -1: pass 0 or more, or Infinity', { stableAfterMs: -1 }],
  ['afterStable is soon: pass first-delay, at-once', { afterStable: 'soon' }],
  ['stableAfterMs is 0 and afterStable is at-once', { stableAfterMs: 0, afterStable: 'at-once' }],
]

it.each(wrong)('refuses at construction, and tells the fix: %s', (text, options) => {
  const make = (): unknown => createRestartPolicy(options as RestartPolicyOptions)
  expect(make).toThrow(RestartPolicyError)
  expect(make).toThrow(`[restart-policy/BAD_OPTION] ${text}`)
})
