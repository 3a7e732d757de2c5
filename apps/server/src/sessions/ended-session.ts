import { type LogReader, type PtySession, PtySessionError } from '@conductor/pty-session'
import type { SessionRecord } from './session-file.ts'

/** Of a program that was never seen to run. It is no process's identity. */
const NOBODY: PtySession['identity'] = { pid: 0, startTime: '', bootId: '', host: '' }

export interface EndedSessionOptions {
  readonly record: SessionRecord
  readonly log: LogReader
  readonly state: Extract<PtySession['state'], { name: 'exited' | 'lost' }>
}

/** What is left of a session whose host is gone: its log, and how it ended. Nothing can be typed. */
export function createEndedSession({ record, log, state }: EndedSessionOptions): PtySession {
  const { id, pid = 0, identity } = record
  const ended = (): Promise<never> =>
    Promise.reject(new PtySessionError('ENDED', `the program of session ${id} has ended`))

  return {
    id,
    pid,
    identity: identity ?? NOBODY,
    answers: 'viewer',
    log,
    size: { cols: 80, rows: 24 },
    state,
    inputBacklogBytes: 0,
    input: ended,
    inputSeq: async () => 0,
    snapshot: async () => undefined,
    setColors: () => {},
    resize: () => {},
    signal: () => {},
    end: async () => {},
    subscribe: () => () => {},
    close: () => log.close(),
  }
}
