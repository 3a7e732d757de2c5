import { describe, expect, it } from 'vitest'
import type { Exit } from './exit.ts'
import type { RestartPolicyOptions } from './options.ts'
import { createRestartPolicy, type Decision } from './restart-policy.ts'

/** What is decided about the first exit of a program. */
function decide(options: RestartPolicyOptions, exit: Exit): Decision {
  const policy = createRestartPolicy(options)
  return policy.onExit(policy.onStart(policy.initial(1), 0), exit, 10).decision
}

const restarts = (options: RestartPolicyOptions, exit: Exit): boolean =>
  decide(options, exit).action === 'restart'

const MODES = [
  'never',
  'always',
  'on-success',
  'on-failure',
  'on-abnormal',
  'on-abort',
  'on-watchdog',
] as const

// The manual's table 1, column by column in the order of MODES, with the row on memory of its later editions.
const TABLE: readonly (readonly [row: string, exits: readonly Exit[], cells: string])[] = [
  [
    'clean exit code or signal',
    [
      { kind: 'code', code: 0 },
      { kind: 'signal', signal: 'SIGHUP' },
      { kind: 'signal', signal: 'SIGINT' },
      { kind: 'signal', signal: 'SIGTERM' },
      { kind: 'signal', signal: 'SIGPIPE' },
    ],
    '- X X - - - -',
  ],
  [
    'unclean exit code',
    [
      { kind: 'code', code: 1 },
      { kind: 'code', code: 143 },
    ],
    '- X - X - - -',
  ],
  [
    'unclean signal',
    [
      { kind: 'signal', signal: 'SIGKILL' },
      { kind: 'signal', signal: 'SIGSEGV', core: true },
      { kind: 'signal', signal: 'SIGTERM', core: true },
    ],
    '- X - X X X -',
  ],
  [
    'timeout',
    [
      { kind: 'timeout', phase: 'start' },
      { kind: 'timeout', phase: 'stop' },
      { kind: 'timeout', phase: 'runtime' },
    ],
    '- X - X X - -',
  ],
  ['watchdog', [{ kind: 'watchdog' }], '- X - X X - X'],
  ['termination due to OOM', [{ kind: 'memory', bytes: 2 ** 31 }], '- X - X X - -'],
]

describe("systemd's Restart= table", () => {
  const cells = TABLE.flatMap(([row, exits, text]) =>
    MODES.map((mode, column) => ({ row, exits, mode, restart: text.split(' ')[column] === 'X' })),
  )

  it.each(cells)('$row, $mode: restart is $restart', ({ exits, mode, restart }) => {
    for (const exit of exits) expect([exit, restarts({ mode }, exit)]).toEqual([exit, restart])
  })

  it('has a place for what systemd does not know', () => {
    const on = (exit: Exit): string[] => MODES.filter((mode) => restarts({ mode }, exit))
    expect(on({ kind: 'spawn-error', errno: 'EAGAIN' })).toEqual(['always', 'on-failure'])
    expect(on({ kind: 'unseen' })).toEqual(['always', 'on-failure'])
    expect(on({ kind: 'cpu', percent: 180 })).toEqual(['always', 'on-failure', 'on-abnormal'])
    expect(on({ kind: 'probe', probe: 'startup' })).toEqual(['always', 'on-failure', 'on-abnormal'])
    expect(on({ kind: 'probe', probe: 'liveness' })).toEqual([
      'always',
      'on-failure',
      'on-abnormal',
      'on-watchdog',
    ])
  })

  it('ends as completed or failed where it does not restart', () => {
    expect(decide({}, { kind: 'code', code: 0 })).toEqual({
      action: 'stop',
      outcome: 'completed',
      rule: 'mode:on-failure',
    })
    expect(decide({ mode: 'never' }, { kind: 'code', code: 1 })).toEqual({
      action: 'stop',
      outcome: 'failed',
      rule: 'mode:never',
    })
  })

  it('takes further codes and signals for clean, as SuccessExitStatus does', () => {
    expect(restarts({ cleanCodes: [0, 75] }, { kind: 'code', code: 75 })).toBe(false)
    expect(restarts({ cleanSignals: [] }, { kind: 'signal', signal: 'SIGTERM' })).toBe(true)
  })
})

describe('exit rules', () => {
  it('decide before the mode, as RestartPreventExitStatus and RestartForceExitStatus do', () => {
    const options: RestartPolicyOptions = {
      exitRules: [
        { codes: { in: [78] }, action: 'fail' },
        { codes: { in: [0] }, action: 'restart' },
      ],
    }
    expect(decide(options, { kind: 'code', code: 78 })).toMatchObject({
      outcome: 'failed',
      rule: 'exit-rule:0',
    })
    expect(decide(options, { kind: 'code', code: 0 })).toMatchObject({
      action: 'restart',
      rule: 'exit-rule:1',
    })
    expect(decide(options, { kind: 'code', code: 1 })).toMatchObject({ rule: 'mode:on-failure' })
  })

  it('let the first that matches decide', () => {
    const options: RestartPolicyOptions = {
      exitRules: [
        { kinds: { in: ['code'] }, action: 'complete' },
        { codes: { in: [1] }, action: 'restart' },
      ],
    }
    expect(decide(options, { kind: 'code', code: 1 })).toMatchObject({
      outcome: 'completed',
      rule: 'exit-rule:0',
    })
  })

  it('with notIn speak only of exits that have a code, as in Kubernetes', () => {
    const options: RestartPolicyOptions = {
      mode: 'never',
      exitRules: [{ codes: { notIn: [0, 2] }, action: 'restart' }],
    }
    expect(restarts(options, { kind: 'code', code: 1 })).toBe(true)
    expect(restarts(options, { kind: 'code', code: 2 })).toBe(false)
    expect(restarts(options, { kind: 'signal', signal: 'SIGKILL' })).toBe(false)
  })

  it('match by signal and by kind', () => {
    const bySignal: RestartPolicyOptions = {
      exitRules: [{ signals: { in: ['SIGSEGV'] }, action: 'fail' }],
    }
    expect(restarts(bySignal, { kind: 'signal', signal: 'SIGSEGV' })).toBe(false)
    expect(restarts(bySignal, { kind: 'signal', signal: 'SIGKILL' })).toBe(true)
    const byKind: RestartPolicyOptions = {
      exitRules: [{ kinds: { notIn: ['memory'] }, action: 'fail' }],
    }
    expect(restarts(byKind, { kind: 'watchdog' })).toBe(false)
    expect(restarts(byKind, { kind: 'memory' })).toBe(true)
  })
})

describe('a stop that somebody asked for', () => {
  it('is never answered with a restart, whatever the mode and the rules say', () => {
    const exitRules = [{ stable: false, action: 'restart' }] as const
    for (const mode of MODES)
      expect(decide({ mode, exitRules }, { kind: 'requested' })).toEqual({
        action: 'stop',
        outcome: 'completed',
        rule: 'requested',
      })
  })
})

describe('a program that cannot be started', () => {
  it('is not tried again if the next try would meet the same', () => {
    for (const errno of ['ENOENT', 'EACCES'])
      expect(decide({ mode: 'always' }, { kind: 'spawn-error', errno })).toEqual({
        action: 'stop',
        outcome: 'failed',
        rule: `permanent-errno:${errno}`,
      })
    expect(restarts({}, { kind: 'spawn-error', errno: 'EAGAIN' })).toBe(true)
  })

  it('is tried again if the policy says so', () => {
    const exit: Exit = { kind: 'spawn-error', errno: 'ENOENT' }
    expect(restarts({ permanentErrnos: [] }, exit)).toBe(true)
    const exitRules = [{ kinds: { in: ['spawn-error'] }, action: 'restart' }] as const
    expect(restarts({ exitRules }, exit)).toBe(true)
  })
})
