import { checkOptions } from './check-options.ts'
import { boundsFor, type DelayBounds, pick } from './delays.ts'
import { causeOf, type Exit } from './exit.ts'
import { matches, RESTARTS, type RestartMode } from './exit-rules.ts'
import {
  type Budget,
  PERMANENT_ERRNOS,
  type RestartPolicyOptions,
  SYSTEMD_CLEAN_SIGNALS,
} from './options.ts'
import { draw } from './random.ts'
import { RestartPolicyError } from './restart-policy-error.ts'
import { advance, initialState, type RestartState } from './restart-state.ts'

/** What decided; `exit-rule:0` is the first of `exitRules`. */
export type DecisionRule =
  | 'requested'
  | `exit-rule:${number}`
  | `permanent-errno:${string}`
  | `mode:${RestartMode}`
  | 'budget:window'
  | 'budget:in-a-row'

export type Decision =
  /** Start again after `delayMs`. `attempt` counts the row from 1; 0: after a stable run, at once. */
  | {
      readonly action: 'restart'
      readonly delayMs: number
      readonly attempt: number
      readonly rule: DecisionRule
    }
  /** There is nothing left to do, or nothing that a restart would help. */
  | {
      readonly action: 'stop'
      readonly outcome: 'completed' | 'failed'
      readonly rule: DecisionRule
    }
  /** A restart is due and the budget is spent: until `retryAtMs` of the caller's clock, or for good. */
  | { readonly action: 'give-up'; readonly retryAtMs?: number; readonly rule: DecisionRule }

/** Every method is a function of its arguments; `nowMs` is any clock in milliseconds, the same for all. */
export interface RestartPolicy {
  /** The state of a program that was never started, or that a person sets going again after a give-up. */
  initial(seed: number): RestartState
  /** To call just before each start, also one that no decision asked for. */
  onStart(state: RestartState, nowMs: number): RestartState
  /** To call when the run is ready; with `onStart` for a program that cannot say. Later ones change nothing. */
  onReady(state: RestartState, nowMs: number): RestartState
  /** To call when a run has ended or could not begin, and with `requested` for a stop during the wait. */
  onExit(
    state: RestartState,
    exit: Exit,
    nowMs: number,
  ): { readonly state: RestartState; readonly decision: Decision }
  /** The delays of the next row, before it happens: at most `count`, and no more than `inARow` allows. */
  preview(count: number): DelayBounds[]
}

/**
 * Makes the rules by which a program is started again.
 *
 * An exit meets them in this order, and the first that speaks decides: a stop that somebody asked for;
 * `exitRules`; `permanentErrnos`; `mode`. If they say restart, the budget has the last word.
 *
 * @throws RestartPolicyError `BAD_OPTION`, which names the option and the fix.
 */
export function createRestartPolicy(options: RestartPolicyOptions = {}): RestartPolicy {
  checkOptions(options)
  const {
    mode = 'on-failure',
    exitRules = [],
    cleanCodes = [0],
    cleanSignals = SYSTEMD_CLEAN_SIGNALS,
    permanentErrnos = PERMANENT_ERRNOS,
    delay = { kind: 'exponential', initialMs: 1_000 },
    jitter = { kind: 'none' },
    budget = {},
    stableAfterMs = 60_000,
    afterStable = 'first-delay',
  } = options
  const { inARow = Infinity, retryAfterMs } = budget
  const window = windowOf(budget)

  /** What is to be done after such an end, budgets aside. */
  function judge(
    exit: Exit,
    stable: boolean,
  ): { readonly action: 'restart' | 'complete' | 'fail'; readonly rule: DecisionRule } {
    if (exit.kind === 'requested') return { action: 'complete', rule: 'requested' }
    const index = exitRules.findIndex((rule) => matches(rule, exit, stable))
    const rule = exitRules[index]
    if (rule) return { action: rule.action, rule: `exit-rule:${index}` }
    if (exit.kind === 'spawn-error' && permanentErrnos.includes(exit.errno))
      return { action: 'fail', rule: `permanent-errno:${exit.errno}` }
    const cause = causeOf(exit, cleanCodes, cleanSignals)
    if (RESTARTS[mode][cause]) return { action: 'restart', rule: `mode:${mode}` }
    return { action: cause === 'clean' ? 'complete' : 'fail', rule: `mode:${mode}` }
  }

  /** The first moment from `fromMs` on at which the window has room for one more start. */
  function roomAt(startsMs: readonly number[], fromMs: number): number {
    const last = startsMs[startsMs.length - window.count]
    return last === undefined || last < fromMs - window.perMs ? fromMs : last + window.perMs + 1
  }

  function onStart(before: RestartState, nowMs: number): RestartState {
    const state = advance(before, nowMs)
    const counts = window.all || (window.count > 0 && state.dueMs !== null)
    const startsMs = counts
      ? [...state.startsMs, nowMs].filter((ms) => ms >= nowMs - window.perMs).slice(-window.count)
      : state.startsMs
    return { ...state, startsMs, readyMs: null, dueMs: null }
  }

  function onReady(before: RestartState, nowMs: number): RestartState {
    const state = advance(before, nowMs)
    return { ...state, readyMs: state.readyMs ?? nowMs }
  }

  function onExit(
    before: RestartState,
    exit: Exit,
    nowMs: number,
  ): { readonly state: RestartState; readonly decision: Decision } {
    const state = advance(before, nowMs)
    const stable = state.readyMs !== null && nowMs - state.readyMs >= stableAfterMs
    const row: Row = stable ? NEW_ROW : state
    const { action, rule } = judge(exit, stable)

    if (action !== 'restart') {
      const outcome = action === 'complete' ? 'completed' : 'failed'
      return { state: ended(state, NEW_ROW), decision: { action: 'stop', outcome, rule } }
    }

    const free = stable && afterStable === 'at-once'
    const attempt = free ? 0 : row.attempt + 1
    const drawn = jitter.kind === 'none' || free ? { value: 0, rng: state.rng } : draw(state.rng)
    const bounds = free ? { minMs: 0, maxMs: 0 } : boundsFor(delay, jitter, attempt, row.previousMs)
    const delayMs = pick(bounds, drawn.value)
    const startMs = nowMs + delayMs

    const spent =
      attempt > inARow
        ? 'budget:in-a-row'
        : roomAt(state.startsMs, startMs) > startMs
          ? 'budget:window'
          : undefined
    if (spent) {
      const retry =
        retryAfterMs === undefined
          ? {}
          : { retryAtMs: roomAt(state.startsMs, nowMs + retryAfterMs) }
      return {
        // The row stays spent, so that the try after `retryAtMs` is a single one.
        state: ended(state, row, retry.retryAtMs),
        decision: { action: 'give-up', ...retry, rule: spent },
      }
    }
    return {
      state: ended(state, { attempt, previousMs: free ? null : delayMs }, startMs, drawn.rng),
      decision: { action: 'restart', delayMs, attempt, rule },
    }
  }

  function preview(count: number): DelayBounds[] {
    if (!Number.isSafeInteger(count) || count < 0)
      throw new RestartPolicyError('BAD_NUMBER', `count is ${count}: pass a whole number from 0`)
    const all: DelayBounds[] = []
    for (let attempt = 1; attempt <= Math.min(count, inARow); attempt++) {
      all.push(boundsFor(delay, jitter, attempt, all.at(-1)?.maxMs ?? null))
    }
    return all
  }

  return { initial: initialState, onStart, onReady, onExit, preview }
}

/** What a row of restarts has come to. */
type Row = Pick<RestartState, 'attempt' | 'previousMs'>

const NEW_ROW: Row = { attempt: 0, previousMs: null }

/** The state after a run. Written out, because a spread takes most of the time of a decision. */
function ended(
  { nowMs, startsMs, rng }: RestartState,
  { attempt, previousMs }: Row,
  dueMs: number | null = null,
  nextRng: number = rng,
): RestartState {
  return { v: 1, nowMs, attempt, previousMs, startsMs, readyMs: null, dueMs, rng: nextRng }
}

/** The window of a budget, with one name for both ways to count. */
function windowOf({ window }: Budget): { count: number; perMs: number; all: boolean } {
  if (!window) return { count: 0, perMs: 0, all: false }
  const { perMs } = window
  return 'starts' in window
    ? { count: window.starts, perMs, all: true }
    : { count: window.restarts, perMs, all: false }
}
