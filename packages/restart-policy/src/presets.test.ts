import { describe, expect, it } from 'vitest'
import { delayFor } from './delays.ts'
import type { Exit } from './exit.ts'
import type { RestartPolicyOptions } from './options.ts'
import { type PresetName, presets } from './presets.ts'
import { createRestartPolicy } from './restart-policy.ts'
import { createProgram } from './testing/program.ts'

const CLEAN: Exit = { kind: 'code', code: 0 }
const TERM: Exit = { kind: 'signal', signal: 'SIGTERM' }
const MISSING: Exit = { kind: 'spawn-error', errno: 'ENOENT' }

const names = Object.keys(presets) as PresetName[]

/** The delays of `count` crashes, one right after the other; a word where it does not come back. */
function crashes(options: RestartPolicyOptions, count: number): (number | string)[] {
  const program = createProgram(options)
  return Array.from({ length: count }, () => {
    const decision = program.run()
    return decision.action === 'restart' ? decision.delayMs : decision.action
  })
}

describe('the presets', () => {
  it.each(names)('%s is one that createRestartPolicy takes', (name) => {
    expect(createRestartPolicy(presets[name]).preview(3)).toHaveLength(3)
  })

  it.each(names)('%s never answers a stop with a restart', (name) => {
    expect(createProgram(presets[name]).run({ exit: { kind: 'requested' } })).toMatchObject({
      action: 'stop',
    })
  })
})

describe('systemd', () => {
  it('waits 100 ms, and refuses the sixth start within 10 s', () => {
    expect(crashes(presets.systemd, 5)).toEqual([100, 100, 100, 100, 'give-up'])
  })

  it('with RestartSec=1 RestartMaxDelaySec=60 RestartSteps=5 waits 1, 2.27, 5.14, 11.67, 26.46, 60 s', () => {
    const delay = { kind: 'steps', initialMs: 1_000, maxMs: 60_000, steps: 5 } as const
    const exact = [1, 2, 3, 4, 5, 6, 7].map((attempt) => delayFor(delay, attempt) / 1_000)
    expect(exact.map((seconds) => seconds.toFixed(2))).toEqual([
      '1.00',
      '2.27',
      '5.14',
      '11.67',
      '26.46',
      '60.00',
      '60.00',
    ])
    expect(
      createRestartPolicy({ ...presets.systemd, delay })
        .preview(6)
        .map(({ minMs }) => minMs),
    ).toEqual([1_000, 2_268, 5_144, 11_665, 26_456, 60_000])
  })

  it('with RestartRandomizedDelaySec=5 adds up to 5 s, also above the cap (v262)', () => {
    const policy = createRestartPolicy({
      ...presets.systemd,
      delay: { kind: 'steps', initialMs: 1_000, maxMs: 60_000, steps: 1 },
      jitter: { kind: 'additive', upToMs: 5_000 },
    })
    expect(policy.preview(2)).toEqual([
      { minMs: 1_000, maxMs: 6_000 },
      { minMs: 60_000, maxMs: 65_000 },
    ])
  })

  it('tries a program again that could not be started: 203/EXEC is an unclean code', () => {
    expect(createProgram(presets.systemd).run({ exit: MISSING })).toMatchObject({
      action: 'restart',
    })
  })
})

describe('supervisord', () => {
  it('tries what ends within startsecs again after 1, 2 and 3 s, and is FATAL then', () => {
    expect(crashes(presets.supervisord, 4)).toEqual([1_000, 2_000, 3_000, 'give-up'])
  })

  it('takes an early end for a failure even with an expected code', () => {
    const program = createProgram(presets.supervisord)
    expect(program.run({ exit: CLEAN, readyForMs: 999 })).toMatchObject({
      action: 'restart',
      delayMs: 1_000,
      rule: 'exit-rule:0',
    })
    expect(program.run({ exit: CLEAN, readyForMs: 1_000 })).toMatchObject({
      action: 'stop',
      outcome: 'completed',
    })
  })

  it('restarts what has been RUNNING at once and without a limit ("a feature, not a bug")', () => {
    const program = createProgram(presets.supervisord)
    for (let run = 0; run < 100; run++)
      expect(program.run({ readyForMs: 1_000, exit: TERM })).toMatchObject({
        action: 'restart',
        delayMs: 0,
      })
  })

  it('counts a spawn error as a start that failed', () => {
    expect(createProgram(presets.supervisord).run({ exit: MISSING })).toMatchObject({
      delayMs: 1_000,
    })
  })
})

describe('kubernetes', () => {
  it('restarts at once, then after 10 s doubled up to 300 s, and never gives up', () => {
    expect(crashes(presets.kubernetes, 9)).toEqual([
      0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000,
    ])
  })

  it('begins anew after ten minutes of running, and restarts a clean end too', () => {
    const program = createProgram(presets.kubernetes)
    program.run()
    expect(program.run({ readyForMs: 599_999, exit: CLEAN })).toMatchObject({ delayMs: 10_000 })
    expect(program.run({ readyForMs: 600_000, exit: CLEAN })).toMatchObject({ delayMs: 0 })
  })
})

describe('pm2', () => {
  it('restarts at once and is errored at the 16th unstable end', () => {
    expect(crashes(presets.pm2, 16)).toEqual([...Array(15).fill(0), 'give-up'])
  })

  it('counts only ends before min_uptime, whenever they come', () => {
    const program = createProgram(presets.pm2)
    for (let run = 0; run < 100; run++)
      expect(program.run({ readyForMs: 1_000 })).toMatchObject({ delayMs: 0, attempt: 0 })
  })

  it('with exp_backoff_restart_delay=100 waits as its source computes', () => {
    const expected = [100]
    while (expected.length < 20)
      expected.push(Math.floor(Math.min(15_000, (expected.at(-1) ?? 0) * 1.5)))
    expect(crashes(presets.pm2Backoff, 20)).toEqual(expected)
  })

  it('sets that back after 30 s up', () => {
    const program = createProgram(presets.pm2Backoff)
    program.run()
    expect(program.run({ readyForMs: 30_000 })).toMatchObject({ delayMs: 100 })
  })
})

describe('otp', () => {
  it('allows one restart in 5 s and ends at the second', () => {
    expect(crashes(presets.otp, 2)).toEqual([0, 'give-up'])
  })

  it('counts a restart for 5 s, both ends included, and the first start not at all', () => {
    const program = createProgram(presets.otp)
    expect(program.run()).toMatchObject({ action: 'restart' })
    expect(program.run({ startupMs: 5_001 })).toMatchObject({ action: 'restart' })
    expect(program.run({ startupMs: 5_000 })).toMatchObject({ action: 'give-up' })
  })
})

describe('this product', () => {
  it('conductor comes back 3 s after a failure (C10)', () => {
    expect(crashes(presets.conductor, 20)).toEqual(Array(20).fill(3_000))
    expect(createProgram(presets.conductor).run({ exit: TERM })).toMatchObject({
      outcome: 'completed',
    })
  })

  it('ally restarts 3 times, after 5, 10 and 20 s (A4)', () => {
    expect(crashes(presets.ally, 4)).toEqual([5_000, 10_000, 20_000, 'give-up'])
    const program = createProgram(presets.ally)
    const exit: Exit = { kind: 'probe', probe: 'liveness' }
    expect(program.run({ exit, readyForMs: 90_000 })).toMatchObject({ delayMs: 5_000 })
  })

  it('ally counts anew only after it stayed up, not after a start that went well (A4)', () => {
    const program = createProgram(presets.ally)
    for (let run = 0; run < 3; run++) program.run({ readyForMs: 59_999 })
    expect(program.run({ readyForMs: 59_999 })).toMatchObject({ action: 'give-up' })
    expect(program.run({ readyForMs: 60_000 })).toMatchObject({ action: 'restart', attempt: 1 })
  })

  it('devloopSystemd restarts always, after 5 s, and refuses the sixth start in 600 s (D10)', () => {
    expect(crashes(presets.devloopSystemd, 5)).toEqual([5_000, 5_000, 5_000, 5_000, 'give-up'])
    const program = createProgram(presets.devloopSystemd)
    for (let run = 0; run < 20; run++)
      expect(program.run({ startupMs: 120_000, exit: CLEAN })).toMatchObject({ delayMs: 5_000 })
  })

  it('devloopSupervisor restarts at once, 5 in a row, and 5 s up reset it (D10)', () => {
    expect(crashes(presets.devloopSupervisor, 6)).toEqual([0, 0, 0, 0, 0, 'give-up'])
    const program = createProgram(presets.devloopSupervisor)
    for (let run = 0; run < 5; run++) program.run()
    expect(program.run({ readyForMs: 5_000 })).toMatchObject({ action: 'restart', delayMs: 0 })
    for (let run = 0; run < 5; run++) expect(program.run()).toMatchObject({ action: 'restart' })
    expect(program.run()).toMatchObject({ action: 'give-up' })
  })
})
