import type { ProcessState } from '@conductor/process-identity'
import type { LogReader, PtySession, SessionOptions } from '@conductor/pty-session'
import type { SessionRecord } from './session-file.ts'

/** In the record of a session: the folder of its host, and its tmux; neither, when it lives in the server. */
export type Place = Pick<SessionRecord, 'hostDir' | 'tmuxSocket'>

/** What became of a session that an earlier server has left. */
export type Adopted =
  | { readonly kind: 'live'; readonly session: PtySession }
  /** Its program is gone: the state of `session` says how, and its log can be read. */
  | { readonly kind: 'ended'; readonly session: PtySession }
  /** It was being made when the server died, and nothing of it exists. */
  | { readonly kind: 'unborn' }
  /** The host does not answer and is not proved dead: try again later. */
  | { readonly kind: 'unreachable'; readonly reason: string; readonly log: LogReader | undefined }

/** Where programs run. The directory knows nothing of hosts, sockets or ptys. */
export interface SessionRuntime {
  /** Where the program of `record` will run. @throws PtySessionError `SOCKET_PATH_TOO_LONG` */
  place(record: Pick<SessionRecord, 'id' | 'durability' | 'runtime'>): Place
  /**
   * @param earlier The logs of the programs before it, which are the session's history.
   * @throws PtySessionError
   */
  create(options: SessionOptions, place: Place, earlier?: readonly string[]): Promise<PtySession>
  /** Looks for the session of `record`, for at most `withinMs`. Never throws. */
  adopt(record: SessionRecord, withinMs: number): Promise<Adopted>
  /** Whether the program of `record` still runs; without its host it may, for a moment or for good. */
  lifeOf(record: SessionRecord): ProcessState
  /** Nobody will ask about the session again: lets go of its host when that holds no other. */
  forget(id: string): void
  /** Lets go of every host. Ends nothing. */
  close(): void
}
