import type { Step } from '@conductor/machine'

/**
 * The life of a watchdog: armed by the first client for good, it fires when the last has stayed away.
 *
 *     unbound ─ listening ▶ idle ─ joined ▶ connected ─ left ▶ grace ─ timeout ▶ closing ─ empty ▶ fired
 *     grace, closing ─ joined ▶ connected        grace, closing ─ hold ▶ held ─ release ▶ grace
 *     closing ─ unsure ▶ grace                   any ─ close ▶ closed, for good
 *
 * Time alone never fires: in `closing` nobody new can come, and those who came before are counted
 * first. A `probe` is a connection that turns out to be another daemon's question whether somebody
 * listens; it leaves all as it was before it came.
 */
export type WatchdogState =
  /** Nobody can connect: never bound yet. */
  | { readonly name: 'unbound' }
  /** No client has ever come. A daemon that nobody links to stays here, and lives. */
  | { readonly name: 'idle' }
  /** `before` is where a probe would lead back to; none once a client has left. */
  | { readonly name: 'connected'; readonly clients: number; readonly before?: Before | undefined }
  /** Armed, and no client, but a lease. */
  | { readonly name: 'held' }
  /** Armed, and no client: closing begins at `deadlineMs`. */
  | { readonly name: 'grace'; readonly deadlineMs: number }
  /** The address is withdrawn; those who found it in time are being counted. */
  | { readonly name: 'closing' }
  /** `onExpire` was called. */
  | { readonly name: 'fired' }
  /** Closed by its owner. */
  | { readonly name: 'closed' }

type Before = StateOf<'idle' | 'held' | 'grace'>

export type WatchdogInput =
  | { readonly type: 'listening' }
  | { readonly type: 'joined' }
  | { readonly type: 'left' }
  | { readonly type: 'probe' }
  | { readonly type: 'hold' }
  | { readonly type: 'release' }
  | { readonly type: 'timeout' }
  /** Nobody was late. */
  | { readonly type: 'empty' }
  /** It could not be told whether somebody was late. */
  | { readonly type: 'unsure' }
  | { readonly type: 'close' }

/** `withdraw`: let nobody new come, and look who is there. `publish`: undo it. `end`: no listener. */
export type WatchdogEffect = 'withdraw' | 'publish' | 'end' | 'expire'

/** All that a transition may know besides the state and the input. */
export interface Now {
  readonly nowMs: number
  readonly graceMs: number
  /** How many are connected now, and how many leases are held now. */
  readonly clients: number
  readonly holds: number
}

type Moved = Step<WatchdogState, WatchdogEffect>
type StateOf<N> = Extract<WatchdogState, { name: N }>
type Cell<S> = (state: S, now: Now) => Moved
type Table = {
  readonly [N in WatchdogState['name']]: {
    readonly [T in WatchdogInput['type']]: Cell<StateOf<N>>
  }
}

/** A timer this much late means that we were asleep, or frozen: then our clients were, too. */
const LATE_MS = 1_000

// The moves, each named for what it does. `stay` is written out so that no pair is forgotten.

const stay = (state: WatchdogState): Moved => [state]
const toIdle = (): Moved => [{ name: 'idle' }]
const meet = (state: Before, { clients }: Now): Moved => [
  { name: 'connected', clients, before: state },
]
const more = ({ before }: StateOf<'connected'>, { clients }: Now): Moved => [
  { name: 'connected', clients, before },
]
const part = (_: unknown, now: Now): Moved =>
  now.clients > 0 ? [{ name: 'connected', clients: now.clients }] : rest(now)
const unmeet = ({ before }: StateOf<'connected'>, now: Now): Moved => {
  if (now.clients > 0) return [{ name: 'connected', clients: now.clients, before }]
  if (before?.name === 'idle') return [before]
  return before?.name === 'grace' && now.holds === 0 ? [before] : rest(now)
}
const toHeld = (): Moved => [{ name: 'held' }]
const letGo = (_: unknown, now: Now): Moved => rest(now)
const close = ({ deadlineMs }: StateOf<'grace'>, now: Now): Moved =>
  now.nowMs - deadlineMs > LATE_MS ? rest(now) : [{ name: 'closing' }, 'withdraw']
const rejoin = (_: unknown, { clients }: Now): Moved => [{ name: 'connected', clients }, 'publish']
const reHeld = (): Moved => [{ name: 'held' }, 'publish']
const again = (_: unknown, now: Now): Moved => [...rest(now), 'publish']
const fire = (): Moved => [{ name: 'fired' }, 'end', 'expire']
const toClosed = (): Moved => [{ name: 'closed' }, 'end']

// biome-ignore format: the columns are the point
const table: Table = {
  unbound:   { listening: toIdle, joined: stay,   left: stay, probe: stay,   hold: stay,   release: stay,  timeout: stay,  empty: stay, unsure: stay,  close: toClosed },
  idle:      { listening: stay,   joined: meet,   left: stay, probe: stay,   hold: stay,   release: stay,  timeout: stay,  empty: stay, unsure: stay,  close: toClosed },
  connected: { listening: stay,   joined: more,   left: part, probe: unmeet, hold: stay,   release: stay,  timeout: stay,  empty: stay, unsure: stay,  close: toClosed },
  held:      { listening: stay,   joined: meet,   left: stay, probe: stay,   hold: stay,   release: letGo, timeout: stay,  empty: stay, unsure: stay,  close: toClosed },
  grace:     { listening: stay,   joined: meet,   left: stay, probe: stay,   hold: toHeld, release: stay,  timeout: close, empty: stay, unsure: stay,  close: toClosed },
  closing:   { listening: stay,   joined: rejoin, left: stay, probe: stay,   hold: reHeld, release: stay,  timeout: stay,  empty: fire, unsure: again, close: toClosed },
  fired:     { listening: stay,   joined: stay,   left: stay, probe: stay,   hold: stay,   release: stay,  timeout: stay,  empty: stay, unsure: stay,  close: toClosed },
  closed:    { listening: stay,   joined: stay,   left: stay, probe: stay,   hold: stay,   release: stay,  timeout: stay,  empty: stay, unsure: stay,  close: stay     },
}

/** Armed, and nobody there: a lease holds it, or the grace begins. */
function rest({ nowMs, graceMs, holds }: Now): readonly [WatchdogState] {
  return holds > 0 ? [{ name: 'held' }] : [{ name: 'grace', deadlineMs: nowMs + graceMs }]
}

/** What the watchdog becomes, and what to do about it. */
export function transition(state: WatchdogState, input: WatchdogInput, now: Now): Moved {
  // TypeScript cannot see that the row was picked by this very name.
  const cell = table[state.name][input.type] as Cell<WatchdogState>
  return cell(state, now)
}
