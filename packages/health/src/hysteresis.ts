import type { Step } from '@conductor/machine'
import type { ProbeResult, ProbeTiming } from './probe-spec.ts'

/**
 * When to look, and how often it takes to be believed.
 *
 *     waiting ─ timeout, lookNow ▶ looking ─ seen ▶ waiting       any but closed ─ pause ▶ paused
 *     paused ─ resume ▶ waiting    paused ─ lookNow ▶ looking ─ seen ▶ paused     any ─ close ▶ closed
 *
 * A look is under way in `looking` and in no other state, so there are never two; its number tells a
 * late result from the one that is waited for. The period begins when a look has ended: a machine
 * that slept looks once when it wakes, and what it has missed counts for nothing. A look ends by
 * itself, as the probe has the time limit; so `looking` has no deadline, and a check has one timer.
 */
export type CheckState =
  /** The next look is at `deadlineMs`. */
  | ({ readonly name: 'waiting'; readonly deadlineMs: number } & Memory)
  /** `paused`: it was asked for in a pause, and the pause goes on after it. */
  | ({ readonly name: 'looking'; readonly paused: boolean } & Memory)
  | ({ readonly name: 'paused' } & Memory)
  /** For good. */
  | ({ readonly name: 'closed' } & Memory)

/** `unknown` until either threshold is first reached; never again after that. */
export type HealthState = 'unknown' | 'healthy' | 'unhealthy'

/** What is believed, and the run of equal results that could change it. */
export interface Belief {
  readonly health: HealthState
  /** Looks in a row that passed, `warn` among them. */
  readonly passes: number
  /** Looks in a row that did not pass. */
  readonly failures: number
}

interface Memory {
  readonly belief: Belief
  /** The number of the latest look. */
  readonly look: number
}

export type CheckInput =
  | { readonly type: 'timeout' }
  | { readonly type: 'lookNow' }
  | { readonly type: 'seen'; readonly look: number; readonly result: ProbeResult }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'close' }

export type CheckEffect =
  | { readonly type: 'look'; readonly look: number }
  | { readonly type: 'callOff' }
  | { readonly type: 'tell'; readonly result: ProbeResult; readonly previous: HealthState }

export type CheckTiming = Required<ProbeTiming>

type Moved = Step<CheckState, CheckEffect>
type StateOf<N> = Extract<CheckState, { name: N }>
type InputOf<T> = Extract<CheckInput, { type: T }>
type Cell<S, I> = (state: S, input: I, timing: CheckTiming, nowMs: number) => Moved
type Table = {
  readonly [N in CheckState['name']]: {
    readonly [T in CheckInput['type']]: Cell<StateOf<N>, InputOf<T>>
  }
}

/**
 * One more result.
 *
 * What does not pass breaks a run of passes, and the other way round. `unknown` counts like `fail`: it
 * never makes a check healthy, and makes it unhealthy only when it repeats. Whoever must tell the two
 * apart, before ending a process say, asks the last result's status.
 */
export function believe(belief: Belief, result: ProbeResult, timing: CheckTiming): Belief {
  const passed = result.status === 'pass' || result.status === 'warn'
  const passes = passed ? belief.passes + 1 : 0
  const failures = passed ? 0 : belief.failures + 1
  if (passes >= timing.successThreshold) return { health: 'healthy', passes, failures }
  if (failures >= timing.failureThreshold) return { health: 'unhealthy', passes, failures }
  return { health: belief.health, passes, failures }
}

/** Looks before and after a pause are not in a row. */
const apart = ({ health }: Belief): Belief => ({ health, passes: 0, failures: 0 })

// The moves, each named for what it does. `stay` is written out so that no pair is forgotten.

const stay = (state: CheckState): Moved => [state]
const look = (state: CheckState): Moved => begin(state, false)
const lookOnce = (state: CheckState): Moved => begin(state, true)
const goOn = (state: StateOf<'looking'>): Moved => [{ ...state, paused: false }]
const learn = (
  state: StateOf<'looking'>,
  { look, result }: InputOf<'seen'>,
  timing: CheckTiming,
  nowMs: number,
): Moved => {
  if (look !== state.look) return [state]
  const memory = { belief: believe(state.belief, result, timing), look }
  return [
    state.paused
      ? { name: 'paused', ...memory }
      : { name: 'waiting', ...memory, deadlineMs: nowMs + timing.periodMs },
    { type: 'tell', result, previous: state.belief.health },
  ]
}
const rest = ({ belief, look }: CheckState): Moved => [
  { name: 'paused', belief: apart(belief), look },
]
const breakOff = (state: CheckState): Moved => [...rest(state), { type: 'callOff' }]
const wake = ({ belief, look }: CheckState, _: unknown, __: unknown, nowMs: number): Moved => [
  { name: 'waiting', belief, look, deadlineMs: nowMs },
]
const toClosed = ({ belief, look }: CheckState): Moved => [
  { name: 'closed', belief, look },
  { type: 'callOff' },
]

// biome-ignore format: the columns are the point
const table: Table = {
  waiting: { timeout: look, lookNow: look,     seen: stay,  pause: rest,     resume: stay, close: toClosed },
  looking: { timeout: stay, lookNow: stay,     seen: learn, pause: breakOff, resume: goOn, close: toClosed },
  paused:  { timeout: stay, lookNow: lookOnce, seen: stay,  pause: stay,     resume: wake, close: toClosed },
  closed:  { timeout: stay, lookNow: stay,     seen: stay,  pause: stay,     resume: stay, close: stay     },
}

function begin({ belief, look }: CheckState, paused: boolean): Moved {
  const next = look + 1
  return [
    { name: 'looking', belief, look: next, paused },
    { type: 'look', look: next },
  ]
}

/** Before the first look. */
export function initialCheckState(timing: CheckTiming, nowMs: number): CheckState {
  const belief: Belief = { health: 'unknown', passes: 0, failures: 0 }
  return { name: 'waiting', belief, look: 0, deadlineMs: nowMs + timing.initialDelayMs }
}

/** What the check becomes, and what to do about it. */
export function transition(
  state: CheckState,
  input: CheckInput,
  timing: CheckTiming,
  nowMs: number,
): Moved {
  // TypeScript cannot see that the row and the column were picked by these very names.
  const cell = table[state.name][input.type] as Cell<CheckState, CheckInput>
  return cell(state, input, timing, nowMs)
}
