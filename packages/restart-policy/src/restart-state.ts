import { RestartPolicyError } from './restart-policy-error.ts'

/**
 * All that a policy remembers of one program. Plain JSON: store it and a new supervisor goes on from it.
 * Moments are in the milliseconds of the clock that the caller passes as `nowMs`.
 */
export interface RestartState {
  readonly v: 1
  /** The last moment that was told; `null` before the first. */
  readonly nowMs: number | null
  /** Restarts without a stable run between them. */
  readonly attempt: number
  /** The last delay of the row; `null` before the first. */
  readonly previousMs: number | null
  /** The starts that the window still counts, oldest first. */
  readonly startsMs: readonly number[]
  /** Since when the present run is ready; `null` while it is not. */
  readonly readyMs: number | null
  /** When the next start is due that a decision asked for; `null` if none did. */
  readonly dueMs: number | null
  /** The generator of the jitter, an unsigned 32-bit number. */
  readonly rng: number
}

/** The state of a program that was never started. */
export function initialState(seed: number): RestartState {
  if (!Number.isSafeInteger(seed))
    throw new RestartPolicyError('BAD_NUMBER', `seed is ${seed}: pass a whole number`)
  return {
    v: 1,
    nowMs: null,
    attempt: 0,
    previousMs: null,
    startsMs: [],
    readyMs: null,
    dueMs: null,
    rng: seed >>> 0,
  }
}

/**
 * The state at `nowMs`.
 *
 * A clock that went back says nothing about how much time passed. None did, then: everything that was
 * remembered moves back with it, so that no run lasts a negative time and no window stays shut for years.
 */
export function advance(state: RestartState, nowMs: number): RestartState & { nowMs: number } {
  if (state.v !== 1)
    throw new RestartPolicyError('BAD_STATE', `its version is ${String(state.v)}, not 1`)
  if (!(Math.abs(nowMs) <= Number.MAX_SAFE_INTEGER))
    throw new RestartPolicyError('BAD_NUMBER', `nowMs is ${nowMs}`)
  if (state.nowMs === null || nowMs >= state.nowMs) return { ...state, nowMs }
  const backMs = state.nowMs - nowMs
  const move = (ms: number | null): number | null => (ms === null ? null : ms - backMs)
  return {
    ...state,
    nowMs,
    startsMs: state.startsMs.map((ms) => ms - backMs),
    readyMs: move(state.readyMs),
    dueMs: move(state.dueMs),
  }
}

/** Whether parsed JSON is a state of this version. */
export function isRestartState(value: unknown): value is RestartState {
  if (typeof value !== 'object' || value === null) return false
  // Every field is looked at below.
  const state = value as Record<keyof RestartState, unknown>
  const maybe = (ms: unknown): boolean => ms === null || Number.isFinite(ms)
  return (
    state.v === 1 &&
    [state.nowMs, state.previousMs, state.readyMs, state.dueMs].every(maybe) &&
    Number.isSafeInteger(state.attempt) &&
    Number(state.attempt) >= 0 &&
    Array.isArray(state.startsMs) &&
    state.startsMs.every(Number.isFinite) &&
    Number.isSafeInteger(state.rng) &&
    Number(state.rng) >>> 0 === state.rng
  )
}
