import type { Step } from '@conductor/machine'

/**
 * The life of a watchdog: look, and ping only if what was seen is alive.
 *
 *     waiting ─ timeout ▶ asking ─ alive ▶ pinging ─ pinged ▶ waiting
 *     asking ─ dead ▶ waiting, for a shorter time        any ─ close ▶ off, for good
 *
 * One question and one ping at a time: an answer that never comes means no ping ever again, and a
 * loop that hangs sends no timeout. Both are what systemd waits for.
 */
export type WatchdogState =
  /** The next look is at `deadlineMs`. `live` is what the last one saw; there was none at first. */
  | { readonly name: 'waiting'; readonly deadlineMs: number; readonly live: boolean | undefined }
  /** Asked `isLive` at `sinceMs`. `live` is still the answer before. */
  | { readonly name: 'asking'; readonly sinceMs: number; readonly live: boolean | undefined }
  /** The ping is on its way; `sinceMs` is when we asked. */
  | { readonly name: 'pinging'; readonly sinceMs: number; readonly live: true }
  /** Closed, or systemd asked for no pings. */
  | { readonly name: 'off' }

export type WatchdogInput =
  | { readonly type: 'timeout' }
  | { readonly type: 'alive' }
  | { readonly type: 'dead'; readonly cause?: unknown }
  | { readonly type: 'pinged' }
  | { readonly type: 'close' }

export type WatchdogEffect =
  | 'ask'
  | 'ping'
  | { readonly tell: 'alive' }
  | { readonly tell: 'dead'; readonly cause: unknown }

/** All that a transition may know besides the state and the input. */
export interface Now {
  readonly nowMs: number
  /** From look to look while all is well. */
  readonly everyMs: number
  /** From a bad look to the next: a recovery must be seen before systemd's patience ends. */
  readonly againMs: number
}

type Moved = Step<WatchdogState, WatchdogEffect>
type StateOf<N> = Extract<WatchdogState, { name: N }>
type InputOf<T> = Extract<WatchdogInput, { type: T }>
type Cell<S, I> = (state: S, input: I, now: Now) => Moved
type Table = {
  readonly [N in WatchdogState['name']]: {
    readonly [T in WatchdogInput['type']]: Cell<StateOf<N>, InputOf<T>>
  }
}

// The moves, each named for what it does. `stay` is written out so that no pair is forgotten.

const stay = (state: WatchdogState): Moved => [state]
const ask = ({ live }: StateOf<'waiting'>, _: unknown, { nowMs }: Now): Moved => [
  { name: 'asking', sinceMs: nowMs, live },
  'ask',
]
const ping = ({ sinceMs, live }: StateOf<'asking'>): Moved => [
  { name: 'pinging', sinceMs, live: true },
  'ping',
  ...(live ? [] : [{ tell: 'alive' } as const]),
]
const spare = ({ live }: StateOf<'asking'>, { cause }: InputOf<'dead'>, now: Now): Moved => [
  { name: 'waiting', deadlineMs: now.nowMs + now.againMs, live: false },
  ...(live === false ? [] : [{ tell: 'dead', cause } as const]),
]
const rest = ({ sinceMs }: StateOf<'pinging'>, _: unknown, { everyMs }: Now): Moved => [
  // From the question on: what answer and ping took is no reason to be late.
  { name: 'waiting', deadlineMs: sinceMs + everyMs, live: true },
]
const toOff = (): Moved => [{ name: 'off' }]

// biome-ignore format: the columns are the point
const table: Table = {
  waiting: { timeout: ask,  alive: stay, dead: stay,  pinged: stay, close: toOff },
  asking:  { timeout: stay, alive: ping, dead: spare, pinged: stay, close: toOff },
  pinging: { timeout: stay, alive: stay, dead: stay,  pinged: rest, close: toOff },
  off:     { timeout: stay, alive: stay, dead: stay,  pinged: stay, close: stay  },
}

/** What the watchdog becomes, and what to do about it. */
export function transition(state: WatchdogState, input: WatchdogInput, now: Now): Moved {
  // TypeScript cannot see that the row and the column were picked by these very names.
  const cell = table[state.name][input.type] as Cell<WatchdogState, WatchdogInput>
  return cell(state, input, now)
}
