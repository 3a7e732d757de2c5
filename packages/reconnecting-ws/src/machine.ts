import type { Step } from '@conductor/machine'
import type { Schedule } from './schedules.ts'

/**
 * The life of a connection that comes back.
 *
 *     idle ─ connect ▶ connecting ─ opened ▶ open ─ lost, silent ▶ waiting ─ timeout, back ▶ connecting
 *     connecting ─ lost, too slow ▶ waiting       any loss ─ final code, schedule ends ▶ stopped
 *     any but closed ─ connect ▶ connecting       any ─ close ▶ closed, for good
 *
 * A socket exists in `connecting` and `open` and in no other state, and `dial` hangs up what is there
 * before it dials. That is why there are never two. `back` says that the page, the network or the
 * machine has returned: then a wait is cut short and an open socket has to prove that it lives.
 */
export type SocketState =
  /** Nobody has asked for a connection yet. */
  | { readonly name: 'idle' }
  /** Dialled; `deadlineMs` is when we lose patience. `attempt` is 0 for a try that is no retry. */
  | ({ readonly name: 'connecting'; readonly deadlineMs: number } & Tries)
  /** Messages flow. */
  | {
      readonly name: 'open'
      readonly sinceMs: number
      /** Failed tries that are not forgiven yet: the next loss counts from here. */
      readonly attempt: number
      /** The sign of life that we have asked for and not seen. */
      readonly asked: Asked | undefined
      /** When to look for signs of life; `Infinity` without `ping`. */
      readonly deadlineMs: number
    }
  /** Lost, and retrying at `deadlineMs`; without one, only when the hidden page is back. */
  | ({
      readonly name: 'waiting'
      /** The same moment in milliseconds since 1970, to be shown to people. */
      readonly retryAtMs: number | undefined
      readonly deadlineMs: number | undefined
    } & Tries &
      Loss)
  /** Given up: a `final` close code came, or the schedule was `exhausted`. Only `connect` leads out. */
  | ({ readonly name: 'stopped'; readonly reason: 'final' | 'exhausted' } & Loss)
  /** Closed by its owner, for good. */
  | ({ readonly name: 'closed' } & Loss)

/** Where we are in the schedule. */
export interface Tries {
  /** The retry waited for or under way: 1 is the first after a loss. */
  readonly attempt: number
  /** How many there are in all; `Infinity` for an endless schedule. */
  readonly attempts: number
  /** When the connection was lost, or first asked for. */
  readonly downSinceMs: number
}

/** How the last connection, or the last try, ended. */
export interface Loss {
  /** The close code; 1006 when there was none: the try failed, took too long, or fell silent. */
  readonly code: number
  /** The close frame's reason, or in words what happened. */
  readonly text: string
  /** What was thrown, when a try failed before there was a socket. */
  readonly error?: unknown
}

interface Asked {
  readonly atMs: number
  readonly giveUpMs: number
  /** Our own timer was late, so the peer got a second chance; there is no third. */
  readonly spared: boolean
}

export type SocketInput =
  | { readonly type: 'connect' }
  | { readonly type: 'opened' }
  | { readonly type: 'lost'; readonly loss: Loss }
  | { readonly type: 'timeout'; readonly loss?: Loss }
  | { readonly type: 'back' }
  | { readonly type: 'confirm' }
  | { readonly type: 'close'; readonly loss: Loss }

export type SocketEffect = 'dial' | 'hangUp' | 'ping'

/** The options that transitions go by, without gaps. */
export interface SocketRules {
  readonly schedule: Schedule
  readonly isFinal: (code: number) => boolean
  readonly connectWithinMs: number
  readonly resumeConnectWithinMs: number
  readonly minUptimeMs: number
  readonly hiddenGraceMs: number
  /** `Infinity` where nobody can be asked. */
  readonly everyMs: number
  readonly silenceMs: number
}

/** All that a transition may know besides the state and the input. */
export interface Now extends SocketRules {
  readonly nowMs: number
  readonly dateMs: number
  /** When anything last arrived from the peer. */
  readonly heardMs: number
  /** Nobody sees the page. */
  readonly hidden: boolean
  /** There is no network. */
  readonly offline: boolean
}

type Moved = Step<SocketState, SocketEffect>
type StateOf<N> = Extract<SocketState, { name: N }>
type InputOf<T> = Extract<SocketInput, { type: T }>
/** What ends a try or a connection: a socket that tells how, or our own timer. */
type Ended = { readonly loss?: Loss }
type Cell<S, I> = (state: S, input: I, now: Now) => Moved
type Table = {
  readonly [N in SocketState['name']]: {
    readonly [T in SocketInput['type']]: Cell<StateOf<N>, InputOf<T>>
  }
}

/** A timer that is this much late means that we were frozen or asleep, not that the peer is silent. */
const LATE_MS = 2_000

/** Without a network tries need not come thick and fast: a machine that is alone talks to itself only. */
const OFFLINE_PACE_MS = 5_000

const NO_ANSWER: Loss = { code: 1006, text: 'no answer' }

// The moves, each named for what it does. `stay` is written out so that no pair is forgotten.

const stay = (state: SocketState): Moved => [state]
const afresh = (_: unknown, __: unknown, now: Now): Moved =>
  dial({ attempt: 0, downSinceMs: now.nowMs }, now.connectWithinMs, now)
const retry = (state: Tries, _: unknown, now: Now): Moved =>
  dial(state, now.resumeConnectWithinMs, now)
const retryOnce = (state: StateOf<'connecting'>, _: unknown, now: Now): Moved =>
  // One return makes several signals (`resume`, `pageshow`, `online` …). A try that has more time
  // left than others get was begun by an earlier one.
  state.deadlineMs > now.nowMs + now.connectWithinMs ? [state] : retry(state, _, now)
const due = (state: StateOf<'waiting'>, _: unknown, now: Now): Moved =>
  now.hidden && now.nowMs - state.downSinceMs > now.hiddenGraceMs
    ? [{ ...state, retryAtMs: undefined, deadlineMs: undefined }]
    : dial(state, now.connectWithinMs, now)
const toOpen = ({ attempt }: Tries, _: unknown, { nowMs, everyMs }: Now): Moved => [
  { name: 'open', sinceMs: nowMs, attempt, asked: undefined, deadlineMs: nowMs + everyMs },
]
const failed = (state: Tries, { loss }: Ended, now: Now): Moved =>
  // Without a network a try costs nothing, and does not count.
  down(now.offline ? Math.max(state.attempt, 1) : state.attempt + 1, state.downSinceMs, now, loss)
const dropped = (state: StateOf<'open'>, { loss }: Ended, now: Now): Moved =>
  down(now.nowMs - state.sinceMs < now.minUptimeMs ? state.attempt + 1 : 1, now.nowMs, now, loss)
const confirm = (state: StateOf<'open'>): Moved => [{ ...state, attempt: 0 }]
const probe = (state: StateOf<'open'>, _: unknown, now: Now): Moved =>
  now.everyMs < Infinity ? ask(state, now.nowMs + now.connectWithinMs, false, now) : [state]
const look = (state: StateOf<'open'>, timeout: Ended, now: Now): Moved => {
  const { nowMs, heardMs, everyMs, silenceMs, connectWithinMs } = now
  const asked = heardMs < (state.asked?.atMs ?? 0) ? state.asked : undefined
  const late = nowMs - state.deadlineMs > LATE_MS
  if (late && !asked?.spared) return ask(state, nowMs + connectWithinMs, true, now)
  if (!asked)
    return nowMs < heardMs + everyMs
      ? [{ ...state, asked, deadlineMs: heardMs + everyMs }]
      : ask(state, nowMs + silenceMs - everyMs, false, now)
  return nowMs < asked.giveUpMs
    ? ask(state, asked.giveUpMs, asked.spared, now)
    : dropped(state, timeout, now)
}
const toClosed = (_: unknown, { loss }: InputOf<'close'>): Moved => [
  { name: 'closed', ...loss },
  'hangUp',
]

// biome-ignore format: the columns are the point
const table: Table = {
  idle:       { connect: afresh, opened: stay,   lost: stay,    timeout: stay,    back: stay,      confirm: stay,    close: toClosed },
  connecting: { connect: afresh, opened: toOpen, lost: failed,  timeout: failed,  back: retryOnce, confirm: stay,    close: toClosed },
  open:       { connect: afresh, opened: stay,   lost: dropped, timeout: look,    back: probe,     confirm: confirm, close: toClosed },
  waiting:    { connect: afresh, opened: stay,   lost: stay,    timeout: due,     back: retry,     confirm: stay,    close: toClosed },
  stopped:    { connect: afresh, opened: stay,   lost: stay,    timeout: stay,    back: stay,      confirm: stay,    close: toClosed },
  closed:     { connect: stay,   opened: stay,   lost: stay,    timeout: stay,    back: stay,      confirm: stay,    close: stay     },
}

function dial(from: Omit<Tries, 'attempts'>, withinMs: number, now: Now): Moved {
  const { attempt, downSinceMs } = from
  const { attempts = Infinity } = now.schedule
  const deadlineMs = now.nowMs + withinMs
  return [{ name: 'connecting', attempt, attempts, downSinceMs, deadlineMs }, 'dial']
}

function down(attempt: number, downSinceMs: number, now: Now, loss = NO_ANSWER): Moved {
  const { attempts = Infinity } = now.schedule
  const delayMs = now.schedule(attempt)
  const final = now.isFinal(loss.code)
  if (final || delayMs === undefined)
    return [{ name: 'stopped', reason: final ? 'final' : 'exhausted', ...loss }, 'hangUp']
  const waitMs = now.offline ? Math.max(delayMs, OFFLINE_PACE_MS) : delayMs
  const [retryAtMs, deadlineMs] = [now.dateMs + waitMs, now.nowMs + waitMs]
  return [
    { name: 'waiting', attempt, attempts, downSinceMs, retryAtMs, deadlineMs, ...loss },
    'hangUp',
  ]
}

/** Pings; by `giveUpMs` at the latest something, anything, must have come in. */
function ask(
  state: StateOf<'open'>,
  giveUpMs: number,
  spared: boolean,
  { nowMs, everyMs }: Now,
): Moved {
  const asked = { atMs: nowMs, giveUpMs, spared }
  return [{ ...state, asked, deadlineMs: Math.min(giveUpMs, nowMs + everyMs) }, 'ping']
}

/** What the connection becomes, and what to do about it. */
export function transition(state: SocketState, input: SocketInput, now: Now): Moved {
  // TypeScript cannot see that the row and the column were picked by these very names.
  const cell = table[state.name][input.type] as Cell<SocketState, SocketInput>
  return cell(state, input, now)
}
