import type { Step } from '@conductor/machine'

/**
 * Whether a session waits for somebody.
 *
 * What a program says of itself (a hook, a notification, a bell, its exit) is believed. Where it says
 * nothing, silence is a guess: a program that wrote and then stopped most likely waits. So there are two
 * ways to work and to wait: `working` and `waiting` are told, and only word from somebody ends them;
 * `active` and `quiet` are guessed, and the next output, or its absence, changes them.
 */
export type AttentionState =
  /** Nothing is known: a shell at its prompt, say. */
  | { readonly name: 'none' }
  /** Guessed: it writes, or was just typed to. At `deadlineMs` its silence is looked at. */
  | { readonly name: 'active'; readonly deadlineMs: number; readonly source: AttentionSource }
  | { readonly name: 'working'; readonly source: AttentionSource; readonly text?: string }
  /** Guessed. */
  | { readonly name: 'quiet' }
  | { readonly name: 'waiting'; readonly source: AttentionSource; readonly text?: string }
  | { readonly name: 'done'; readonly source: AttentionSource; readonly text?: string }
  | { readonly name: 'failed'; readonly source: AttentionSource; readonly text?: string }

/** Who says so. */
export type AttentionSource =
  | 'start'
  | 'input'
  | 'output'
  | 'silence'
  | 'bell'
  | 'notification'
  | 'command'
  | 'hook'
  | 'exit'

/** What a program can say of itself. */
export type Told = 'working' | 'waiting' | 'done' | 'failed'

export type AttentionInput =
  /** A program begins, in the place of the one before. */
  | { readonly type: 'started' }
  /** Somebody is at the keys. */
  | { readonly type: 'typed' }
  | { readonly type: 'output' }
  | { readonly type: 'timeout'; readonly outputAtMs: number }
  /** It asks for somebody. */
  | {
      readonly type: 'called'
      readonly source: 'bell' | 'notification'
      readonly text?: string | undefined
    }
  | { readonly type: 'commandStarted' }
  /** A shell's command. `isLong`: nobody is expected to have watched it. */
  | {
      readonly type: 'commandEnded'
      readonly isLong: boolean
      readonly ok: boolean
      readonly text?: string | undefined
    }
  | { readonly type: 'reported'; readonly state: Told; readonly text?: string | undefined }
  | { readonly type: 'exited'; readonly ok: boolean; readonly text?: string | undefined }

/** What is known of the program. */
export interface Rules {
  /** After so long without output it waits; `undefined`: silence says nothing. */
  readonly silenceMs: number | undefined
  /** Its hooks tell when it works. */
  readonly isTold: boolean
}

type Moved = Step<AttentionState, never>
type StateOf<N> = Extract<AttentionState, { name: N }>
type InputOf<T> = Extract<AttentionInput, { type: T }>
type Cell<S, I> = (state: S, input: I, rules: Rules, nowMs: number) => Moved
type Row<S> = { readonly [T in AttentionInput['type']]: Cell<S, InputOf<T>> }
type Table = { readonly [N in AttentionState['name']]: Row<StateOf<N>> }

export const NOTHING_KNOWN: AttentionState = { name: 'none' }

const nop = (state: AttentionState): Moved => [state]

function active(source: AttentionSource, deadlineMs: number): Moved {
  return [{ name: 'active', source, deadlineMs }]
}

/** An agent begins to work by itself; a shell waits for a command, which is no news. */
const begin: Row<AttentionState>['started'] = (_, __, { silenceMs }, nowMs) =>
  silenceMs === undefined ? [NOTHING_KNOWN] : active('start', nowMs + silenceMs)

/** It was given something to do. */
const resume: Row<AttentionState>['typed'] = (_, __, { silenceMs, isTold }, nowMs) => {
  if (silenceMs !== undefined) return active('input', nowMs + silenceMs)
  return [isTold ? { name: 'working', source: 'input' } : NOTHING_KNOWN]
}

const revive: Cell<StateOf<'quiet'>, InputOf<'output'>> = (state, _, { silenceMs }, nowMs) =>
  silenceMs === undefined ? [state] : active('output', nowMs + silenceMs)

const listen: Cell<StateOf<'active'>, InputOf<'timeout'>> = (state, input, rules, nowMs) => {
  if (rules.silenceMs === undefined) return [NOTHING_KNOWN]
  const deadlineMs = input.outputAtMs + rules.silenceMs
  return deadlineMs > nowMs ? [{ ...state, deadlineMs }] : [{ name: 'quiet' }]
}

const call: Row<AttentionState>['called'] = (state, { source, text }) =>
  state.name === 'waiting' && state.text === text ? [state] : [told('waiting', source, text)]

const work: Row<AttentionState>['commandStarted'] = () => [told('working', 'command')]

const settle: Row<AttentionState>['commandEnded'] = (_, { isLong, ok, text }) => [
  isLong ? told(ok ? 'done' : 'failed', 'command', text) : NOTHING_KNOWN,
]

const believe: Row<AttentionState>['reported'] = (_, { state, text }) => [told(state, 'hook', text)]

const end: Row<AttentionState>['exited'] = (_, { ok, text }) => [
  told(ok ? 'done' : 'failed', 'exit', text),
]

/** What somebody says counts, whatever was thought before. */
const word = {
  started: begin,
  called: call,
  commandStarted: work,
  commandEnded: settle,
  reported: believe,
  exited: end,
}

const table: Table = {
  none: { ...word, typed: resume, output: nop, timeout: nop },
  // `typed` moves no deadline: a timer for each key would be one too many.
  active: { ...word, typed: nop, output: nop, timeout: listen },
  working: { ...word, typed: nop, output: nop, timeout: nop },
  quiet: { ...word, typed: resume, output: revive, timeout: nop },
  waiting: { ...word, typed: resume, output: nop, timeout: nop },
  done: { ...word, typed: resume, output: nop, timeout: nop },
  failed: { ...word, typed: resume, output: nop, timeout: nop },
}

export function transition(
  state: AttentionState,
  input: AttentionInput,
  rules: Rules,
  nowMs: number,
): Moved {
  // TypeScript cannot see that the cell was picked by this very state and input.
  const cell = table[state.name][input.type] as Cell<AttentionState, AttentionInput>
  return cell(state, input, rules, nowMs)
}

function told(name: Told, source: AttentionSource, text?: string): AttentionState {
  return text === undefined ? { name, source } : { name, source, text }
}
