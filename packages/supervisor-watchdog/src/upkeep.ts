import { type Clock, type Driver, drive, type Step } from '@conductor/machine'

/**
 * The life of something that is to be open for ever: a link, or a listener.
 *
 *     opening ─ opened ▶ open ─ lost ▶ waiting ─ timeout ▶ opening
 *     opening ─ lost ▶ waiting, twice as long each time        any ─ close ▶ closed, for good
 *
 * What is being opened, or is open, belongs to one stay in `opening` and `open`; its late callbacks
 * are the shell's to ignore.
 */
export type UpkeepState =
  /** Under way; should it fail, `delayMs` is the wait. */
  | { readonly name: 'opening'; readonly delayMs: number }
  | { readonly name: 'open' }
  /** Not open; the next try is at `deadlineMs`, and the wait after that one is `delayMs`. */
  | { readonly name: 'waiting'; readonly deadlineMs: number; readonly delayMs: number }
  | { readonly name: 'closed' }

export type UpkeepInput = 'opened' | 'lost' | 'timeout' | 'close'
export type UpkeepEffect = 'open' | 'drop'

/** The waits between tries, in milliseconds: the first, doubling to the longest. */
export interface Waits {
  readonly firstMs: number
  readonly longestMs: number
}

export interface Now extends Waits {
  readonly nowMs: number
}

type Moved = Step<UpkeepState, UpkeepEffect>
type StateOf<N> = Extract<UpkeepState, { name: N }>
type Cell<S> = (state: S, now: Now) => Moved
type Table = {
  readonly [N in UpkeepState['name']]: { readonly [I in UpkeepInput]: Cell<StateOf<N>> }
}

const stay = (state: UpkeepState): Moved => [state]
const toOpen = (): Moved => [{ name: 'open' }]
const failed = ({ delayMs }: StateOf<'opening'>, now: Now): Moved => wait(delayMs, now)
const dropped = (_: unknown, now: Now): Moved => wait(now.firstMs, now)
const open = ({ delayMs }: StateOf<'waiting'>): Moved => [{ name: 'opening', delayMs }, 'open']
const toClosed = (): Moved => [{ name: 'closed' }, 'drop']

// biome-ignore format: the columns are the point
const table: Table = {
  opening: { opened: toOpen, lost: failed,  timeout: stay, close: toClosed },
  open:    { opened: stay,   lost: dropped, timeout: stay, close: toClosed },
  waiting: { opened: stay,   lost: stay,    timeout: open, close: toClosed },
  closed:  { opened: stay,   lost: stay,    timeout: stay, close: stay     },
}

function wait(delayMs: number, { nowMs, longestMs }: Now): Moved {
  return [
    { name: 'waiting', deadlineMs: nowMs + delayMs, delayMs: Math.min(delayMs * 2, longestMs) },
    'drop',
  ]
}

/** What it becomes, and what to do about it. */
export function transition(state: UpkeepState, input: UpkeepInput, now: Now): Moved {
  // TypeScript cannot see that the row was picked by this very name.
  const cell = table[state.name][input] as Cell<UpkeepState>
  return cell(state, now)
}

/** Opens it now, and again whenever it is lost. `drop` must be able to drop what is not there. */
export function keepOpen(options: {
  readonly waits: Waits
  readonly clock: Clock
  readonly open: () => void
  readonly drop: () => void
  readonly onChange?: (state: UpkeepState) => void
}): Driver<UpkeepState, UpkeepInput> {
  const { waits, clock, onChange = () => {} } = options
  return drive<UpkeepState, UpkeepInput, UpkeepEffect>({
    // The first try is a wait of no time, so that the caller has its handle before anything happens.
    initial: { name: 'waiting', deadlineMs: clock.now(), delayMs: waits.firstMs },
    transition: (state, input, nowMs) => transition(state, input, { ...waits, nowMs }),
    timeout: 'timeout',
    perform: (effect) => options[effect](),
    onChange,
    clock,
  })
}
