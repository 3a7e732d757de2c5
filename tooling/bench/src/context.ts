import type { Candidate } from './candidate.ts'
import type { Figure } from './figure.ts'
import type { NativePrograms } from './native.ts'
import type { Supervisor } from './supervision/supervisor.ts'

/** What every measurement is given. */
export interface Context {
  /** A folder that is removed at the end. */
  readonly dir: string
  readonly native: NativePrograms
  readonly rounds: number
  /** What the generator writes in one flood. */
  readonly bytes: number
  /** How often the server is killed. */
  readonly kills: number
  /** Ours first. */
  readonly candidates: readonly Candidate[]
  /** Programs that hold a pty without a WebSocket, by name: `tmux`, `dtach`. */
  readonly holders: ReadonlyMap<string, string>
  /** Ours first, then the floor; empty when nothing of them is measured. */
  readonly supervisors: readonly Supervisor[]
  /** Also what takes long. */
  readonly full: boolean
  /** Says how far it is. */
  say(text: string): void
}

/** One group of figures. */
export interface Measurement {
  readonly name: string
  /** One line: what is measured, and how. */
  readonly about: string
  run(context: Context): Promise<readonly Figure[]>
}
