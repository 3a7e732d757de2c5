import type { TerminalSize } from '../types.ts'

/**
 * Who decides the size of one terminal.
 *
 * Every viewer may bring a size. One of those who did is the owner, and the terminal has its size.
 * The first to bring one becomes it; whoever types or claims takes it over; a size of anybody else
 * is remembered and does nothing. When the owner leaves, the one that was active last gets it.
 * Without an owner the terminal keeps the size it has.
 */
export interface SizeState {
  /** In the order in which they were active, the latest last. */
  readonly voters: readonly Voter[]
  /** One of the voters with a size; `undefined` only while there is none. */
  readonly owner: ViewerId | undefined
}

export type ViewerId = number

export interface Voter {
  readonly id: ViewerId
  readonly size: TerminalSize | undefined
}

export type SizeInput =
  | { readonly type: 'joined'; readonly id: ViewerId; readonly size: TerminalSize | undefined }
  | { readonly type: 'resized'; readonly id: ViewerId; readonly size: TerminalSize }
  | { readonly type: 'claimed'; readonly id: ViewerId; readonly size: TerminalSize }
  | { readonly type: 'typed'; readonly id: ViewerId }
  | { readonly type: 'left'; readonly id: ViewerId }

type InputOf<T> = Extract<SizeInput, { type: T }>
type Move<T> = (state: SizeState, input: InputOf<T>) => SizeState
type Table = { readonly [T in SizeInput['type']]: Move<T> }

export const NO_VOTERS: SizeState = { voters: [], owner: undefined }

const join: Move<'joined'> = (state, { id, size }) =>
  settle({ ...state, voters: [...without(state, id), { id, size }] })

/** The order stays: a phone that is turned over has not been used. */
const remember: Move<'resized'> = (state, { id, size }) =>
  settle({
    ...state,
    voters: state.voters.map((each) => (each.id === id ? { id, size } : each)),
  })

const takeOver: Move<'claimed'> = (state, { id, size }) =>
  find(state, id) ? { voters: [...without(state, id), { id, size }], owner: id } : state

const follow: Move<'typed'> = (state, { id }) => {
  const voter = find(state, id)
  // The common case by far, with every key: nothing changes and nothing is allocated.
  if (!voter || (state.owner === id && state.voters.at(-1) === voter)) return state
  return { voters: [...without(state, id), voter], owner: voter.size ? id : state.owner }
}

const leave: Move<'left'> = (state, { id }) => settle({ ...state, voters: without(state, id) })

const table: Table = {
  joined: join,
  resized: remember,
  claimed: takeOver,
  typed: follow,
  left: leave,
}

export function transition(state: SizeState, input: SizeInput): SizeState {
  // TypeScript cannot see that the move was picked by this very type.
  const move = table[input.type] as Move<SizeInput['type']>
  return move(state, input)
}

/** The size that the terminal should have; `undefined` leaves it as it is. */
export function effectiveSize(state: SizeState): TerminalSize | undefined {
  return state.owner === undefined ? undefined : find(state, state.owner)?.size
}

/** Sees to it that there is an owner if there can be one. */
function settle(state: SizeState): SizeState {
  if (state.owner !== undefined && find(state, state.owner)?.size) return state
  return { ...state, owner: state.voters.findLast((each) => each.size)?.id }
}

function find(state: SizeState, id: ViewerId): Voter | undefined {
  return state.voters.find((each) => each.id === id)
}

function without(state: SizeState, id: ViewerId): Voter[] {
  return state.voters.filter((each) => each.id !== id)
}
