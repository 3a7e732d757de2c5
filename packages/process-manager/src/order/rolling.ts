import type { Step } from '@conductor/machine'

/**
 * The replacement of all instances of a process, a few at a time.
 *
 *     idle ─ begin ▶ rolling ─ all replaced ▶ done
 *     rolling ─ failed, timeout, a new one ends ▶ failing ─ what was being stopped is started ▶ failed
 *
 * Each instance is stopped, started when it is gone, and replaced when it is ready. The next one is
 * stopped only if `minReady` others are ready then; one that is not ready may always go, and goes first.
 * After the first fault nothing more is stopped: the new version may be at fault, and the old instances
 * that are left are all that works. What is being stopped already is started again, whatever comes.
 */
export type RollingState =
  | ({ readonly name: 'idle' } & Fleet)
  /** `deadlineMs`: so long may it go on without a step forward. */
  | ({ readonly name: 'rolling'; readonly deadlineMs: number } & Fleet)
  | ({ readonly name: 'failing'; readonly reason: string } & Fleet)
  | ({ readonly name: 'done' } & Fleet)
  /** `todo` are those of the old version. */
  | ({ readonly name: 'failed'; readonly reason: string } & Fleet)

/** Each instance is in one of the first four. */
export interface Fleet {
  readonly todo: readonly string[]
  readonly stopping: readonly string[]
  readonly starting: readonly string[]
  readonly replaced: readonly string[]
  /** Those that are ready now. None of `stopping` is: it was told to go. */
  readonly ready: readonly string[]
}

export type RollingInput =
  | { readonly type: 'begin' }
  | { readonly type: 'ready'; readonly instance: string }
  /** It runs, and its readiness check fails. */
  | { readonly type: 'unready'; readonly instance: string }
  /** Its tree is gone: stopped, or by itself. */
  | { readonly type: 'exited'; readonly instance: string }
  /** It could not be stopped, or its restart policy has given it up. */
  | { readonly type: 'failed'; readonly instance: string; readonly reason: string }
  | { readonly type: 'timeout' }

/** `stop` is answered by `exited`, also when nothing ran, or by `failed`. */
export type RollingEffect = { readonly type: 'stop' | 'start'; readonly instance: string }

export interface RollingRules {
  readonly minReady: number
  /** So many may be under way at once. */
  readonly atATime: number
  /** The longest wait for a step forward, in milliseconds: more than its stop and its start may take. */
  readonly patienceMs: number
}

interface Now extends RollingRules {
  readonly nowMs: number
}

type Moved = Step<RollingState, RollingEffect>
type StateOf<N> = Extract<RollingState, { name: N }>
type InputOf<T> = Extract<RollingInput, { type: T }>
type Cell<S, I> = (state: S, input: I, now: Now) => Moved
type Table = {
  readonly [N in RollingState['name']]: {
    readonly [T in RollingInput['type']]: Cell<StateOf<N>, InputOf<T>>
  }
}
type About = { readonly instance: string }

/** Before `begin`. @param ready Those of `instances` that are ready. */
export function rollingState(
  instances: readonly string[],
  ready: readonly string[],
): StateOf<'idle'> {
  return { name: 'idle', todo: instances, stopping: [], starting: [], replaced: [], ready }
}

// The moves, each named for what it does. `stay` is written out so that no pair is forgotten.

const stay = (state: RollingState): Moved => [state]
const go = (state: RollingState, _: unknown, now: Now): Moved =>
  advance(state, [], now.nowMs + now.patienceMs, now)
const gains = (state: RollingState, { instance }: About): Moved => [gain(state, instance)]
const loses = (state: RollingState, { instance }: About): Moved => [lose(state, instance)]
const nextIfReady = (state: StateOf<'rolling'>, { instance }: About, now: Now): Moved => {
  const next = gain(state, instance)
  // An old one may come and go for ever: that is no step forward.
  if (!state.starting.includes(instance)) return advance(next, [], state.deadlineMs, now)
  const starting = without(state.starting, instance)
  const replaced = [...state.replaced, instance]
  return advance({ ...next, starting, replaced }, [], now.nowMs + now.patienceMs, now)
}
const startIfStopped = (state: StateOf<'rolling'>, { instance }: About, now: Now): Moved => {
  if (state.stopping.includes(instance))
    return advance(...restart(state, instance), state.deadlineMs, now)
  const next = lose(state, instance)
  return state.replaced.includes(instance)
    ? fail(next, `${instance} was replaced, got ready, and ended`)
    : [next]
}
const failIfOurs = (state: StateOf<'rolling'>, { instance, reason }: InputOf<'failed'>): Moved => {
  const next = lose(state, instance)
  // An old one that is broken is one more reason to replace it.
  if (state.todo.includes(instance)) return [next]
  return fail({ ...next, stopping: without(state.stopping, instance) }, `${instance}: ${reason}`)
}
const tooLate = (state: StateOf<'rolling'>, _: unknown, now: Now): Moved =>
  fail(state, lateText(state, now))
const startAnyhow = (state: StateOf<'failing'>, { instance }: About): Moved => {
  if (!state.stopping.includes(instance)) return [lose(state, instance)]
  const [next, effects] = restart(state, instance)
  return fail(next, state.reason, effects)
}
const leave = (state: StateOf<'failing'>, { instance }: About): Moved =>
  fail({ ...lose(state, instance), stopping: without(state.stopping, instance) }, state.reason)

// biome-ignore format: the columns are the point
const table: Table = {
  idle:    { begin: go,   ready: gains,       unready: loses, exited: loses,          failed: loses,      timeout: stay    },
  rolling: { begin: stay, ready: nextIfReady, unready: loses, exited: startIfStopped, failed: failIfOurs, timeout: tooLate },
  failing: { begin: stay, ready: gains,       unready: loses, exited: startAnyhow,    failed: leave,      timeout: stay    },
  done:    { begin: stay, ready: stay,        unready: stay,  exited: stay,           failed: stay,       timeout: stay    },
  failed:  { begin: stay, ready: stay,        unready: stay,  exited: stay,           failed: stay,       timeout: stay    },
}

/** Stops as many as may go now. With nothing to do, it waits until `quietMs`. */
function advance(from: Fleet, before: readonly RollingEffect[], quietMs: number, now: Now): Moved {
  let { todo, stopping, ready } = from
  const effects = [...before]
  for (;;) {
    const busy = stopping.length + from.starting.length
    const candidate = todo.find((each) => !ready.includes(each)) ?? todo[0]
    if (candidate === undefined || busy >= now.atATime) break
    if (ready.includes(candidate) && ready.length - 1 < now.minReady) break
    todo = without(todo, candidate)
    ready = without(ready, candidate)
    stopping = [...stopping, candidate]
    effects.push({ type: 'stop', instance: candidate })
  }
  const fleet = { ...fleetOf(from), todo, stopping, ready }
  if (todo.length + stopping.length + fleet.starting.length === 0)
    return [{ name: 'done', ...fleet }]
  const deadlineMs = effects.length > 0 ? now.nowMs + now.patienceMs : quietMs
  return [{ name: 'rolling', deadlineMs, ...fleet }, ...effects]
}

/** Nothing more is stopped; at rest once nothing is being stopped. */
function fail(from: Fleet, reason: string, effects: readonly RollingEffect[] = []): Moved {
  const name = from.stopping.length > 0 ? 'failing' : 'failed'
  return [{ name, reason, ...fleetOf(from) }, ...effects]
}

function restart<S extends Fleet>(state: S, instance: string): [S, RollingEffect[]] {
  const stopping = without(state.stopping, instance)
  const starting = [...state.starting, instance]
  return [{ ...state, stopping, starting }, [{ type: 'start', instance }]]
}

function gain<S extends Fleet>(state: S, instance: string): S {
  // News of the old process, sent before it was told to go.
  if (state.stopping.includes(instance) || state.ready.includes(instance)) return state
  return { ...state, ready: [...state.ready, instance] }
}

function lose<S extends Fleet>(state: S, instance: string): S {
  return { ...state, ready: without(state.ready, instance) }
}

function lateText({ todo, stopping, starting, ready }: Fleet, now: Now): string {
  if (stopping.length > 0) return `${stopping.join(', ')} did not end in time`
  if (starting.length > 0) return `${starting.join(', ')} did not get ready in time`
  return `${todo.join(', ')} cannot be stopped: ${ready.length} are ready, and ${now.minReady} must stay so`
}

function without(list: readonly string[], one: string): readonly string[] {
  return list.filter((each) => each !== one)
}

function fleetOf({ todo, stopping, starting, replaced, ready }: Fleet): Fleet {
  return { todo, stopping, starting, replaced, ready }
}

/** What the replacement becomes, and what to do about it. */
export function rollingTransition(state: RollingState, input: RollingInput, now: Now): Moved {
  // TypeScript cannot see that the row and the column were picked by these very names.
  const cell = table[state.name][input.type] as Cell<RollingState, RollingInput>
  return cell(state, input, now)
}
