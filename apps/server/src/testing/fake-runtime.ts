import type { ProcessState } from '@conductor/process-identity'
import type { SessionOptions } from '@conductor/pty-session'
import type { Adopted, SessionRuntime } from '../sessions/session-runtime.ts'
import { type FakeSession, fakeSession } from './fake-session.ts'

/** A runtime without processes. */
export interface FakeRuntime extends SessionRuntime {
  /** Every session that was created, oldest first. */
  readonly sessions: readonly FakeSession[]
  readonly programs: readonly SessionOptions[]
  readonly forgotten: readonly string[]
  readonly closed: boolean
  /** Thrown by the next `create`. */
  failure: unknown
  /** What `adopt` answers. */
  adopts: (id: string) => Adopted | Promise<Adopted>
  /** What `lifeOf` answers. */
  life: ProcessState
  last(): FakeSession
}

export function fakeRuntime(): FakeRuntime {
  const sessions: FakeSession[] = []
  const programs: SessionOptions[] = []
  const forgotten: string[] = []
  let closed = false

  const runtime: FakeRuntime = {
    sessions,
    programs,
    forgotten,
    get closed() {
      return closed
    },
    failure: undefined,
    adopts: () => ({ kind: 'unborn' }),
    life: 'dead',
    lifeOf: () => runtime.life,
    last() {
      const session = sessions.at(-1)
      if (!session) throw new Error('fakeRuntime: nothing was created yet')
      return session
    },
    place: ({ id, durability, runtime: kind }) => ({
      ...(durability !== 'server' && { hostDir: `/hosts/${id}` }),
      ...(kind === 'tmux' && { tmuxSocket: '/hosts/tmux.sock' }),
    }),
    async create(program) {
      programs.push(program)
      const { failure } = runtime
      runtime.failure = undefined
      if (failure) throw failure
      const session = fakeSession(program.id)
      sessions.push(session)
      return session
    },
    adopt: async ({ id }) => runtime.adopts(id),
    forget: (id) => void forgotten.push(id),
    close() {
      closed = true
    },
  }
  return runtime
}
