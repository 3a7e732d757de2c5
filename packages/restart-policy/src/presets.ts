import type { RestartPolicyOptions } from './options.ts'

/** Its restarts have the same cause, delay and limit as those of… */
export type PresetName =
  | 'systemd'
  | 'supervisord'
  | 'kubernetes'
  | 'pm2'
  | 'pm2Backoff'
  | 'otp'
  | 'conductor'
  | 'ally'
  | 'devloopSystemd'
  | 'devloopSupervisor'

/**
 * `Restart=on-failure`, which its manual recommends, with its own defaults: 100 ms, 5 starts in 10 s. A failed
 * `exec` is an exit code there (203) and tried again. Nothing resets a row (systemd issue 43813).
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html
 */
const systemd = {
  mode: 'on-failure',
  permanentErrnos: [],
  delay: { kind: 'fixed', delayMs: 100 },
  budget: { window: { starts: 5, perMs: 10_000 } },
  stableAfterMs: Infinity,
} as const satisfies RestartPolicyOptions

/**
 * `autorestart=unexpected`, `startsecs=1`, `startretries=3`: whatever ends within `startsecs` is tried again
 * after 1, 2 and 3 s; whatever ends later with a code other than 0 comes back at once, without a limit.
 *
 * @see https://github.com/Supervisor/supervisor/blob/main/supervisor/process.py `finish`, `transition`
 */
const supervisord = {
  mode: 'on-failure',
  exitRules: [{ stable: false, action: 'restart' }],
  cleanSignals: [],
  permanentErrnos: [],
  delay: { kind: 'linear', initialMs: 1_000 },
  budget: { inARow: 3 },
  stableAfterMs: 1_000,
  afterStable: 'at-once',
} as const satisfies RestartPolicyOptions

/**
 * `restartPolicy: Always`: at once, then 10 s doubled up to 300 s; ten minutes of running reset it.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
 */
const kubernetes = {
  mode: 'always',
  permanentErrnos: [],
  delay: { kind: 'list', delaysMs: [0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000] },
  stableAfterMs: 600_000,
} as const satisfies RestartPolicyOptions

/**
 * As pm2 means it: at once, `errored` at the 16th end in a row before `min_uptime` (1 s).
 *
 * @see https://github.com/Unitech/pm2/blob/master/lib/God.js `handleExit`
 */
const pm2 = {
  mode: 'always',
  delay: { kind: 'fixed', delayMs: 0 },
  budget: { inARow: 15 },
  stableAfterMs: 1_000,
  afterStable: 'at-once',
} as const satisfies RestartPolicyOptions

/** With `exp_backoff_restart_delay: 100`: × 1.5, rounded down each time, up to 15 s; 30 s up reset it. Never gives up. */
const pm2Backoff = {
  mode: 'always',
  delay: {
    kind: 'list',
    delaysMs: [
      100, 150, 225, 337, 505, 757, 1_135, 1_702, 2_553, 3_829, 5_743, 8_614, 12_921, 15_000,
    ],
  },
  stableAfterMs: 30_000,
} as const satisfies RestartPolicyOptions

/**
 * A `permanent` child under a supervisor's defaults: no delay, intensity 1 in 5 s, which counts restarts.
 *
 * @see https://github.com/erlang/otp/blob/master/lib/stdlib/src/supervisor.erl `add_restart`
 */
const otp = {
  mode: 'always',
  permanentErrnos: [],
  delay: { kind: 'fixed', delayMs: 0 },
  budget: { window: { restarts: 1, perMs: 5_000 } },
  stableAfterMs: Infinity,
} as const satisfies RestartPolicyOptions

/** Conductor's own unit: `Restart=on-failure`, `RestartSec=3s`. */
const conductor = {
  ...systemd,
  delay: { kind: 'fixed', delayMs: 3_000 },
} as const satisfies RestartPolicyOptions

/**
 * The BackgroundProcessManager: after a crash or failed health, at most 3 restarts, after 5, 10 and 20 s.
 * A minute up, two rounds of its health checks, resets it.
 */
const ally = {
  mode: 'on-failure',
  delay: { kind: 'exponential', initialMs: 5_000 },
  budget: { inARow: 3 },
  stableAfterMs: 60_000,
} as const satisfies RestartPolicyOptions

/** DevLoop's unit: always, after 5 s, at most 5 starts in 600 s. */
const devloopSystemd = {
  ...systemd,
  mode: 'always',
  delay: { kind: 'fixed', delayMs: 5_000 },
  budget: { window: { starts: 5, perMs: 600_000 } },
} as const satisfies RestartPolicyOptions

/** DevLoop under supervisord, as its document tells it: always, at once, 5 in a row, 5 s up reset it. */
const devloopSupervisor = {
  mode: 'always',
  permanentErrnos: [],
  delay: { kind: 'fixed', delayMs: 0 },
  budget: { inARow: 5 },
  stableAfterMs: 5_000,
  afterStable: 'at-once',
} as const satisfies RestartPolicyOptions

/** Options to pass as they are, or to spread and change: `{ ...presets.systemd, mode: 'always' }`. */
export const presets: Readonly<Record<PresetName, RestartPolicyOptions>> = {
  systemd,
  supervisord,
  kubernetes,
  pm2,
  pm2Backoff,
  otp,
  conductor,
  ally,
  devloopSystemd,
  devloopSupervisor,
}
