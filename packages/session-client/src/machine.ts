import type { Step } from '@conductor/machine'
import type { SessionExit } from './types.ts'

// One session of one client. It waits for a connection, asks to be attached on it, is brought up to
// date, and is live until the connection is lost, which takes it back to waiting. A server that says
// "later" is asked again after a while (`deferred`), on this connection or the next. `refused` is where
// a person has to do something; `retry` is that. `ended` and `closed` are for ever. What a connection
// that is down is doing (dialling, waiting, given up) is the connection's affair: see status.ts.

export type SessionState =
  | { readonly name: 'waiting' }
  | { readonly name: 'attaching' }
  | { readonly name: 'replaying'; readonly end: number }
  | { readonly name: 'live' }
  | { readonly name: 'deferred'; readonly deadlineMs: number }
  | { readonly name: 'refused'; readonly code: number; readonly reason: string }
  | { readonly name: 'ended'; readonly exit: SessionExit }
  | { readonly name: 'closed' }

export type SessionInput =
  /** A connection is there, and this session has a channel on it. */
  | { readonly type: 'connected' }
  | { readonly type: 'lost' }
  | { readonly type: 'attached'; readonly next: number; readonly end: number }
  /** Everything before `next` was handed over. */
  | { readonly type: 'moved'; readonly next: number }
  | { readonly type: 'refused'; readonly code: number; readonly reason: string }
  /** Not now, says the server; `untilMs` is when to ask again. */
  | { readonly type: 'deferred'; readonly untilMs: number }
  /** `deferred` is over. */
  | { readonly type: 'due' }
  | { readonly type: 'retry' }
  | { readonly type: 'exit'; readonly exit: SessionExit }
  | { readonly type: 'close' }

export type SessionEffect = 'attach' | 'pump' | 'detach' | 'enlist'

type Moved = Step<SessionState, SessionEffect>
type StateOf<N> = Extract<SessionState, { name: N }>
type InputOf<T> = Extract<SessionInput, { type: T }>
type Table = {
  readonly [T in SessionInput['type']]: {
    readonly [N in SessionState['name']]: (state: StateOf<N>, input: InputOf<T>) => Moved
  }
}

const stay = (state: SessionState): Moved => [state]
const attach = (): Moved => [{ name: 'attaching' }, 'attach']
const wait = (): Moved => [{ name: 'waiting' }]
const again = (): Moved => [{ name: 'waiting' }, 'enlist']
const adopt = (_: SessionState, { next, end }: InputOf<'attached'>): Moved => [
  next < end ? { name: 'replaying', end } : { name: 'live' },
  'pump',
]
const advance = (state: StateOf<'replaying'>, { next }: InputOf<'moved'>): Moved => [
  next < state.end ? state : { name: 'live' },
]
const refuse = (_: SessionState, { code, reason }: InputOf<'refused'>): Moved => [
  { name: 'refused', code, reason },
]
const defer = (_: SessionState, { untilMs }: InputOf<'deferred'>): Moved => [
  { name: 'deferred', deadlineMs: untilMs },
]
const end = (_: SessionState, { exit }: InputOf<'exit'>): Moved => [{ name: 'ended', exit }]
const leave = (): Moved => [{ name: 'closed' }, 'detach']
const forget = (): Moved => [{ name: 'closed' }]

// biome-ignore format: the columns are the point
const table: Table = {
  //          waiting          attaching          replaying           live            deferred          refused          ended          closed
  connected: { waiting: attach, attaching: stay,   replaying: stay,    live: stay,     deferred: stay,   refused: stay,   ended: stay,   closed: stay },
  lost:      { waiting: stay,   attaching: wait,   replaying: wait,    live: wait,     deferred: wait,   refused: stay,   ended: stay,   closed: stay },
  attached:  { waiting: stay,   attaching: adopt,  replaying: stay,    live: stay,     deferred: stay,   refused: stay,   ended: stay,   closed: stay },
  moved:     { waiting: stay,   attaching: stay,   replaying: advance, live: stay,     deferred: stay,   refused: stay,   ended: stay,   closed: stay },
  deferred:  { waiting: stay,   attaching: defer,  replaying: defer,   live: defer,    deferred: stay,   refused: stay,   ended: stay,   closed: stay },
  due:       { waiting: stay,   attaching: stay,   replaying: stay,    live: stay,     deferred: again,  refused: stay,   ended: stay,   closed: stay },
  refused:   { waiting: refuse, attaching: refuse, replaying: refuse,  live: refuse,   deferred: refuse, refused: stay,   ended: stay,   closed: stay },
  retry:     { waiting: stay,   attaching: stay,   replaying: stay,    live: stay,     deferred: again,  refused: again,  ended: stay,   closed: stay },
  exit:      { waiting: stay,   attaching: stay,   replaying: end,     live: end,      deferred: stay,   refused: stay,   ended: stay,   closed: stay },
  close:     { waiting: forget, attaching: leave,  replaying: leave,   live: leave,    deferred: forget, refused: forget, ended: forget, closed: stay },
}

export function transition(state: SessionState, input: SessionInput): Moved {
  // The cell of this very state and input: TypeScript cannot follow the two keys at once.
  const cell = table[input.type][state.name] as (state: SessionState, input: SessionInput) => Moved
  return cell(state, input)
}
