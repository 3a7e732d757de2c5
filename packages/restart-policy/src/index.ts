export type { DelayBounds } from './delays.ts'
export type { Exit, ExitKind } from './exit.ts'
export type { ExitMatch, ExitRule, RestartMode } from './exit-rules.ts'
export {
  type Budget,
  type Delay,
  type Jitter,
  MAX_DELAY_MS,
  PERMANENT_ERRNOS,
  type RestartPolicyOptions,
  SYSTEMD_CLEAN_SIGNALS,
} from './options.ts'
export { type PresetName, presets } from './presets.ts'
export {
  createRestartPolicy,
  type Decision,
  type DecisionRule,
  type RestartPolicy,
} from './restart-policy.ts'
export { RestartPolicyError, type RestartPolicyErrorCode } from './restart-policy-error.ts'
export { isRestartState, type RestartState } from './restart-state.ts'
