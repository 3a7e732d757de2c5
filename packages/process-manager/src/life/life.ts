import type { Step } from '@conductor/machine'
import type {
  Decision,
  DecisionRule,
  Exit,
  RestartPolicy,
  RestartState,
} from '@conductor/restart-policy'

/**
 * The life of one managed process.
 *
 *     stopped            ─ start ────▶ waiting ─ unblocked ─▶ starting ─ ready ─▶ running
 *     starting, running  ─ exited ───▶ what the restart policy decides: backoff, stopped or failed
 *     starting, running  ─ stop ─────▶ stopping ─ empty ─▶ stopped
 *     starting           ─ too slow ─▶ stopping ─ empty ─▶ what the policy decides
 *     running            ─ condemn ──▶ the same: its health, memory or CPU
 *     backoff            ─ in time ──▶ waiting
 *
 * Something of it may be alive in `starting`, `running` and `stopping`, and after a `failed` that
 * names survivors; only `empty`, which means the whole tree, leads from there to another launch.
 * That is why there are never two of it.
 */
export type Life =
  /** Not running, and nobody wants it to. `completed`: it ended by itself, as it should. */
  | (Base<'stopped'> & { readonly completed?: boolean })
  /** Wanted, and something it depends on is not so far. */
  | Base<'waiting'>
  /** Launched, not ready yet; `deadlineMs` is when we lose patience. */
  | (Base<'starting'> & Deadline)
  | Base<'running'>
  /** On its way out. `deadlineMs` is when it is killed or, if `killed`, given up. `seen` is how its leader left. */
  | (Base<'stopping'> &
      Deadline & { readonly killed: boolean; readonly next: Next; readonly seen?: Exit })
  /** Failed; the next try is at `deadlineMs`. */
  | (Base<'backoff'> & Deadline & { readonly exit: Exit; readonly rule: DecisionRule })
  /** Given up: for good, or until `deadlineMs`. */
  | (Base<'failed'> & { readonly deadlineMs?: number; readonly reason: Reason })

interface Base<N extends string> {
  readonly name: N
  readonly policy: RestartState
}
interface Deadline {
  readonly deadlineMs: number
}

/** What follows once nothing of it is left. */
export type Next =
  | { readonly type: 'stopped'; readonly by?: string }
  | { readonly type: 'restart'; readonly by?: string }
  /** Not asked for: the policy decides about this end. */
  | { readonly type: 'exit'; readonly exit: Exit }

export type Reason =
  | { readonly kind: 'exit'; readonly exit: Exit; readonly rule: DecisionRule }
  /** Even SIGKILL left something of it alive. */
  | { readonly kind: 'survivors'; readonly exit: Exit }
  /** Whether a run of an earlier manager still lives cannot be told. */
  | { readonly kind: 'cannot-tell' }

export type LifeInput =
  | { readonly type: 'start' }
  | { readonly type: 'stop'; readonly by?: string }
  | { readonly type: 'restart'; readonly by?: string }
  /** All that it depends on is so far. */
  | { readonly type: 'unblocked' }
  | { readonly type: 'launchFailed'; readonly errno: string }
  | { readonly type: 'ready' }
  /** Its leader is gone; `leftovers`: others of its group are not. */
  | { readonly type: 'exited'; readonly exit: Exit; readonly leftovers: boolean }
  /** Nothing of its tree is left. */
  | { readonly type: 'empty' }
  /** It has to go, for this reason. */
  | { readonly type: 'condemn'; readonly exit: Exit }
  /** Its failure has been told to somebody who decides what follows: no next try. */
  | { readonly type: 'abandon' }
  | { readonly type: 'timeout' }

export type LifeEffect =
  /** Say `unblocked` as soon as it is. */
  | { readonly type: 'ask' }
  | { readonly type: 'launch' }
  | { readonly type: 'terminate' }
  | { readonly type: 'kill' }
  /** A run is over. */
  | {
      readonly type: 'died'
      readonly exit: Exit
      readonly seen?: Exit
      readonly decision: Decision | { readonly action: 'restart-requested' | 'survivors' }
      readonly by?: string
    }

export interface LifeRules {
  readonly policy: RestartPolicy
  readonly startupTimeoutMs: number
  readonly graceMs: number
  /** Added to the driver's clock it gives the moments that the policy remembers, which outlive this program. */
  readonly epochMs: number
}

/** What SIGKILL has not ended by then hangs in the kernel, in milliseconds. */
export const KILL_PATIENCE_MS = 5_000

type Moved = Step<Life, LifeEffect>
type LifeOf<N> = Extract<Life, { name: N }>
type InputOf<T> = Extract<LifeInput, { type: T }>
interface Now extends LifeRules {
  readonly nowMs: number
  /** `nowMs` on the policy's clock. */
  readonly atMs: number
}
type Cell<S, I> = (state: S, input: I, now: Now) => Moved
type Table = {
  readonly [N in Life['name']]: {
    readonly [T in LifeInput['type']]: Cell<LifeOf<N>, InputOf<T>>
  }
}

const ASK: LifeEffect = { type: 'ask' }
const RESTART: InputOf<'restart'> = { type: 'restart' }

// The moves, each named for what it does. `stay` is written out so that no pair is forgotten.

const stay = (state: Life): Moved => [state]
const want = ({ policy }: Life): Moved => [{ name: 'waiting', policy }, ASK]
/** A person's start after a failure forgets what failed before. */
const wantAfresh = (state: Life, _: unknown, { policy }: Now): Moved => [
  { name: 'waiting', policy: policy.initial(state.policy.rng) },
  ASK,
]
const callOff = (state: Life, _: unknown, { policy, atMs }: Now): Moved => [
  { name: 'stopped', policy: policy.onExit(state.policy, { kind: 'requested' }, atMs).state },
]
const launch = (state: Life, _: unknown, { policy, nowMs, atMs, startupTimeoutMs }: Now): Moved => [
  {
    name: 'starting',
    policy: policy.onStart(state.policy, atMs),
    deadlineMs: nowMs + startupTimeoutMs,
  },
  { type: 'launch' },
]
const toRunning = (state: Life, _: unknown, { policy, atMs }: Now): Moved => [
  { name: 'running', policy: policy.onReady(state.policy, atMs) },
]

const terminate = ({ policy }: Life, next: Next, { nowMs, graceMs }: Now): Moved => [
  { name: 'stopping', policy, next, killed: false, deadlineMs: nowMs + graceMs },
  { type: 'terminate' },
]
const halt = (state: Life, { by }: InputOf<'stop'>, now: Now): Moved =>
  terminate(state, { type: 'stopped', ...(by === undefined ? {} : { by }) }, now)
const cycle = (state: Life, { by }: InputOf<'restart'>, now: Now): Moved =>
  terminate(state, { type: 'restart', ...(by === undefined ? {} : { by }) }, now)
const condemn = (state: Life, { exit }: InputOf<'condemn'>, now: Now): Moved =>
  terminate(state, { type: 'exit', exit }, now)
const tooSlow = (state: Life, _: unknown, now: Now): Moved =>
  terminate(state, { type: 'exit', exit: { kind: 'timeout', phase: 'start' } }, now)

/** A leader may leave others behind, who would hold its port: they go first. */
const crash = (state: Life, { exit, leftovers }: InputOf<'exited'>, now: Now): Moved => {
  if (!leftovers) return conclude(state, exit, now)
  const [next, ...effects] = terminate(state, { type: 'exit', exit }, now)
  return [{ ...(next as LifeOf<'stopping'>), seen: exit }, ...effects]
}
const unborn = (state: Life, { errno }: InputOf<'launchFailed'>, now: Now): Moved =>
  conclude(state, { kind: 'spawn-error', errno }, now)

const wantGone = (state: LifeOf<'stopping'>, { by }: InputOf<'stop'>): Moved => [
  { ...state, next: { type: 'stopped', ...(by === undefined ? {} : { by }) } },
]
const wantBack = (state: LifeOf<'stopping'>): Moved => [{ ...state, next: { type: 'restart' } }]
const note = (state: LifeOf<'stopping'>, { exit }: InputOf<'exited'>): Moved => [
  { ...state, seen: exit },
]
const kill = (state: LifeOf<'stopping'>, _: unknown, { nowMs }: Now): Moved =>
  state.killed
    ? [
        {
          name: 'failed',
          policy: state.policy,
          reason: { kind: 'survivors', exit: exitOf(state.next) },
        },
        died(state, { action: 'survivors' }),
      ]
    : [{ ...state, killed: true, deadlineMs: nowMs + KILL_PATIENCE_MS }, { type: 'kill' }]
const gone = (state: LifeOf<'stopping'>, _: unknown, now: Now): Moved => {
  if (state.next.type === 'exit') return conclude(state, state.next.exit, now, state.seen)
  const { state: policy, decision } = now.policy.onExit(
    state.policy,
    { kind: 'requested' },
    now.atMs,
  )
  return state.next.type === 'stopped'
    ? [{ name: 'stopped', policy }, died(state, decision)]
    : [{ name: 'waiting', policy }, died(state, { action: 'restart-requested' }), ASK]
}

const abandon = ({ policy, exit, rule }: LifeOf<'backoff'>): Moved => [
  { name: 'failed', policy, reason: { kind: 'exit', exit, rule } },
]
const forGood = ({ policy, reason }: LifeOf<'failed'>): Moved => [
  { name: 'failed', policy, reason },
]

/** Nothing may be launched beside what would not die: it is ended again first. */
const startFailed = (
  state: LifeOf<'failed'>,
  input: InputOf<'start' | 'restart'>,
  now: Now,
): Moved => {
  const { kind } = state.reason
  if (kind === 'survivors') return cycle(state, input.type === 'restart' ? input : RESTART, now)
  // Only a stop, which forgets that run, leads on from there.
  return kind === 'cannot-tell' ? stay(state) : wantAfresh(state, input, now)
}
const stopFailed = (state: LifeOf<'failed'>, input: InputOf<'stop'>, now: Now): Moved =>
  state.reason.kind === 'survivors' ? halt(state, input, now) : callOff(state, input, now)

function exitOf(next: Next): Exit {
  return next.type === 'exit' ? next.exit : { kind: 'requested' }
}

function died(
  { next, seen }: LifeOf<'stopping'>,
  decision: Extract<LifeEffect, { type: 'died' }>['decision'],
): LifeEffect {
  return {
    type: 'died',
    exit: exitOf(next),
    decision,
    ...(seen === undefined ? {} : { seen }),
    ...(next.type === 'exit' || next.by === undefined ? {} : { by: next.by }),
  }
}

/** Asks the policy what an end that nobody wanted leads to. */
function conclude(before: Life, exit: Exit, now: Now, seen?: Exit): Moved {
  const { state: policy, decision } = now.policy.onExit(before.policy, exit, now.atMs)
  const effect: LifeEffect = {
    type: 'died',
    exit,
    decision,
    ...(seen === undefined ? {} : { seen }),
  }
  const { rule } = decision
  if (decision.action === 'restart' && decision.delayMs === 0)
    return [{ name: 'waiting', policy }, effect, ASK]
  if (decision.action === 'restart')
    return [
      { name: 'backoff', policy, exit, rule, deadlineMs: now.nowMs + decision.delayMs },
      effect,
    ]
  if (decision.action === 'stop' && decision.outcome === 'completed')
    return [{ name: 'stopped', policy, completed: true }, effect]
  const retryAtMs = decision.action === 'give-up' ? decision.retryAtMs : undefined
  return [
    {
      name: 'failed',
      policy,
      reason: { kind: 'exit', exit, rule },
      ...(retryAtMs === undefined ? {} : { deadlineMs: retryAtMs - now.epochMs }),
    },
    effect,
  ]
}

// biome-ignore format: the columns are the point
const table: Table = {
  stopped:  { start: want,        stop: stay,       restart: want,          unblocked: stay,   launchFailed: stay,   ready: stay,      exited: stay,  empty: stay, condemn: stay,    abandon: stay,    timeout: stay    },
  waiting:  { start: stay,        stop: callOff,    restart: stay,          unblocked: launch, launchFailed: stay,   ready: stay,      exited: stay,  empty: stay, condemn: stay,    abandon: stay,    timeout: stay    },
  starting: { start: stay,        stop: halt,       restart: cycle,         unblocked: stay,   launchFailed: unborn, ready: toRunning, exited: crash, empty: stay, condemn: condemn, abandon: stay,    timeout: tooSlow },
  running:  { start: stay,        stop: halt,       restart: cycle,         unblocked: stay,   launchFailed: stay,   ready: stay,      exited: crash, empty: stay, condemn: condemn, abandon: stay,    timeout: stay    },
  stopping: { start: wantBack,    stop: wantGone,   restart: wantBack,      unblocked: stay,   launchFailed: stay,   ready: stay,      exited: note,  empty: gone, condemn: stay,    abandon: stay,    timeout: kill    },
  backoff:  { start: wantAfresh,  stop: callOff,    restart: wantAfresh,    unblocked: stay,   launchFailed: stay,   ready: stay,      exited: stay,  empty: stay, condemn: stay,    abandon: abandon, timeout: want    },
  failed:   { start: startFailed, stop: stopFailed, restart: startFailed,   unblocked: stay,   launchFailed: stay,   ready: stay,      exited: stay,  empty: stay, condemn: stay,    abandon: forGood, timeout: want    },
}

/** The machine of one process, under its rules. */
export function lifeOf(rules: LifeRules): (state: Life, input: LifeInput, nowMs: number) => Moved {
  return (state, input, nowMs) => {
    // TypeScript cannot see that the row and the column were picked by these very names.
    const cell = table[state.name][input.type] as Cell<Life, LifeInput>
    return cell(state, input, { ...rules, nowMs, atMs: nowMs + rules.epochMs })
  }
}
